-- counted: what the body read in each observation
with told as (
    select listing, observation, sum(record_count) as entities
    from raw.raw_genesys_reference
    group by listing, observation
),

unequal as (
    select told.observation
    from told
    full join counted using (listing, observation)
    where told.entities is distinct from counted.things + counted.repeated + counted.unreadable
),

days as (
    select listing, observed_on, max(observation) as observation, arg_max(things, observation) as things
    from counted
    where things > 0
    group by listing, observed_on
),

staged as (
    select listing, observed_on, max(observation) as observation, count(*) filter (is_listed) as things
    from aside
    group by listing, observed_on
),

differing as (
    select observed_on
    from days
    full join staged using (listing, observed_on)
    where (days.observation, days.things) is distinct from (staged.observation, staged.things)
)

select
    (select count(*) from unequal) = 0 and (select count(*) from differing) = 0 as holds,
    coalesce((select sum(entities) from told), 0) as entities_told,
    coalesce(sum(things), 0) as things,
    coalesce(sum(repeated), 0) as repeated,
    coalesce(sum(unreadable), 0) as unreadable,
    coalesce(sum(odd_values), 0) as odd_values,
    (select count(*) from differing) as days_differing
from counted

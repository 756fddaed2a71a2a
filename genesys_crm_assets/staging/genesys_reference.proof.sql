-- counted: of each observation what the body read in it, or nulls where its day is kept; kept_days: what stood of those days
with told as (
    select listing, observation, sum(record_count) as entities
    from raw.raw_genesys_reference
    group by listing, observation
),

compared as (
    select told.observation as told, counted.observation as counted, counted.is_kept, told.entities,
        counted.things + counted.repeated + counted.unreadable as found
    from told
    full join counted using (listing, observation)
),

days as (
    select listing, observed_on, max(observation) as observation, arg_max(things, observation) as things
    from counted
    where things > 0
    group by listing, observed_on
    union all
    select listing, observed_on, observation, things from kept_days
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
    (select count(*) from compared where told is null or counted is null or (not is_kept and entities is distinct from found)) = 0
        and (select count(*) from differing) = 0 as holds,
    coalesce((select sum(entities) from compared where not is_kept), 0) as entities_told,
    coalesce(sum(things), 0) as things,
    coalesce(sum(repeated), 0) as repeated,
    coalesce(sum(unreadable), 0) as unreadable,
    coalesce(sum(odd_values), 0) as odd_values,
    (select count(*) from differing) as days_differing,
    count(*) filter (is_kept) as observations_kept
from counted

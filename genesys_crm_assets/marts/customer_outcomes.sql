with horizon as (
    select
        cast(settings.start_date as timestamp) as opens_at,
        max(data_status.day_utc) + interval 1 day - interval 1 millisecond as last_moment,
        settings.reporting_timezone as zone,
        settings.won_opportunity_stages as won_stages,
        settings.closed_opportunity_stages as closed_stages
    from audit.data_status as data_status
    cross join audit.settings as settings
    where data_status.is_final
    group by all
),

months as (
    select min(starts_at_utc) as begins_at, max(ends_at_utc) as ends_at
    from dimensions.dim_date
    group by year, month
),

-- Times have milliseconds, so the last one of a month stands for its end: half-open versions and the month itself agree on it.
month_ends as (
    select least(horizon.last_moment, months.ends_at - interval 1 millisecond) as moment
    from months
    join horizon on months.begins_at <= horizon.last_moment and months.ends_at > horizon.opens_at
),

living_cases as (
    select case_id, created_at, closed_at from dimensions.dim_salesforce_case where is_current
),

case_turns as (
    select 'case created' as what, case_id, created_at as moment, cast(null as double) as figure from living_cases
    union all
    select 'case closed', case_id, closed_at, (epoch_ms(closed_at) - epoch_ms(created_at)) / 3600000
    from living_cases
    where closed_at is not null
),

stages as (
    select
        opportunities.opportunity_id, opportunities.account_id, opportunities.amount, opportunities.valid_from,
        coalesce(opportunities.valid_to, timestamp 'infinity') as ends_at, horizon.last_moment,
        coalesce(list_contains(horizon.won_stages, opportunities.stage_name), false) as is_won,
        coalesce(list_contains(horizon.closed_stages, opportunities.stage_name), false) as is_closed
    from dimensions.dim_salesforce_opportunity as opportunities
    join horizon on opportunities.valid_from <= horizon.last_moment
),

-- A win that was undone since, by another stage or by deletion, is none; of several the last counts.
judged as (
    select
        opportunity_id, account_id, amount, valid_from,
        is_won and not lag(is_won, 1, false) over (partition by opportunity_id order by valid_from) as is_win,
        bool_or(is_won and ends_at > last_moment) over (partition by opportunity_id) as is_won_still
    from stages
),

wins as (
    select account_id, amount, valid_from as moment
    from judged
    where is_win and is_won_still
    qualify row_number() over (partition by opportunity_id order by valid_from desc) = 1
),

of_accounts as (
    select case_turns.what, versions.account_id, case_turns.moment, case_turns.figure
    from case_turns
    asof left join dimensions.dim_salesforce_case as versions
        on versions.case_id = case_turns.case_id and versions.valid_from <= case_turns.moment
    union all
    select 'opportunity won', account_id, moment, amount from wins
    union all
    select 'opportunity open', stages.account_id, month_ends.moment, stages.amount
    from stages
    join month_ends on stages.valid_from <= month_ends.moment and stages.ends_at > month_ends.moment
    where not stages.is_closed
),

-- The last version begun by then, so of a deleted account its last; of an account younger than that its first.
tiers as (
    select
        account_id, customer_tier,
        if(lag(valid_from) over (partition by account_id order by valid_from) is null, timestamp '-infinity', valid_from) as valid_from
    from dimensions.dim_salesforce_account
),

outcomes as (
    select of_accounts.what, coalesce(tiers.customer_tier, 'Unknown') as customer_tier, of_accounts.moment, of_accounts.figure
    from of_accounts
    asof left join tiers on tiers.account_id = of_accounts.account_id and tiers.valid_from <= of_accounts.moment
    union all
    select 'contact', customer_tier_at_interaction, interaction_timestamp_utc, csat_score
    from marts.unified_interactions
    where link_method is not null
),

counted as (
    select
        outcomes.customer_tier,
        cast(date_trunc('month', (outcomes.moment at time zone 'UTC') at time zone horizon.zone) as date) as month,
        count(*) filter (where what = 'contact') as contacts,
        count(*) filter (where what = 'case created') as cases_created,
        count(*) filter (where what = 'case closed') as cases_closed,
        median(figure) filter (where what = 'case closed') as median_hours_to_close,
        avg(figure) filter (where what = 'contact') as csat_score,
        coalesce(sum(figure) filter (where what = 'opportunity won'), 0) as revenue,
        coalesce(sum(figure) filter (where what = 'opportunity open'), 0) as pipeline
    from outcomes
    join horizon on outcomes.moment between horizon.opens_at and horizon.last_moment
    group by all
),

answered as (
    select
        customer_tier, month, contacts,
        if(list_contains(sources_absent, 'cases'), null, cases_created) as cases_created,
        if(list_contains(sources_absent, 'cases'), null, cases_closed) as cases_closed,
        cases_closed / nullif(cases_created, 0) as case_resolution_rate,
        median_hours_to_close, csat_score,
        if(list_contains(sources_absent, 'opportunities'), null, revenue) as revenue,
        if(list_contains(sources_absent, 'opportunities'), null, pipeline) as pipeline
    from counted
    cross join audit.settings
)

select
    customer_tier, month, contacts, cases_created, cases_closed, case_resolution_rate, median_hours_to_close, csat_score, revenue, pipeline
from answered
order by month, customer_tier

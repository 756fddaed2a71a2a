with interactions as (
    select * from facts.fact_customer_interactions
    union all by name
    select * from facts.fact_anonymous_interactions
),

blocked_days as (
    select data_status.day_utc
    from audit.data_status as data_status
    join audit.settings as settings on settings.null_crm_policy = 'block'
    where data_status.is_biased
),

published as (
    select interactions.* from interactions anti join blocked_days using (day_utc)
),

cases_now as (
    select distinct known.case_id, living.status, living.closed_at, living.is_escalated
    from dimensions.dim_salesforce_case as known
    join dimensions.dim_salesforce_case as living on living.case_id = known.surviving_id and living.is_current
    where known.is_current or known.is_deleted
),

account_survivors as (
    select distinct account_id, surviving_id from dimensions.dim_salesforce_account where surviving_id is not null
),

accounts_now as (
    select account_survivors.account_id, living.customer_tier, living.ltv_usd, users.name as owner
    from account_survivors
    join dimensions.dim_salesforce_account as living on living.account_id = account_survivors.surviving_id and living.is_current
    left join dimensions.dim_salesforce_user as users on users.user_id = living.owner_id and users.is_current
),

-- Each version of a case or an opportunity opens it for its account and ends it again; added up in time these turns give the counts at any
-- moment, which is linear where joining interactions with all that an account ever had is not.
open_spans as (
    select
        account_survivors.surviving_id as account_id, cases.valid_from as opened_at, least(cases.valid_to, cases.closed_at) as ended_at,
        1 as cases, 0 as opportunities
    from dimensions.dim_salesforce_case as cases
    join account_survivors using (account_id)
    where cases.closed_at is null or cases.closed_at > cases.valid_from
    union all
    select account_survivors.surviving_id, opportunities.valid_from, opportunities.valid_to, 0, 1
    from dimensions.dim_salesforce_opportunity as opportunities
    join account_survivors using (account_id)
    join audit.settings as settings
        on not coalesce(list_contains(settings.closed_opportunity_stages, opportunities.stage_name), false)
),

turns as (
    select account_id, opened_at as turned_at, cases, opportunities from open_spans
    union all
    select account_id, ended_at, -cases, -opportunities from open_spans where ended_at is not null
),

netted as (
    select account_id, turned_at, sum(cases) as cases, sum(opportunities) as opportunities
    from turns
    group by account_id, turned_at
    having sum(cases) <> 0 or sum(opportunities) <> 0
),

open_counts as (
    select
        account_id, turned_at,
        cast(sum(cases) over so_far as bigint) as open_case_count, cast(sum(opportunities) over so_far as bigint) as open_opportunity_count
    from netted
    window so_far as (partition by account_id order by turned_at)
),

-- The first name a listing tells is the name before it, too: what it showed had been there before anybody looked (§6.4).
queue_names as (
    select queue_id, name, if(valid_from = min(valid_from) over (partition by queue_id), timestamp '-infinity', valid_from) as known_from
    from dimensions.dim_genesys_queue
),

agent_names as (
    select agent_id, name, if(valid_from = min(valid_from) over (partition by agent_id), timestamp '-infinity', valid_from) as known_from
    from dimensions.dim_genesys_agent
),

precisions as (
    select blind_case_match_rule as case_match_rule, sum(agreeing) / sum(told_cases) as link_precision
    from audit.link_expectation
    where blind_case_match_rule is not null
    group by blind_case_match_rule
    having sum(told_cases) >= 30
),

unified as (
    select
        published.* exclude (loaded_at, run_id) replace (
            case
                when settings.escalated_case_field is not null and published.case_id is not null then cases_now.is_escalated
                else published.was_escalated
            end as was_escalated
        ),
        published.interaction_id as conversation_id,
        published.interaction_timestamp_utc as conversation_start,
        published.interaction_end_utc as conversation_end,
        (published.interaction_timestamp_utc at time zone 'UTC') at time zone settings.reporting_timezone as interaction_timestamp_local,

        first_queue.name as queue_name,
        last_queue.name as last_queue_name,
        agent_names.name as agent_name,
        published.wrap_up_time_ms as acw_time_ms,
        coalesce(wrapup_codes.name, published.disposition_code, 'Unanswered/Abandoned') as disposition_label,

        coalesce(published.customer_tier, 'Unknown') as customer_tier_at_interaction,
        coalesce(accounts_now.customer_tier, 'Unknown') as customer_tier_current,
        accounts_now.owner as account_owner_current,
        accounts_now.ltv_usd,
        cases_now.status as case_status_current,
        cases_now.closed_at as case_closed_at_current,
        case
            when published.account_id is not null and not list_contains(settings.sources_absent, 'opportunities')
                then coalesce(open_counts.open_opportunity_count, 0)
        end as open_opportunity_count,
        case
            when published.account_id is not null and not list_contains(settings.sources_absent, 'cases')
                then coalesce(open_counts.open_case_count, 0)
        end as open_case_count,

        precisions.link_precision,
        settings.genesys_app_url || '/directory/#/engage/admin/interactions/' || published.interaction_id as genesys_url,
        settings.salesforce_url || '/lightning/r/Case/' || published.case_id || '/view' as case_url,
        published.loaded_at as etl_loaded_at
    from published
    cross join audit.settings as settings
    asof left join open_counts
        on open_counts.account_id = published.account_id and open_counts.turned_at <= published.interaction_timestamp_utc
    asof left join queue_names as first_queue
        on first_queue.queue_id = published.queue_id and first_queue.known_from <= published.interaction_timestamp_utc
    asof left join queue_names as last_queue
        on last_queue.queue_id = published.last_queue_id and last_queue.known_from <= published.interaction_timestamp_utc
    asof left join agent_names
        on agent_names.agent_id = published.agent_id and agent_names.known_from <= published.interaction_timestamp_utc
    left join dimensions.dim_genesys_wrapup_code as wrapup_codes on wrapup_codes.wrapup_code_id = published.disposition_code
    left join cases_now on cases_now.case_id = published.case_id
    left join accounts_now on accounts_now.account_id = published.account_id
    left join precisions on precisions.case_match_rule = published.case_match_rule
)

select * from unified

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

-- Each version of a case opens it for its account and closes it again; added up in time these turns give the count at any moment,
-- which is linear where joining interactions with an account's cases is not.
open_spans as (
    select account_survivors.surviving_id as account_id, cases.valid_from as opened_at, least(cases.valid_to, cases.closed_at) as ended_at
    from dimensions.dim_salesforce_case as cases
    join account_survivors using (account_id)
    where cases.closed_at is null or cases.closed_at > cases.valid_from
),

turns as (
    select account_id, opened_at as turned_at, 1 as change from open_spans
    union all
    select account_id, ended_at, -1 from open_spans where ended_at is not null
),

netted as (
    select account_id, turned_at, sum(change) as change from turns group by account_id, turned_at having sum(change) <> 0
),

open_cases as (
    select account_id, turned_at, sum(change) over (partition by account_id order by turned_at) as open_case_count from netted
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

        cast(null as varchar) as queue_name,
        cast(null as varchar) as last_queue_name,
        cast(null as varchar) as agent_name,
        published.wrap_up_time_ms as acw_time_ms,
        coalesce(published.disposition_code, 'Unanswered/Abandoned') as disposition_label,

        coalesce(published.customer_tier, 'Unknown') as customer_tier_at_interaction,
        coalesce(accounts_now.customer_tier, 'Unknown') as customer_tier_current,
        accounts_now.owner as account_owner_current,
        accounts_now.ltv_usd,
        cases_now.status as case_status_current,
        cases_now.closed_at as case_closed_at_current,
        cast(null as bigint) as open_opportunity_count,
        case
            when published.account_id is not null and not list_contains(settings.sources_absent, 'cases')
                then cast(coalesce(open_cases.open_case_count, 0) as bigint)
        end as open_case_count,

        precisions.link_precision,
        settings.genesys_app_url || '/directory/#/engage/admin/interactions/' || published.interaction_id as genesys_url,
        settings.salesforce_url || '/lightning/r/Case/' || published.case_id || '/view' as case_url,
        published.loaded_at as etl_loaded_at
    from published
    cross join audit.settings as settings
    asof left join open_cases
        on open_cases.account_id = published.account_id and open_cases.turned_at <= published.interaction_timestamp_utc
    left join cases_now on cases_now.case_id = published.case_id
    left join accounts_now on accounts_now.account_id = published.account_id
    left join precisions on precisions.case_match_rule = published.case_match_rule
)

select * from unified

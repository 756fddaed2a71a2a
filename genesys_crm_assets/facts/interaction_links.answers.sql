with answers as (
    select
        interactions.*,
        coalesce(told_cases.holds and list_contains(settings.match_rules, 'case_attribute'), false) as told_case_holds,
        told_cases.is_known as told_case_is_known,
        told_cases.case_id as told_case_id,
        told_cases.created_ms as told_created_ms,
        told_cases.contact_id as told_case_contact_id,
        told_cases.account_id as told_case_account_id,
        told_cases.contradicted_by,
        customers.link_method as blind_link_method,
        customers.contact_id as blind_contact_id,
        customers.customer_id as blind_customer_id,
        customers.ambiguous_methods,
        coalesce(blind_cases.candidates, 0) as match_candidates,
        coalesce(blind_cases.customer_cases, 0) as customer_cases,
        blind_cases.case_match_rule as blind_case_match_rule,
        blind_cases.case_id as blind_case_id,
        blind_cases.account_id as blind_case_account_id,
        blind_cases.created_ms as blind_created_ms,
        blind_cases.nearest_case_id,
        blind_cases.nearest_created_ms
    from interactions
    cross join audit.settings as settings
    left join told_cases using (interaction_id)
    left join customers using (interaction_id)
    left join blind_cases using (interaction_id)
),

-- Of the told case and the blind answer exactly one speaks: columns are never mixed between the two.
spoken as (
    select
        *,
        case when told_case_holds then 'case_attribute' else blind_link_method end as link_method,
        case when told_case_holds then 'case_attribute' else blind_case_match_rule end as case_match_rule,
        case when told_case_holds then told_case_id else blind_case_id end as case_id,
        case when told_case_holds then told_created_ms else blind_created_ms end as created_ms,
        case when told_case_holds then told_case_contact_id else blind_contact_id end as contact_id,
        case when told_case_holds then told_case_account_id else blind_case_account_id end as account_of_case
    from answers
)

select
    spoken.*,
    coalesce(contacts.account_id, spoken.account_of_case, accounts.resolved_id) as account_id
from spoken
left join contacts on contacts.contact_id = spoken.contact_id
left join accounts on accounts.account_id = spoken.crm_account_id

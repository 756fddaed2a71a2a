with absent_sources as (
    select list_contains(sources_absent, 'contacts') as contacts, list_contains(sources_absent, 'accounts') as accounts
    from audit.settings
),

known as (
    select case_id, max(surviving_id) as surviving_id
    from dimensions.dim_salesforce_case
    where case_id in (select crm_case_id from interactions)
    group by case_id
),

resolved as (
    select
        known.case_id as told_case_id,
        living.case_id,
        epoch_ms(living.created_at) as created_ms,
        contacts.resolved_id as contact_id,
        accounts.resolved_id as account_id,
        case when absent_sources.accounts then living.account_id else accounts.resolved_id end as named_account_id,
        -- A parent nobody knows was given all the same, also where its whole source is absent.
        living.contact_id is not null and contacts.contact_id is null and not absent_sources.contacts as has_unknown_contact,
        living.account_id is not null and accounts.account_id is null and not absent_sources.accounts as has_unknown_account,
        living.contact_id is not null or living.account_id is not null as has_parents
    from known
    cross join absent_sources
    left join dimensions.dim_salesforce_case as living on living.case_id = known.surviving_id and living.is_current
    left join contacts on contacts.contact_id = living.contact_id
    left join accounts on accounts.account_id = living.account_id
),

parties as (
    select
        interactions.interaction_id,
        interactions.crm_case_id,
        told_contact.resolved_id as contact_id,
        told_contact.named_account_id as account_of_contact,
        told_external.resolved_id as external_contact_id,
        told_external.named_account_id as account_of_external_contact,
        told_account.resolved_id as account_id
    from interactions
    left join contacts as told_contact on told_contact.contact_id = interactions.crm_contact_id
    left join external_contacts using (external_contact_id)
    left join contacts as told_external on told_external.contact_id = external_contacts.contact_id
    left join accounts as told_account on told_account.account_id = interactions.crm_account_id
    where interactions.crm_case_id is not null
),

opposed as (
    select
        parties.interaction_id,
        resolved.told_case_id is not null as is_known,
        resolved.case_id,
        resolved.created_ms,
        resolved.account_id,
        coalesce(resolved.contact_id, parties.contact_id, parties.external_contact_id) as contact_id,
        resolved.has_parents,
        resolved.has_unknown_contact or resolved.has_unknown_account as has_unknown_parent,
        parties.contact_id is not null
            and not coalesce(parties.contact_id = resolved.contact_id, false)
            and not coalesce(parties.account_of_contact = resolved.named_account_id, false) as is_of_other_contact,
        parties.external_contact_id is not null
            and not coalesce(parties.external_contact_id = resolved.contact_id, false)
            and not coalesce(parties.account_of_external_contact = resolved.named_account_id, false) as is_of_other_external_contact,
        parties.account_id is not null and not coalesce(parties.account_id = resolved.account_id, false) as is_of_other_account
    from parties
    left join resolved on resolved.told_case_id = parties.crm_case_id
),

judged as (
    select
        *,
        concat_ws(
            ', ',
            case when has_unknown_parent then 'unknown parent' end,
            case when has_parents and is_of_other_contact then 'contact' end,
            case when has_parents and is_of_other_external_contact then 'external contact' end,
            case when has_parents and is_of_other_account then 'account' end
        ) as contradicted_by
    from opposed
)

select
    interaction_id,
    is_known,
    case_id,
    created_ms,
    contact_id,
    account_id,
    case when case_id is not null then nullif(contradicted_by, '') end as contradicted_by,
    case_id is not null and contradicted_by = '' as holds
from judged

with unknown as (
    select
        answers.interaction_id,
        answers.crm_case_id is not null and not coalesce(answers.told_case_is_known, false) as has_unknown_case,
        answers.crm_contact_id is not null and contacts.contact_id is null as has_unknown_contact,
        external_contacts.contact_id is not null and external_known.contact_id is null as has_unknown_external,
        answers.crm_account_id is not null and accounts.account_id is null as has_unknown_account,
        external_contacts.contact_id as external_names
    from answers
    left join external_contacts using (external_contact_id)
    left join contacts on contacts.contact_id = answers.crm_contact_id
    left join contacts as external_known on external_known.contact_id = external_contacts.contact_id
    left join accounts on accounts.account_id = answers.crm_account_id
),

told_unknown as (
    select
        unknown.interaction_id,
        case
            when has_unknown_case then answers.crm_case_id
            when has_unknown_contact then answers.crm_contact_id
            when has_unknown_external then external_names
            when has_unknown_account then answers.crm_account_id
        end as told_id,
        concat_ws(
            ', ',
            case when has_unknown_case then 'case' end,
            case when has_unknown_contact then 'contact' end,
            case when has_unknown_external then 'external contact' end,
            case when has_unknown_account then 'account' end
        ) as kinds
    from unknown
    join answers using (interaction_id)
),

reasoned as (
    select
        answers.*,
        list_filter(
            [
                case when case_id is null and customer_cases > 0
                    then struct_pack(reason := 'no_case_in_window', told_id := cast(null as varchar), detail := customer_cases || ' live cases') end,
                case when case_id is null and blind_customer_id is not null and customer_cases = 0
                    then struct_pack(reason := 'customer_without_case', told_id := null, detail := 'customer by ' || blind_link_method) end,
                case when told_unknown.told_id is not null
                    then struct_pack(reason := 'unknown_crm_id', told_id := told_unknown.told_id, detail := told_unknown.kinds) end,
                case when contradicted_by is not null
                    then struct_pack(reason := 'relationship_mismatch', told_id := crm_case_id, detail := contradicted_by) end,
                case when ambiguous_methods is not null and not told_case_holds
                    then struct_pack(reason := 'ambiguous_identity', told_id := null, detail := ambiguous_methods) end
            ],
            lambda one: one is not null
        ) as reasons
    from answers
    join told_unknown using (interaction_id)
)

select
    interaction_id,
    crm_case_id,
    crm_contact_id,
    external_contact_id,
    crm_account_id,
    link_method,
    case_match_rule,
    created_ms - start_ms as match_offset_ms,
    match_candidates,
    coalesce(contact_id, account_id) as crm_customer_key,
    case_id,
    contact_id,
    account_id,
    blind_link_method,
    blind_case_match_rule,
    blind_case_id,
    case when case_id is null then nearest_case_id end as nearest_case_id,
    case when case_id is null then nearest_created_ms - start_ms end as nearest_case_offset_ms,
    reasons
from reasoned

with described as (
    select
        interactions.*,

        linked.link_method,
        linked.case_match_rule,
        linked.match_offset_ms,
        linked.match_candidates,
        linked.crm_customer_key,
        linked.case_id,
        case_versions.case_number,
        linked.account_id,
        linked.contact_id,
        case_versions.version_key as case_version_key,
        account_versions.version_key as account_version_key,
        contact_versions.version_key as contact_version_key,

        case_versions.status as case_status,
        case_versions.priority as case_priority,
        case_versions.type as case_category,
        case_versions.created_at as case_created_at,
        case when case_versions.closed_at <= linked.begun_at then case_versions.closed_at end as case_closed_at,
        account_versions.name as account_name,
        account_versions.industry,
        account_versions.customer_tier,
        owner_versions.name as account_owner,
        contact_versions.email as contact_email,
        contact_versions.phone as contact_phone
    from interactions
    join linked using (interaction_id)
    left join case_versions using (interaction_id)
    left join account_versions using (interaction_id)
    left join contact_versions using (interaction_id)
    left join owner_versions using (interaction_id)
)

select * from described

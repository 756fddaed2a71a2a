with linked as (
    select
        interactions.interaction_id,
        interactions.interaction_timestamp_utc as begun_at,
        links.link_method,
        links.case_match_rule,
        links.match_offset_ms,
        links.match_candidates,
        links.crm_customer_key,
        links.case_id,
        links.account_id,
        links.contact_id
    from interactions
    join facts.interaction_links as links using (interaction_id)
    where links.link_method is not null
)

select * from linked

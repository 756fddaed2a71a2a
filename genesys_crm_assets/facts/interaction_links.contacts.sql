with known as (
    select contact_id, max(surviving_id) as surviving_id
    from dimensions.dim_salesforce_contact
    group by contact_id
),

resolved as (
    select
        known.contact_id,
        living.contact_id as resolved_id,
        accounts.resolved_id as account_id,
        -- Where Accounts cannot be read, ids as named still say who belongs together.
        case when list_contains(settings.sources_absent, 'accounts') then living.account_id else accounts.resolved_id end as named_account_id
    from known
    cross join audit.settings as settings
    left join dimensions.dim_salesforce_contact as living
        on living.contact_id = known.surviving_id and living.is_current
    left join accounts on accounts.account_id = living.account_id
)

select contact_id, resolved_id, account_id, named_account_id from resolved

with known as (
    select contact_id, max(surviving_id) as surviving_id
    from dimensions.dim_salesforce_contact
    group by contact_id
),

resolved as (
    select known.contact_id, living.contact_id as resolved_id, accounts.resolved_id as account_id
    from known
    left join dimensions.dim_salesforce_contact as living
        on living.contact_id = known.surviving_id and living.is_current
    left join accounts on accounts.account_id = living.account_id
)

select contact_id, resolved_id, account_id from resolved

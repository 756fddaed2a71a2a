with known as (
    select account_id, max(surviving_id) as surviving_id
    from dimensions.dim_salesforce_account
    group by account_id
),

resolved as (
    select known.account_id, living.account_id as resolved_id
    from known
    left join dimensions.dim_salesforce_account as living
        on living.account_id = known.surviving_id and living.is_current
)

select account_id, resolved_id from resolved

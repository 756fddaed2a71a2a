with wanted as (
    select distinct customer_id from customers where customer_id is not null
),

-- Contacts and accounts that were merged since: their cases are the survivor's.
parents as (
    select contact_id as parent_id, resolved_id as customer_id from contacts
    union all
    select account_id, resolved_id from accounts
),

wanted_parents as (
    select parents.parent_id, parents.customer_id from parents semi join wanted using (customer_id)
),

reach as (
    select make_timestamp_ms(min(from_ms)) as from_at, make_timestamp_ms(max(until_ms)) as until_at from interactions
),

touches as (
    select history.record_id as case_id, list(epoch_ms(history.created_at)) as touches_ms
    from staging.staging_salesforce_field_history as history
    join reach on history.created_at between reach.from_at and reach.until_at
    where history.object = 'Case' and (history.old_value is not null or history.new_value is not null)
    group by history.record_id
),

-- An org may keep the Cases it merged away: those are not deleted, but live on in another.
living as (
    select case_id, contact_id, account_id, created_at, closed_at
    from dimensions.dim_salesforce_case
    where is_current and surviving_id = case_id
),

of_customers as (
    select wanted_parents.customer_id, living.* from living join wanted_parents on wanted_parents.parent_id = living.contact_id
    union all
    select wanted_parents.customer_id, living.* from living join wanted_parents on wanted_parents.parent_id = living.account_id
)

select
    of_customers.customer_id,
    of_customers.case_id,
    accounts.resolved_id as account_id,
    epoch_ms(of_customers.created_at) as created_ms,
    epoch_ms(of_customers.closed_at) as closed_ms,
    touches.touches_ms
from of_customers
left join accounts on accounts.account_id = of_customers.account_id
left join touches on touches.case_id = of_customers.case_id

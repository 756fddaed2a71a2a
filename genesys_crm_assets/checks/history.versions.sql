with carried as (
    select interaction_id, 'case' as dimension, case_version_key as version_key from facts.fact_customer_interactions
    union all
    select interaction_id, 'account', account_version_key from facts.fact_customer_interactions
    union all
    select interaction_id, 'contact', contact_version_key from facts.fact_customer_interactions
),

versions as (
    select version_key from dimensions.dim_salesforce_case
    union all
    select version_key from dimensions.dim_salesforce_account
    union all
    select version_key from dimensions.dim_salesforce_contact
),

lost as (
    select carried.dimension, carried.interaction_id
    from carried
    anti join versions on versions.version_key = carried.version_key
    where carried.version_key is not null
)

select * from lost

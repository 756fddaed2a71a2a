-- the tellings of Accounts in the words that all histories share.
select
    'Account' as object, account_id as record_id, system_modstamp, received_at, record_sha256, created_at, is_deleted, master_record_id,
    [
        {field: 'name', value: name},
        {field: 'owner_id', value: owner_id},
        {field: 'customer_tier', value: customer_tier},
        {field: 'industry', value: industry}
    ] as tracked,
    {annual_revenue: annual_revenue, ltv_usd: ltv_usd} as others
from staging.staging_salesforce_accounts

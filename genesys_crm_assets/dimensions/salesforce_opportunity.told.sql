-- the tellings of Opportunities in the words that all histories share, numbers and dates as text; Salesforce merges no Opportunities.
select
    'Opportunity' as object, opportunity_id as record_id, system_modstamp, received_at, record_sha256, created_at, is_deleted,
    cast(null as varchar) as master_record_id,
    [
        {field: 'stage_name', value: stage_name},
        {field: 'amount', value: cast(amount as varchar)},
        {field: 'close_date', value: cast(close_date as varchar)},
        {field: 'owner_id', value: owner_id},
        {field: 'account_id', value: account_id}
    ] as tracked,
    null as others
from staging.staging_salesforce_opportunities

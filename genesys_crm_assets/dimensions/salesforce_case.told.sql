-- the tellings of Cases in the words that all histories share.
select
    'Case' as object, case_id as record_id, system_modstamp, received_at, record_sha256, created_at, is_deleted, master_record_id,
    [
        {field: 'status', value: status},
        {field: 'priority', value: priority},
        {field: 'type', value: type},
        {field: 'owner_id', value: owner_id},
        {field: 'contact_id', value: contact_id},
        {field: 'account_id', value: account_id}
    ] as tracked,
    {case_number: case_number, origin: origin, closed_at: closed_at, is_escalated: is_escalated} as others
from staging.staging_salesforce_cases

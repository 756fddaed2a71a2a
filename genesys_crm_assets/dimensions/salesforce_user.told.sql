-- the tellings of Users in the words that all histories share; Salesforce deletes and merges no User.
select
    'User' as object, user_id as record_id, system_modstamp, received_at, record_sha256, created_at,
    false as is_deleted, cast(null as varchar) as master_record_id,
    [
        {field: 'name', value: name},
        {field: 'is_active', value: cast(is_active as varchar)}
    ] as tracked,
    null as others
from staging.staging_salesforce_users

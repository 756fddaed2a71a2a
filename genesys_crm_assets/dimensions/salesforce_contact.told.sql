-- the tellings of Contacts in the words that all histories share.
select
    'Contact' as object, contact_id as record_id, system_modstamp, received_at, record_sha256, created_at, is_deleted, master_record_id,
    [
        {field: 'account_id', value: account_id},
        {field: 'owner_id', value: owner_id},
        {field: 'email', value: email},
        {field: 'phone', value: phone}
    ] as tracked,
    {phones: phones, emails: emails} as others
from staging.staging_salesforce_contacts

select
    version_key, record_id as contact_id,
    tracked['account_id'] as account_id, tracked['owner_id'] as owner_id, tracked['email'] as email, tracked['phone'] as phone,
    others.phones, others.emails,
    valid_from, valid_to, is_current, change_source, created_at, is_deleted, surviving_id
from versions

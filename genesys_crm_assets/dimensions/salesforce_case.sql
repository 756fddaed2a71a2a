select
    version_key, record_id as case_id,
    tracked['status'] as status, tracked['priority'] as priority, tracked['type'] as type,
    tracked['owner_id'] as owner_id, tracked['contact_id'] as contact_id, tracked['account_id'] as account_id,
    others.case_number, others.origin, others.closed_at, others.is_escalated,
    valid_from, valid_to, is_current, change_source, created_at, is_deleted, surviving_id
from versions

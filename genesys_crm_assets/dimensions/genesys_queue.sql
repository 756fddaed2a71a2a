select
    version_key, record_id as queue_id, tracked.name as name, tracked.division as division, tracked.is_active as is_active,
    valid_from, valid_to, is_current, change_source
from versions

select
    version_key, record_id as user_id,
    tracked['name'] as name, cast(tracked['is_active'] as boolean) as is_active,
    valid_from, valid_to, is_current, change_source, created_at, is_deleted, surviving_id
from versions

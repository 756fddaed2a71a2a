select
    version_key, record_id as opportunity_id,
    tracked['stage_name'] as stage_name, cast(tracked['amount'] as double) as amount, cast(tracked['close_date'] as date) as close_date,
    tracked['owner_id'] as owner_id, tracked['account_id'] as account_id,
    valid_from, valid_to, is_current, change_source, created_at, is_deleted, surviving_id
from versions

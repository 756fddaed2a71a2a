select
    version_key, record_id as account_id,
    tracked['name'] as name, tracked['owner_id'] as owner_id, tracked['customer_tier'] as customer_tier, tracked['industry'] as industry,
    others.annual_revenue, others.ltv_usd,
    valid_from, valid_to, is_current, change_source, created_at, is_deleted, surviving_id
from versions

select day_utc, is_final, is_reconciled, 100 * largest_variance as variance_pct, provisional_interactions, lagging_tables
from audit.data_status
order by day_utc

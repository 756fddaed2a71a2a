with counted as (
    select day_utc, count(*) as interactions, count(*) filter (where is_provisional) as provisional
    from staging.staging_genesys_metrics
    group by day_utc
),

identified as (
    select day_utc, count(*) filter (where account_id is not null) as with_account
    from facts.fact_customer_interactions
    group by day_utc
),

variances as (
    select
        day_utc, metric, statistic,
        sum(greatest(abs(source_value - our_value) - explained_late - explained_quarantined, 0)) / greatest(sum(source_value), 1) as variance
    from audit.reconciliation
    group by all
),

varied as (
    select day_utc, max(variance) as largest_variance from variances group by day_utc
),

broken_records as (
    select day_utc, count(*) as records from staging.quarantine_records group by day_utc
),

set_aside as (
    select day_utc, count(distinct interaction_id) as interactions from facts.quarantine_interactions group by day_utc
),

behind as (
    select day_utc, list(table_name order by table_name) as tables from lag group by day_utc
),

status as (
    select
        finality.day_utc,
        finality.is_over,
        finality.is_final,
        finality.crm_read_until,
        coalesce(counted.provisional, 0) as provisional_interactions,
        coalesce(counted.interactions, 0) as interactions,
        1 - coalesce(identified.with_account, 0) / nullif(counted.interactions, 0) as null_account_rate,
        varied.largest_variance,
        coalesce(behind.tables, []) as lagging_tables,
        coalesce(broken_records.records, 0) as quarantined_records,
        coalesce(set_aside.interactions, 0) as quarantined_interactions,
        finality.last_received_at
    from finality
    left join counted using (day_utc)
    left join identified using (day_utc)
    left join varied using (day_utc)
    left join broken_records using (day_utc)
    left join set_aside using (day_utc)
    left join behind using (day_utc)
),

judged as (
    select
        status.*,
        is_final and coalesce(null_account_rate > (select max_null_crm_rate from audit.settings), false) as is_biased,
        coalesce(largest_variance <= (select reconciliation_tolerance from audit.settings), false) as is_reconciled
    from status
)

select
    day_utc, is_over, is_final, crm_read_until, provisional_interactions, interactions, null_account_rate, is_biased,
    largest_variance, is_reconciled, lagging_tables, quarantined_records, quarantined_interactions, last_received_at
from judged

-- the largest variance of a metric and statistic on a day, before and after what is explained is taken away
with variances as (
    select
        day_utc, metric, statistic,
        sum(abs(source_value - our_value)) / greatest(sum(source_value), 1) as variance,
        sum(greatest(abs(source_value - our_value) - explained_late - explained_quarantined, 0)) / greatest(sum(source_value), 1) as unexplained
    from audit.reconciliation
    where comparison = $comparison
    group by all
)

select
    count(distinct day_utc) as days_compared,
    coalesce(max(variance), 0) as largest_variance,
    coalesce(max(unexplained), 0) as largest_unexplained,
    (select reconciliation_tolerance from audit.settings) as tolerance
from variances

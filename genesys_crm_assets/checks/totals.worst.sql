select
    day_utc, queue_id, media_type, metric, statistic, source_value, our_value, explained_late, explained_quarantined
from audit.reconciliation
where comparison = $comparison and source_value <> our_value
order by abs(source_value - our_value) - explained_late - explained_quarantined desc
limit 10

select
    day_utc, reading.is_baseline as is_baseline, reading.received_at as read_at, reading.read_until as read_until
from (
    select
        day_utc,
        unnest(from_json(value, '[{"is_baseline": "boolean", "received_at": "timestamp", "read_until": "timestamp"}]')) as reading
    from audit.papers
    where table_name = '$table' and paper = 'reads'
)

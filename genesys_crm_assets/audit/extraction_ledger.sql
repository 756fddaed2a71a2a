with pages as (
    select
        'raw_genesys_interactions' as table_name,
        day_utc, page, request, cursor, record_count, body_sha256, received_at, attempts, waited_ms, run_id
    from raw.raw_genesys_interactions
    union all
    select
        'raw_genesys_queue_totals' as table_name,
        day_utc, page, request, cursor, record_count, body_sha256, received_at, attempts, waited_ms, run_id
    from raw.raw_genesys_queue_totals
    union all
    select
        'raw_genesys_external_contacts' as table_name,
        day_utc, page, request, cursor, record_count, body_sha256, received_at, attempts, waited_ms, run_id
    from raw.raw_genesys_external_contacts
    union all
    select
        'raw_genesys_adherence' as table_name,
        day_utc, page, request, cursor, record_count, body_sha256, received_at, attempts, waited_ms, run_id
    from raw.raw_genesys_adherence
    union all
    select
        'raw_salesforce_totals' as table_name,
        day_utc, page, request, cursor, record_count, body_sha256, received_at, attempts, waited_ms, run_id
    from raw.raw_salesforce_totals
    union all
    -- Observations number their pages each from 1, and several arrive in one reading.
    select
        'raw_genesys_reference' as table_name, cast(received_at as date) as day_utc,
        row_number() over (order by observation, page) as page,
        request, cursor, record_count, body_sha256, received_at, attempts, waited_ms, run_id
    from raw.raw_genesys_reference
    union all
    select
        'raw_salesforce_releases' as table_name, cast(received_at as date) as day_utc,
        row_number() over (order by observation, page) as page,
        request, cursor, record_count, body_sha256, received_at, attempts, waited_ms, run_id
    from raw.raw_salesforce_releases
),

readings as (
    select
        table_name,
        day_utc,
        unnest(from_json(
            value,
            '[{"page": "bigint", "request": "varchar", "cursor": "varchar", "record_count": "bigint", "body_sha256": "varchar",
               "received_at": "timestamp", "attempts": "bigint", "waited_ms": "bigint", "run_id": "varchar", "is_kept": "boolean"}]'
        )) as reading
    from audit.papers
    where paper = 'reads' and (starts_with(table_name, 'raw_salesforce_') or table_name = 'raw_genesys_reference')
),

landed as (
    select * from pages
    union all
    select
        table_name, coalesce(day_utc, cast(reading.received_at as date)) as day_utc,
        reading.page, reading.request, reading.cursor, reading.record_count, reading.body_sha256,
        reading.received_at, reading.attempts, reading.waited_ms, reading.run_id
    from readings
    -- The pages of an observation that was kept are rows of its table.
    where reading.is_kept is distinct from true
)

select
    day_utc, table_name, page, request, cursor, record_count, body_sha256, received_at, attempts, waited_ms, run_id
from landed

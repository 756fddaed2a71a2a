-- the last telling of each conversation on any raw day from this one on; where asked, quarantined records stand in for what was never told
with tellings as (
    select
        conversation_id, record,
        struct_pack(
            carries_attributes := feed = 'conversation_jobs', received_at := received_at, raw_day := day_utc, page := page, position := position
        ) as standing
    from staging.staging_genesys_tellings
),

last_tellings as (
    select conversation_id, arg_max(record, standing) as record
    from tellings
    group by conversation_id
),

quarantined as (
    select conversation_id, arg_max(record, struct_pack(raw_day := day_utc, page := page, position := position)) as record
    from staging.quarantine_records
    where $quarantined
        and reason in ('end_before_start', 'starts_after_day')
        and conversation_id not in (select conversation_id from last_tellings)
        and cast($day_end as timestamp) is not null
    group by conversation_id
)

select record from last_tellings
union all
select record from quarantined

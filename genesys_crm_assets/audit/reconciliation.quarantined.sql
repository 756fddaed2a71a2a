-- the last quarantined record of each thing that was never staged; what tells no id is told apart by its bytes
with never_staged as (
    select *, coalesce(conversation_id, record_sha256) as thing
    from staging.quarantine_records
    where conversation_id is null or conversation_id not in (select conversation_id from staging.staging_genesys_tellings where start_day <= $day)
),

last_told as (
    select arg_max(record, struct_pack(raw_day := day_utc, page := page, position := position)) as record
    from never_staged
    group by thing
)

select record from last_told

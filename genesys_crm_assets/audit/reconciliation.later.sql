-- conversations of which raw days after this one told something else last: the record counted for this day, and the one that counts of all
with told as (
    select
        conversation_id,
        record_sha256,
        struct_pack(
            carries_attributes := feed = 'conversation_jobs', received_at := received_at, raw_day := day_utc, page := page, position := position
        ) as standing
    from staging.staging_genesys_tellings
    where start_day <= $day
),

last_told as (
    select
        conversation_id,
        max(standing) as standing,
        arg_max(record_sha256, standing) as record_sha256,
        max(standing) filter (where standing.raw_day = $day) as standing_then,
        arg_max(record_sha256, standing) filter (where standing.raw_day = $day) as record_sha256_then
    from told
    group by conversation_id
),

changed as (
    select * from last_told where record_sha256_then is distinct from record_sha256
),

chosen as (
    select true as counts, standing from changed
    union all
    select false as counts, standing_then as standing from changed where standing_then is not null
),

records as (
    select chosen.counts, tellings.record
    from staging.staging_genesys_tellings as tellings
    join chosen
        on tellings.day_utc = chosen.standing.raw_day
        and tellings.page = chosen.standing.page
        and tellings.position = chosen.standing.position
    where tellings.start_day <= $day
)

select record from records where counts = $counts

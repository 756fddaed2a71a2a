-- the winning telling of each conversation that began on the day, and whether a job that was complete past its raw day told the same bytes
with told as (
    select
        conversation_id,
        record_sha256,
        struct_pack(
            carries_attributes := feed = 'conversation_jobs',
            received_at := received_at,
            raw_day := day_utc,
            page := page,
            position := position
        ) as standing,
        coalesce(feed = 'conversation_jobs' and data_available_until >= day_utc + interval 1 day, false) as is_settled
    from staging.staging_genesys_tellings
    where start_day = $day
),
winners as (
    select conversation_id, max(standing) as standing, arg_max(record_sha256, standing) as record_sha256
    from told
    group by conversation_id
),
settled as (
    select distinct conversation_id, record_sha256 from told where is_settled
),
judged as (
    select
        winners.standing.raw_day as raw_day,
        winners.standing.page as page,
        winners.standing.position as position,
        settled.conversation_id is null as is_provisional
    from winners
    left join settled on settled.conversation_id = winners.conversation_id and settled.record_sha256 = winners.record_sha256
),
staged as (
    select tellings.record, tellings.record_sha256, judged.is_provisional
    from staging.staging_genesys_tellings as tellings
    join judged on tellings.day_utc = judged.raw_day and tellings.page = judged.page and tellings.position = judged.position
    where tellings.start_day = $day
)
select record, record_sha256, is_provisional
from staged

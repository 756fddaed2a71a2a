-- where the bytes stand that each conversation of the day was staged from; of several places any one will do
with told as (
    select
        tellings.conversation_id,
        min(struct_pack(raw_day := tellings.day_utc, page := tellings.page, position := tellings.position)) as place
    from staging.staging_genesys_tellings as tellings
    join staging.staging_genesys_metrics as metrics
        on metrics.conversation_id = tellings.conversation_id
        and metrics.record_sha256 = tellings.record_sha256
    where tellings.start_day = $day
    group by tellings.conversation_id
)
select conversation_id, unnest(place)
from told

-- the last stageable telling of each conversation within the raw day, whenever the conversation began
with told as (
    select
        conversation_id,
        struct_pack(
            carries_attributes := feed = 'conversation_jobs',
            received_at := received_at,
            page := page,
            position := position
        ) as standing
    from staging.staging_genesys_tellings
),
winners as (
    select conversation_id, max(standing) as standing
    from told
    group by conversation_id
),
last_told as (
    select tellings.record
    from staging.staging_genesys_tellings as tellings
    join winners on tellings.page = winners.standing.page and tellings.position = winners.standing.position
)
select record
from last_told

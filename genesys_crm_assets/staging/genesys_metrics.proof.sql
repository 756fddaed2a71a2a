with told as (
    select count(*) as tellings, count(distinct conversation_id) as conversations
    from staging.staging_genesys_tellings
    where start_day = $day
),
staged as (
    select
        count(*) as conversations,
        count(*) filter (is_provisional) as provisional,
        coalesce(sum(invalid_told_ids), 0) as invalid_told_ids
    from aside
)
select
    staged.conversations = told.conversations as holds,
    told.tellings,
    staged.conversations as rows,
    told.tellings - staged.conversations as duplicates,
    staged.provisional,
    staged.invalid_told_ids
from staged, told

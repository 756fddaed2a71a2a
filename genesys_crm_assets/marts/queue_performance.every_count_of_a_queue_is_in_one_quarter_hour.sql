with told as (
    select
        coalesce(sum("count") filter (where metric = 'nOffered'), 0) as offered,
        coalesce(sum("count") filter (where metric = 'tAnswered'), 0) as answered,
        coalesce(sum("count") filter (where metric = 'tAbandon'), 0) as abandoned
    from facts.fact_queue_activity
    where queue_id is not null
),

shown as (
    select
        coalesce(sum(offered), 0) as offered,
        coalesce(sum(answered), 0) as answered,
        coalesce(sum(abandoned), 0) as abandoned
    from aside
)

select
    (told.offered, told.answered, told.abandoned) = (shown.offered, shown.answered, shown.abandoned) as holds,
    shown.offered,
    shown.answered,
    shown.abandoned,
    told.offered + told.answered + told.abandoned - shown.offered - shown.answered - shown.abandoned as missing
from told
cross join shown

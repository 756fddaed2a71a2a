-- A queue's first name is its name before it, too: what a listing showed first had been there before anybody looked (§6.4).
with names as (
    select
        queue_id,
        name as queue_name,
        if(valid_from = min(valid_from) over (partition by queue_id), timestamp '-infinity', valid_from) as known_from
    from dimensions.dim_genesys_queue
),

performance as (
    select names.queue_name, measured.* exclude (is_of_queue, agent_id)
    from measured
    asof left join names on names.queue_id = measured.queue_id and names.known_from <= measured.interval_start_utc
    where measured.is_of_queue and measured.queue_id is not null
)

select * from performance

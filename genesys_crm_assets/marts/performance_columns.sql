-- the measures once over queues and quarter hours and once over agents: the two marts pick their rows
with tallied as (
    select
        queue_id,
        interval_start_utc,
        agent_id,
        grouping(agent_id) = 1 as is_of_queue,
        coalesce(sum("count") filter (where metric = 'nOffered'), 0) as offered,
        coalesce(sum("count") filter (where metric = 'tAnswered'), 0) as answered,
        coalesce(sum("count") filter (where metric = 'tAbandon'), 0) as abandoned,
        coalesce(sum("count") filter (where metric = 'nOverSla'), 0) as over_sla,
        coalesce(sum("count") filter (where metric = 'tHandle'), 0) as handled,
        sum("sum") filter (where metric = 'tAnswered') as answered_after_ms,
        sum("sum") filter (where metric = 'tHandle') as handled_ms
    from facts.fact_queue_activity
    group by grouping sets ((queue_id, interval_start_utc), (agent_id))
),

measured as (
    select
        queue_id,
        interval_start_utc,
        agent_id,
        is_of_queue,
        offered,
        answered,
        abandoned,
        abandoned / nullif(offered, 0) as abandon_rate,
        answered_after_ms / nullif(answered, 0) as asa_ms,
        handled_ms / nullif(handled, 0) as aht_ms,
        (answered - over_sla) / nullif(answered + abandoned, 0) as service_level
    from tallied
)

select * from measured

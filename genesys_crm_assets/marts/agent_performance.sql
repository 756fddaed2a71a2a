-- An agent's first name is the name before it, too: who was listed first had been there before anybody looked (§6.4).
with versions as (
    select
        agent_id,
        {name: name} as version,
        if(valid_from = min(valid_from) over (partition by agent_id), timestamp '-infinity', valid_from) as known_from
    from dimensions.dim_genesys_agent
),

names as (
    select agent_id, arg_max(version, known_from).name as agent_name
    from versions
    where known_from <= $day_start
    group by agent_id
),

performance as (
    select names.agent_name, measured.* exclude (is_of_queue, queue_id, interval_start_utc)
    from measured
    left join names on names.agent_id = measured.agent_id
    where not measured.is_of_queue and measured.agent_id is not null
)

select * from performance

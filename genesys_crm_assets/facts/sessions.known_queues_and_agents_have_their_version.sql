with unknown as (
    select
        count(*) filter (queue_id is not null and queue_version_key is null) as sessions_of_unlisted_queues,
        count(*) filter (user_id is not null and agent_version_key is null) as sessions_of_unlisted_agents
    from aside
),
torn as (
    select count(*) as sessions
    from aside
    where (queue_version_key is null and queue_id in (select queue_id from dimensions.dim_genesys_queue))
        or (agent_version_key is null and user_id in (select agent_id from dimensions.dim_genesys_agent))
)
select torn.sessions = 0 as holds, torn.sessions as without_version, unknown.sessions_of_unlisted_queues, unknown.sessions_of_unlisted_agents
from unknown, torn

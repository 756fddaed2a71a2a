-- of a conversation's sessions in a queue the first that asked for a skill, and of a user's the first that says a team
with queue_skills as (
    select conversation_id, queue_id, arg_min(skill_ids[1], position) as skill_id
    from facts.fact_sessions
    where queue_id is not null
    group by conversation_id, queue_id
),

session_teams as (
    select conversation_id, user_id, arg_min(team_id, position) as team_id
    from facts.fact_sessions
    where user_id is not null
    group by conversation_id, user_id
),

agents as (
    select agent_id, team_id, location_id from dimensions.dim_genesys_agent where is_current
),

details as (
    select
        unified.interaction_id as id,
        unified.interaction_timestamp_utc as created_date,
        unified.etl_loaded_at as updated_date,
        upper(unified.media_type) as channel,
        unified.queue_name,
        skills.name as skill_name,

        unified.queue_time_ms / 1000 as wait_time,
        unified.talk_time_ms / 1000 as talk_time,
        unified.wrap_up_time_ms / 1000 as wrap_up_time,
        unified.disposition_label as disposition_code,

        unified.agent_name,
        teams.name as team_name,
        locations.name as location_name,

        strftime(unified.interaction_timestamp_utc, '%Y-%m-%d %H:%M:%S') as created_date_utc,
        unified.queue_time_ms / 1000 as wait_time_sec,
        unified.talk_time_ms / 1000 as talk_time_sec
    from marts.unified_interactions as unified
    left join queue_skills on queue_skills.conversation_id = unified.interaction_id and queue_skills.queue_id = unified.queue_id
    left join dimensions.dim_genesys_skill as skills on skills.skill_id = queue_skills.skill_id
    left join session_teams on session_teams.conversation_id = unified.interaction_id and session_teams.user_id = unified.agent_id
    left join agents on agents.agent_id = unified.agent_id
    left join dimensions.dim_genesys_team as teams on teams.team_id = coalesce(session_teams.team_id, agents.team_id)
    left join dimensions.dim_genesys_location as locations on locations.location_id = agents.location_id
)

select * from details

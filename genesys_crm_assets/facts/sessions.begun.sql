with begun as (
    select
        sessions.conversation_id,
        sessions.position,
        sessions.participant_id,
        sessions.session_id,
        sessions.purpose,
        sessions.user_id,
        sessions.team_id,
        sessions.queue_id,
        sessions.skill_ids,
        sessions.media_type,
        sessions.direction,
        sessions.handle_time_ms,
        sessions.wrap_up_time_ms,
        sessions.queue_time_ms,
        sessions.talk_time_ms,
        sessions.hold_time_ms,
        metrics.conversation_start as begun_at
    from staging.staging_genesys_sessions as sessions
    join staging.staging_genesys_metrics as metrics using (conversation_id)
)

select * from begun

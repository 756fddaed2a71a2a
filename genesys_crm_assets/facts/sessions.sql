with described as (
    select
        sha256('genesys|' || begun.conversation_id) as interaction_key,
        begun.* exclude (begun_at),
        queue_versions.version_key as queue_version_key,
        agent_versions.version_key as agent_version_key
    from begun
    left join queue_versions using (conversation_id, position)
    left join agent_versions using (conversation_id, position)
)

select * from described

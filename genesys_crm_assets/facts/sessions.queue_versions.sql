with versions as (
    select
        begun.conversation_id,
        begun.position,
        dim.valid_from <= begun.begun_at as has_begun,
        struct_pack(valid_from := dim.valid_from, version_key := dim.version_key) as version
    from begun
    join dimensions.dim_genesys_queue as dim on dim.queue_id = begun.queue_id
),

-- The last that has begun is the one valid then, or the last before a deletion; a queue younger than the conversation has only its first.
chosen as (
    select conversation_id, position, coalesce(max(version) filter (where has_begun), min(version)) as version
    from versions
    group by conversation_id, position
)

select conversation_id, position, unnest(version) from chosen

with versions as (
    select
        linked.interaction_id,
        dim.valid_from <= linked.begun_at as has_begun,
        struct_pack(
            valid_from := dim.valid_from,
            version_key := dim.version_key,
            case_number := dim.case_number,
            status := dim.status,
            priority := dim.priority,
            type := dim.type,
            created_at := dim.created_at,
            closed_at := dim.closed_at
        ) as version
    from linked
    join dimensions.dim_salesforce_case as dim on dim.case_id = linked.case_id
),

-- The last that has begun is the one valid then, or the last before a deletion; a record younger than the interaction has only its first.
chosen as (
    select interaction_id, coalesce(max(version) filter (where has_begun), min(version)) as version
    from versions
    group by interaction_id
)

select interaction_id, unnest(version) from chosen

with versions as (
    select
        linked.interaction_id,
        dim.valid_from <= linked.begun_at as has_begun,
        struct_pack(
            valid_from := dim.valid_from,
            version_key := dim.version_key,
            email := dim.email,
            phone := dim.phone
        ) as version
    from linked
    join dimensions.dim_salesforce_contact as dim on dim.contact_id = linked.contact_id
),

-- The last that has begun is the one valid then, or the last before a deletion; a record younger than the interaction has only its first.
chosen as (
    select interaction_id, coalesce(max(version) filter (where has_begun), min(version)) as version
    from versions
    group by interaction_id
)

select interaction_id, unnest(version) from chosen

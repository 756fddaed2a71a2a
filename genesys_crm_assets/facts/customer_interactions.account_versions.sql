with versions as (
    select
        linked.interaction_id,
        dim.valid_from <= linked.begun_at as has_begun,
        struct_pack(
            valid_from := dim.valid_from,
            version_key := dim.version_key,
            name := dim.name,
            owner_id := dim.owner_id,
            industry := dim.industry,
            customer_tier := dim.customer_tier
        ) as version
    from linked
    join dimensions.dim_salesforce_account as dim on dim.account_id = linked.account_id
),

-- The last that has begun is the one valid then, or the last before a deletion; a record younger than the interaction has only its first.
chosen as (
    select interaction_id, coalesce(max(version) filter (where has_begun), min(version)) as version
    from versions
    group by interaction_id
)

select interaction_id, unnest(version) from chosen

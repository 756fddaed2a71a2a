with versions as (
    select
        linked.interaction_id,
        dim.valid_from <= linked.begun_at as has_begun,
        struct_pack(valid_from := dim.valid_from, name := dim.name) as version
    from linked
    join account_versions using (interaction_id)
    join dimensions.dim_salesforce_user as dim on dim.user_id = account_versions.owner_id
),

-- As for accounts: the last that has begun, else the first.
chosen as (
    select interaction_id, coalesce(max(version) filter (where has_begun), min(version)) as version
    from versions
    group by interaction_id
)

select interaction_id, unnest(version) from chosen

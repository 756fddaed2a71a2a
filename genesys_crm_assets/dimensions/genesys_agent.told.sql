-- what listings told of users, change by change; a state that is not told says nothing against them.
with turns as (
    select thing_id, unnest(states, recursive := true) from staging.staging_genesys_reference where listing = 'users'
)

select
    'Agent' as object, thing_id as record_id, observed_at, name, division,
    is_listed and coalesce(lower(state), 'active') = 'active' as is_active
from turns

with latest as (
    select thing_id as record_id, email, team_id, location_id
    from staging.staging_genesys_reference
    where listing = 'users'
    qualify row_number() over (partition by thing_id order by observed_on desc) = 1
)

select
    version_key, record_id as agent_id, tracked.name as name, tracked.division as division, tracked.is_active as is_active,
    latest.email, latest.team_id, latest.location_id, valid_from, valid_to, is_current, change_source
from versions
join latest using (record_id)

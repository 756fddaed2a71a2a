-- what the rows that are kept say last of each thing whose listing goes on
select held.listing, held.is_listed, held.thing_id, held.name, held.division, held.state, held.email, held.team_id, held.location_id
from staging.staging_genesys_reference as held
join kept_until on kept_until.listing = held.listing and held.observed_on < kept_until.until_day
where kept_until.goes_on
qualify row_number() over (partition by held.listing, held.thing_id order by held.observed_on desc) = 1

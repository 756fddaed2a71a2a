-- kept_until: of each listing the day from which on it is staged anew
select held.* exclude (loaded_at, run_id)
from staging.staging_genesys_reference as held
join kept_until on kept_until.listing = held.listing and held.observed_on < kept_until.until_day

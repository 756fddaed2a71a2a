with staged as (
    select tellings.record
    from staging.staging_genesys_tellings as tellings
    join chosen on tellings.day_utc = chosen.raw_day and tellings.page = chosen.page and tellings.position = chosen.position
    where tellings.start_day = $day
)
select record
from staged

-- what each raw day's tellings, and what was answered about whom they told, hold of each day of beginning
with told as (
    -- Not json_each: it gives each entry the whole paper beside it, half a gigabyte in a lake a year old.
    select
        table_name,
        day_utc,
        unnest(map_entries(cast(cast(starts as json) as map(date, struct(received_at varchar, digest varchar))))) as entry
    from objects
    where table_name in ('staging_genesys_tellings', 'staging_genesys_external_contacts')
)

select table_name as source, day_utc as origin, entry.key as start_day, entry.value.received_at as received_at, entry.value.digest as digest
from told
where entry.key <= day_utc

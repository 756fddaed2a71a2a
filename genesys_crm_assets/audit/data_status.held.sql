-- what each raw day's tellings hold of each day of beginning
select day_utc as origin, cast(entry.key as date) as start_day, entry.value ->> 'received_at' as received_at, entry.value ->> 'digest' as digest
from objects, json_each(coalesce(objects.starts, '{}')) as entry
where table_name = 'staging_genesys_tellings' and cast(entry.key as date) <= day_utc

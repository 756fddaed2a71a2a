-- what each raw day's tellings, and what was answered about whom they told, hold of each day of beginning
select table_name as source, day_utc as origin, cast(entry.key as date) as start_day, entry.value ->> 'received_at' as received_at, entry.value ->> 'digest' as digest
from objects, json_each(coalesce(objects.starts, '{}')) as entry
where table_name in ('staging_genesys_tellings', 'staging_genesys_external_contacts') and cast(entry.key as date) <= day_utc

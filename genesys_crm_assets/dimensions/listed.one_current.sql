with counted as (
    select
        record_id,
        count(*) filter (where is_current and valid_to is null) as current_versions,
        min(valid_from) as first_from,
        bool_or(is_active) filter (where is_current) as is_active
    from aside as version(version_key, record_id)
    group by record_id
),

wrong as (
    select counted.record_id
    from counted
    cross join audit.settings as settings
    where counted.current_versions <> 1 or counted.first_from <> cast(settings.start_date as timestamp)
)

select
    count(*) = 0 as holds,
    (select count(*) from counted where is_active) as active,
    (select count(*) from counted where not is_active) as inactive,
    array_to_string(list_sort(list(record_id))[1:10], ' ') as offenders
from wrong

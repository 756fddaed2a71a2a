with counted as (
    select record_id, bool_or(is_deleted) as is_deleted, count(*) filter (where is_current) as current_versions
    from aside as version(version_key, record_id)
    group by all
),
wrong as (
    select record_id from counted where current_versions <> if(is_deleted, 0, 1)
)
select
    count(*) = 0 as holds, (select count(*) from counted where not is_deleted) as living,
    (select count(*) from counted where is_deleted) as deleted, array_to_string(list_sort(list(record_id))[1:10], ' ') as offenders
from wrong

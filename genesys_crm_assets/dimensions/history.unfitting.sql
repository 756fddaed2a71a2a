with unfitting as (
    select distinct record_id from states where is_unfitting
)
select
    true as holds, (select count(*) from states where is_unfitting) as old_values_unfitting,
    (select count(*) from history_rows) as history_rows, array_to_string(list_sort(list(record_id))[1:10], ' ') as offenders
from unfitting

with refused as (
    select survivors.record_id, survivors.is_cycle
    from survivors
    join records using (record_id)
    where records.master_record_id is not null and survivors.surviving_id is null
)
select
    true as holds, (select count(*) from records where master_record_id is not null) as merged,
    count(*) filter (where is_cycle) as in_a_circle, count(*) filter (where not is_cycle) as survivor_gone,
    array_to_string(list_sort(list(record_id))[1:10], ' ') as offenders
from refused

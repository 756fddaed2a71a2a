with spans as (
    select record_id, valid_from, valid_to, lead(valid_from) over (partition by record_id order by valid_from) as next_from
    from aside as version(version_key, record_id)
),
overlapping as (
    select record_id from spans
    where valid_to < valid_from or (next_from is not null and (valid_to is null or valid_to > next_from or valid_from = next_from))
)
select count(*) = 0 as holds, count(*) as overlaps, array_to_string(list_sort(list(distinct record_id))[1:10], ' ') as offenders
from overlapping

with differing as (
    select coalesce(told.record_id, named.record_id) as record_id
    from (select distinct record_id from told) as told
    full join aside as named(record_id) on named.record_id = told.record_id
    where told.record_id is null or named.record_id is null
)

select
    count(*) = 0 as holds,
    (select count(distinct record_id) from told) as things,
    array_to_string(list_sort(list(record_id))[1:10], ' ') as offenders
from differing

-- whole rows are compared without what tells versions apart: all columns but the tracked ones are alike in every version of a record
with contents as (
    select
        record_id, valid_from, valid_to,
        hash(*columns(lambda name: name not in ('version_key', 'valid_from', 'valid_to', 'is_current', 'change_source'))) as content
    from aside as version(version_key, record_id)
),
neighbours as (
    select
        record_id, content is not distinct from lead(content) over following as is_same,
        valid_to = lead(valid_from) over following as is_adjacent
    from contents
    window following as (partition by record_id order by valid_from)
),
same as (
    select record_id from neighbours where is_adjacent and is_same
)
select count(*) = 0 as holds, count(*) as alike, array_to_string(list_sort(list(distinct record_id))[1:10], ' ') as offenders
from same

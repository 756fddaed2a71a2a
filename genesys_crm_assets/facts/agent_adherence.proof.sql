with told as (
    select coalesce(sum(record_count), 0) as agents from raw.raw_genesys_adherence
),
written as (
    select count(*) as agents from aside
)
select written.agents <= told.agents as holds, written.agents as rows, told.agents as told
from written, told

with told as (
    select coalesce(sum(len(reasons)), 0) as reasons from facts.interaction_links
),
written as (
    select count(*) as rows, count(distinct interaction_id) as interactions from aside
)
select written.rows = told.reasons as holds, written.rows, written.interactions
from written, told

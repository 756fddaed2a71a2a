with linked as (
    select count(*) as links
    from facts.interaction_links
    where coalesce(case_id, contact_id, account_id) is not null
),
written as (
    select count(*) as rows from aside
)
select written.rows = linked.links as holds, written.rows, linked.links
from written, linked

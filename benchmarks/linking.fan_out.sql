-- Rows that one interaction becomes: ours, and the `between` join's over the same customers' cases.
with naive as (
    select links.interaction_id, count(*) as rows
    from facts.interaction_links as links
    join staging.staging_genesys_metrics as metrics on metrics.conversation_id = links.interaction_id
    join dimensions.dim_salesforce_case as cases
        on cases.is_current
        and cases.contact_id = links.contact_id
        and metrics.conversation_start between cases.created_at and coalesce(cases.closed_at, timestamp '9999-12-31 23:59:59')
    group by links.interaction_id
),

ours as (
    select interaction_id, count(*) as rows from facts.interaction_links group by interaction_id
)

select
    (select count(*) from staging.staging_genesys_metrics) as staged,
    (select count(*) from facts.interaction_links) as links,
    (select max(rows) from ours) as most_of_one,
    (select count(*) from naive) as naive_matched,
    (select cast(sum(rows) as bigint) from naive) as naive_rows,
    (select count(*) filter (where rows > 1) from naive) as naive_doubled,
    (select max(rows) from naive) as naive_most_of_one

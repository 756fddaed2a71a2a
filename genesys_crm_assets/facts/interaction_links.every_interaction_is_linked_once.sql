with told as (
    select count(*) as staged from staging.staging_genesys_metrics
),
written as (
    select
        count(*) as links,
        count(distinct interaction_id) as interactions,
        count(*) filter (case_id is not null) as with_case,
        count(*) filter (link_method is null) as anonymous
    from aside
)
select
    written.links = told.staged and written.links = written.interactions as holds,
    written.links,
    told.staged,
    written.with_case,
    written.anonymous
from written, told

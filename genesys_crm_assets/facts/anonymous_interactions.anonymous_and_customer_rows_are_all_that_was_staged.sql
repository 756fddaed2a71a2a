with linked as (
    select count(*) as of_customers from facts.interaction_links where link_method is not null
),
told as (
    select count(*) as staged from staging.staging_genesys_metrics
),
written as (
    select count(*) as anonymous from aside
)
select
    written.anonymous + linked.of_customers = told.staged as holds,
    written.anonymous,
    linked.of_customers,
    told.staged
from written, linked, told

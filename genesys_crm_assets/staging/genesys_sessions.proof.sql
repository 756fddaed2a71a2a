with staged as (
    select count(*) as conversations from staging.staging_genesys_metrics
),
found as (
    select count(*) as conversations from chosen
),
written as (
    select count(*) as sessions, count(distinct conversation_id) as conversations from aside
)
select
    staged.conversations = found.conversations as holds,
    staged.conversations,
    staged.conversations - found.conversations as without_telling,
    staged.conversations - written.conversations as without_session,
    written.sessions as rows
from staged, found, written

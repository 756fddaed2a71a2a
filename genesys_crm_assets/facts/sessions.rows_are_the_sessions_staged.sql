with staged as (
    select count(*) as sessions from staging.staging_genesys_sessions
),
written as (
    select count(*) as sessions from aside
)
select written.sessions = staged.sessions as holds, written.sessions as rows, staged.sessions as staged
from staged, written

-- aside: the tellings written aside; quarantine_aside: the quarantined records written aside
with told as (
    select coalesce(sum(record_count), 0) as records from raw.raw_genesys_interactions
),
kept as (
    select
        (select count(*) from aside) as tellings,
        (select count(*) from quarantine_aside) as quarantined
)
select
    told.records = kept.tellings + kept.quarantined as holds,
    told.records as told,
    kept.tellings,
    kept.quarantined
from told, kept

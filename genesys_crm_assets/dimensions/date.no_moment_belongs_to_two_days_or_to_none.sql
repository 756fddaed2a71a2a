-- days the zone left out have no moments; their neighbours meet over them
with neighbours as (
    select
        starts_at_utc,
        ends_at_utc,
        hours,
        lead(starts_at_utc) over (order by starts_at_utc) as next_starts_at_utc
    from aside
    where starts_at_utc is not null
),

parted as (
    select count(*) as days
    from neighbours
    where ends_at_utc <> next_starts_at_utc or date_diff('minute', starts_at_utc, ends_at_utc) <> hours * 60
)

select days = 0 as holds, days as days_apart_from_the_next from parted

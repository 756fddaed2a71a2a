-- Every interaction of a whole day of the window twice, as matched by the usual window and with the period, beside what is true of it.
with calendar as (
    select min(day_utc) as first_day, max(day_utc) as day_under_way from links
)

select
    links.matched,
    links.seed,
    links.interaction_id,
    links.day_utc,
    strftime(links.day_utc, '%G-W%V') as week,
    links.day_utc between date '2025-12-30' and date '2026-01-02' as is_slow,
    links.case_match_rule,
    links.case_id is not null as is_linked,
    truth.case_id is not null as has_case,
    coalesce(links.case_id = truth.case_id, false) as is_right,
    truth.how
from links
join truth using (interaction_id)
cross join calendar
where links.day_utc >= calendar.first_day and links.day_utc < calendar.day_under_way

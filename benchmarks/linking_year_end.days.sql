-- Day by day around the turn of the year.
select
    strftime(day_utc, '%a %d %b') as day,
    count(*) filter (where matched = 'usual') as interactions,
    avg(has_case::int) as with_case,
    avg(is_linked::int) filter (where matched = 'usual') as linked,
    avg(is_linked::int) filter (where matched = 'widened') as linked_widened,
    count(*) filter (where is_right and matched = 'usual') / count(*) filter (where has_case and matched = 'usual') as recall,
    count(*) filter (where is_right and matched = 'widened') / count(*) filter (where has_case and matched = 'widened') as recall_widened
from judged
where day_utc between date '2025-12-27' and date '2026-01-06'
group by day_utc
order by day_utc

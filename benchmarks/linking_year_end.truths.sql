-- The interactions of the slow days by what they were truly about: linked and rightly linked, by the usual window and with the period.
with named as (
    select
        *,
        case
            when how = 'created_late' then 'a case it opened, logged 2 to 22 hours later'
            when how in ('created', 'touched', 'open', 'recent') then 'a case within reach of the usual window'
            when how in ('closed_before', 'logged_later') then 'a case out of any window''s reach'
            else 'no case'
        end as about,
        list_position(['created_late', 'created', 'touched', 'open', 'recent', 'closed_before', 'logged_later'], how) as place
    from judged
    where is_slow
)

select
    about,
    count(*) filter (where matched = 'usual') as interactions,
    count(*) filter (where is_linked and matched = 'usual') as links,
    count(*) filter (where is_right and matched = 'usual') as correct,
    correct / nullif(links, 0) as precision,
    count(*) filter (where is_linked and matched = 'widened') as links_widened,
    count(*) filter (where is_right and matched = 'widened') as correct_widened,
    correct_widened / nullif(links_widened, 0) as precision_widened
from named
group by about
order by min(place) nulls last

-- What `open_case` is worth, all told: of everything it linked, of what truly was about one of the customer's open cases, and of the rest.
select
    count(*) as links,
    count(*) filter (where is_right) as correct,
    count(*) filter (where is_right) / count(*) as precision,
    count(*) filter (where how in ('open', 'touched')) as about_an_open_case,
    count(*) filter (where is_right and how in ('open', 'touched')) / count(*) filter (where how in ('open', 'touched')) as precision_of_these,
    count(*) filter (where how not in ('open', 'touched')) as about_something_else
from judged
where case_match_rule = 'open_case'

with linked as (
    select case_match_rule as rule, least(match_candidates, 5) as candidates, is_right, how
    from judged
    where case_match_rule <> 'case_attribute'
)

select
    rule,
    candidates,
    count(*) as links,
    count(*) filter (where is_right) / count(*) as precision,
    count(*) filter (where how in ('created', 'touched', 'open', 'recent')) as about_a_case_in_reach,
    count(*) filter (where is_right) / nullif(about_a_case_in_reach, 0) as precision_of_these
from linked
group by rule, candidates
order by list_position(['created_with', 'touched_with', 'open_case', 'lookback'], rule), candidates

with expected as (
    select
        day_utc,
        blind_case_match_rule,
        count(*) as told_cases,
        count(*) filter (where blind_case_id = case_id) as agreeing
    from facts.interaction_links
    where case_match_rule = 'case_attribute'
    group by day_utc, blind_case_match_rule
)

select * from expected

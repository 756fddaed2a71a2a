-- What the platform expects of its blind rules, beside what is true of the conversations it learned that from and of the others.
with told as (
    select coalesce(blind_case_match_rule, 'none') as rule, cast(sum(told_cases) as bigint) as told_cases, cast(sum(agreeing) as bigint) as agreeing
    from audit.link_expectation
    group by rule
),

judged_blind as (
    select
        coalesce(blind_case_match_rule, 'none') as rule,
        case_match_rule is not distinct from 'case_attribute' as is_told,
        true_case_id,
        coalesce(blind_case_id = true_case_id, false) as is_right
    from judged
),

truly as (
    select
        rule,
        count(*) filter (where is_right and is_told) as told_right,
        count(*) filter (where not is_told) as untold,
        count(*) filter (where is_right and not is_told) as untold_right,
        count(*) filter (where true_case_id is not null and not is_told) as untold_with_case
    from judged_blind
    group by rule
)

select
    rule,
    told_cases,
    agreeing,
    if(rule = 'none', null, agreeing / nullif(told_cases, 0)) as expected,
    if(rule = 'none', null, told_right / nullif(told_cases, 0)) as true_of_told,
    untold,
    if(rule = 'none', null, untold_right / nullif(untold, 0)) as true_of_untold,
    untold_with_case,
    if(rule = 'none', null, untold_right / nullif(untold_with_case, 0)) as true_of_untold_with_case
from truly
left join told using (rule)
order by list_position(['created_with', 'touched_with', 'open_case', 'lookback', 'none'], rule)

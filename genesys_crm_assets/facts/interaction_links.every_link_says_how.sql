with silent as (
    select
        count(*) filter (case_id is not null and case_match_rule is null) as cases_without_rule,
        count(*) filter (
            (link_method is null) = (coalesce(case_id, contact_id, account_id) is not null)
            or (case_id is null) <> (case_match_rule is null)
            or (case_id is null) <> (match_offset_ms is null)
        ) as torn
    from aside
)
select torn = 0 as holds, cases_without_rule
from silent

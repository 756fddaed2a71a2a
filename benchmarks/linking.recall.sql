select
    sum(agreeing) / (select count(*) from judged where case_match_rule = 'case_attribute') as expected,
    (select count(*) filter (where blind_case_id = true_case_id) / count(*) from judged where case_match_rule = 'case_attribute' and true_case_id is not null) as told,
    (
        select count(*) filter (where blind_case_id = true_case_id) / count(*)
        from judged
        where case_match_rule is distinct from 'case_attribute' and true_case_id is not null
    ) as untold
from audit.link_expectation

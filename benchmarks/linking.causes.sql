-- Every interaction without the right answer once, by cause down and by the rule that answered across.
select
    cause,
    count(*) as interactions,
    count(*) filter (where case_match_rule = 'case_attribute') as case_attribute,
    count(*) filter (where case_match_rule = 'created_with') as created_with,
    count(*) filter (where case_match_rule = 'touched_with') as touched_with,
    count(*) filter (where case_match_rule = 'open_case') as open_case,
    count(*) filter (where case_match_rule = 'lookback') as lookback,
    count(*) filter (where case_match_rule is null) as none
from judged
where cause is not null
group by cause
order by interactions desc, cause

-- What the conversations were truly about, down, and the rule that answered, across: `right of all`; `none` is right where there is no case.
with cells as (
    select
        how,
        coalesce(case_match_rule, 'none') as rule,
        count(*) filter (where is_right) || ' of ' || count(*) as cell
    from judged
    group by how, rule
),

totals as (
    select how, count(*) as interactions, count(*) filter (where link_method is not null) as customer_found from judged group by how
)

select
    how,
    interactions,
    customer_found,
    max(cell) filter (where rule = 'case_attribute') as case_attribute,
    max(cell) filter (where rule = 'created_with') as created_with,
    max(cell) filter (where rule = 'touched_with') as touched_with,
    max(cell) filter (where rule = 'open_case') as open_case,
    max(cell) filter (where rule = 'lookback') as lookback,
    max(cell) filter (where rule = 'none') as none
from totals
join cells using (how)
group by how, interactions, customer_found
order by list_position(['created', 'created_late', 'touched', 'open', 'recent', 'closed_before', 'logged_later', 'no_case', 'anonymous'], how)

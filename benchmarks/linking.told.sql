-- What became of every valid told case. The day under way is read without attributes, so what is told there is not known yet.
with told as (
    select
        if(told_case_id = true_case_id, 'the true case', 'another case') as told,
        case
            when crm_case_id is null then 'not read yet'
            when case_match_rule = 'case_attribute' then 'holds'
            when list_contains(reasons, 'unknown_crm_id') then 'unknown'
            when list_contains(reasons, 'relationship_mismatch') then 'contradicted'
            else 'otherwise'
        end as verdict
    from judged
    where told_case_id is not null
)

select
    told,
    count(*) as interactions,
    count(*) filter (where verdict = 'holds') as holds,
    count(*) filter (where verdict = 'contradicted') as contradicted,
    count(*) filter (where verdict = 'unknown') as unknown,
    count(*) filter (where verdict = 'otherwise') as otherwise,
    count(*) filter (where verdict = 'not read yet') as not_read_yet
from told
group by told
order by told desc

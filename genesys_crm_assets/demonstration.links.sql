-- the naive joins look at the customer's cases as our linking does, so that only the rule differs
with links as (
    select interaction_links.*, metrics.conversation_start, metrics.conversation_end
    from interaction_links
    join staging_genesys_metrics as metrics on metrics.conversation_id = interaction_links.interaction_id
),

cases as (
    select distinct on (case_id) case_id, contact_id, created_at, closed_at
    from dim_salesforce_case
    where not is_deleted
    order by case_id, valid_from desc
),

found as (
    select coalesce(case_match_rule, 'none') as rule, interaction_id, case_id from links
    union all
    select 'all rules', interaction_id, case_id from links
    union all
    select 'all rules, told left out', interaction_id, blind_case_id from links
    union all
    select 'naive: exact timestamp', links.interaction_id, cases.case_id
    from links join cases on cases.contact_id = links.contact_id and cases.created_at = date_trunc('second', links.conversation_start)
    union all
    select 'naive: between created and closed', links.interaction_id, cases.case_id
    from links
    join cases
        on cases.contact_id = links.contact_id
        and links.conversation_start between cases.created_at and coalesce(cases.closed_at, timestamp '9999-12-31 23:59:59')
),

judged as (
    select
        found.rule,
        count(distinct found.interaction_id) as interactions,
        count(found.case_id) as links,
        count(*) filter (where found.case_id = truth.case_id) as correct,
        count(*) filter (where found.case_id = truth.case_id and truth.reachable) as correct_in_reach,
        count(found.case_id) / nullif(count(distinct found.interaction_id) filter (where found.case_id is not null), 0) as fan_out
    from found
    join truth using (interaction_id)
    group by found.rule
),

-- the naive joins are shown even where they find nothing: that is what there is to say of them
shown as (
    select rule from judged
    union
    select unnest(['naive: exact timestamp', 'naive: between created and closed']) as rule
),

true_cases as (
    select
        count(*) filter (where truth.case_id is not null) as with_case,
        count(*) filter (where truth.case_id is not null and truth.reachable) as in_reach
    from truth
    join links using (interaction_id)
)

select
    shown.rule,
    coalesce(judged.interactions, 0) as interactions,
    coalesce(judged.links, 0) as links,
    coalesce(judged.correct, 0) as correct,
    judged.correct / nullif(judged.links, 0) as precision,
    coalesce(judged.correct, 0) / nullif(true_cases.with_case, 0) as recall,
    coalesce(judged.correct_in_reach, 0) / nullif(true_cases.in_reach, 0) as recall_in_reach,
    judged.fan_out
from shown
left join judged on judged.rule = shown.rule
cross join true_cases
order by starts_with(shown.rule, 'naive'), starts_with(shown.rule, 'all'), judged.links desc nulls last

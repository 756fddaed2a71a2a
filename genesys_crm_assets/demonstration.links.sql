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
        count(found.case_id) / nullif(count(distinct found.interaction_id) filter (where found.case_id is not null), 0) as fan_out
    from found
    join truth using (interaction_id)
    group by found.rule
),

true_cases as (
    select
        count(*) filter (where truth.case_id is not null) as with_case,
        count(*) filter (where truth.case_id is not null and truth.reachable) as in_reach
    from truth
    join links using (interaction_id)
)

select
    rule, interactions, links, correct,
    correct / nullif(links, 0) as precision,
    correct / nullif(with_case, 0) as recall,
    correct / nullif(in_reach, 0) as recall_in_reach,
    fan_out
from judged cross join true_cases
order by starts_with(rule, 'naive'), starts_with(rule, 'all'), links desc

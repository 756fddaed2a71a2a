-- One row per staged interaction: what is true, what was linked, and where they differ the cause, from the weighed cases.
with shared_numbers as (
    select phone.normalised as number, count(distinct contact_id) as owners
    from (select contact_id, unnest(phones) as phone from dimensions.dim_salesforce_contact where is_current and surviving_id = contact_id)
    where phone.normalised is not null
    group by number
),

compared as (
    select
        truth.seed,
        links.interaction_id,
        metrics.media_type,
        metrics.conversation_start as started,
        metrics.duration_ms,
        metrics.conversation_end is null as is_open,
        metrics.customer_phone is not null or metrics.customer_email is not null as has_address,
        coalesce(shared_numbers.owners, 0) as number_owners,
        list_contains([one.reason for one in links.reasons], 'ambiguous_identity') as is_ambiguous,
        truth.how,
        truth.reachable,
        truth.told_case_id,
        links.crm_case_id,
        metrics.is_provisional,
        truth.case_id as true_case_id,
        truth.contact_id as true_contact_id,
        links.link_method,
        links.account_id as customer_account_id,
        links.case_match_rule,
        links.match_candidates,
        links.case_id as linked_case_id,
        links.blind_link_method,
        links.blind_case_match_rule,
        links.blind_case_id,
        [one.reason for one in links.reasons] as reasons,
        links.case_id is not distinct from truth.case_id as is_right,
        of_truth as true_case,
        of_link as linked_case,
        of_truth.place is null or of_link.rank < of_truth.rank as link_ranks_first
    from facts.interaction_links as links
    join truth using (interaction_id)
    join staging.staging_genesys_metrics as metrics on metrics.conversation_id = links.interaction_id
    left join shared_numbers on shared_numbers.number = metrics.customer_phone
    left join weighed as of_truth on of_truth.interaction_id = links.interaction_id and of_truth.side = 'true'
    left join weighed as of_link on of_link.interaction_id = links.interaction_id and of_link.side = 'linked'
)

select
    *,
    case
        when is_right then null
        when case_match_rule = 'case_attribute' then 'told_wrong'
        when link_method is null and number_owners = 1 then 'unexplained'
        when link_method is null and is_ambiguous then 'shared_number'
        when link_method is null then 'nobody_known'
        when link_method = 'account_attribute' and true_case.account_id <> customer_account_id then 'former_account'
        when linked_case_id is not null and (linked_case.rule is distinct from case_match_rule or not link_ranks_first) then 'unexplained'
        when linked_case_id is null and true_case.place is not null then 'unexplained'
        when how = 'anonymous' then 'stranger'
        when how = 'no_case' then 'about_nothing'
        when how = 'logged_later' then 'logged_later'
        when how = 'closed_before' then 'closed_before'
        when true_case.case_id is null then 'not_yet_in_crm'
        when true_case.place is null and is_open then 'still_open'
        when true_case.place is null and how = 'created_late' then 'created_late'
        when true_case.place is null then 'unexplained'
        when link_method = 'account_attribute' and linked_case.contact_id is distinct from true_contact_id then 'colleague'
        when linked_case.place < true_case.place then 'rule_before'
        else 'nearer_case'
    end as cause
from compared

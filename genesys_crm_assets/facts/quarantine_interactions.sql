with reasons as (
    select interaction_id, nearest_case_id, nearest_case_offset_ms, unnest(reasons) as one
    from facts.interaction_links
)

-- What was near enough to be worth a look belongs to the reason that nothing was in reach, not to the interaction's other reasons.
select
    interaction_id,
    one.reason,
    one.told_id,
    case when one.reason = 'no_case_in_window' then nearest_case_id end as nearest_case_id,
    case when one.reason = 'no_case_in_window' then nearest_case_offset_ms end as nearest_case_offset_ms,
    one.detail
from reasons

with reasons as (
    select interaction_id, nearest_case_id, nearest_case_offset_ms, unnest(reasons) as one
    from facts.interaction_links
)

select interaction_id, one.reason, one.told_id, nearest_case_id, nearest_case_offset_ms, one.detail
from reasons

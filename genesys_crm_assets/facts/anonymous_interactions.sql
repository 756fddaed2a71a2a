with anonymous as (
    select interaction_id from facts.interaction_links where link_method is null
)

select interactions.*
from interactions
semi join anonymous using (interaction_id)

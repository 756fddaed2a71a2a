-- The mart's rows of complete weeks, with the share of each tier's customers whom a bot alone served, of whom none can escalate.
with served as (
    select customer_tier_at_interaction as customer_tier, avg(coalesce(handled_by_bot_only, false)::int) as bot_only
    from marts.unified_interactions
    group by customer_tier_at_interaction
)

select judged.* exclude (loaded_at, run_id), served.bot_only
from marts.escalation_by_release as judged
join served using (customer_tier)
where judged.is_complete
order by judged.released_at, judged.product, judged.customer_tier

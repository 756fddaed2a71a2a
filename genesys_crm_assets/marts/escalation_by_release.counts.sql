-- each release and tier: interactions and escalations of the week before and of the week from the release
with contacts as (
    select customer_tier_at_interaction as customer_tier, interaction_timestamp_utc as begun_at, was_escalated
    from marts.unified_interactions
    where customer_tier_at_interaction <> 'Unknown'
),

pairs as (
    select windows.*, tiers.customer_tier
    from windows
    cross join (select distinct customer_tier from contacts) as tiers
    where not windows.is_held
),

counted as (
    select
        pairs.release, pairs.product, pairs.released_at, pairs.customer_tier, pairs.is_complete,
        count(contacts.begun_at) filter (where contacts.begun_at < pairs.released_at) as contacts_before,
        count(*) filter (where contacts.begun_at < pairs.released_at and contacts.was_escalated) as escalations_before,
        count(contacts.begun_at) filter (where contacts.begun_at >= pairs.released_at) as contacts_after,
        count(*) filter (where contacts.begun_at >= pairs.released_at and contacts.was_escalated) as escalations_after
    from pairs
    left join contacts
        on contacts.customer_tier = pairs.customer_tier
        and contacts.begun_at >= pairs.begun_at and contacts.begun_at < pairs.ended_at
    group by pairs.release, pairs.product, pairs.released_at, pairs.customer_tier, pairs.is_complete
)

select * from counted

with last_final as (
    select max(day_utc) as day_utc from audit.data_status where is_final
),

contacts as (
    select unified.*
    from marts.unified_interactions as unified
    join last_final on unified.day_utc > last_final.day_utc - 30 and unified.day_utc <= last_final.day_utc
    where unified.link_method is not null and unified.customer_tier_at_interaction <> 'Unknown'
),

rated as (
    select
        customer_tier_at_interaction as customer_tier,
        count(*) as total_contacts,
        count(*) filter (where was_escalated) as escalations,
        round(100.0 * count(*) filter (where was_escalated) / count(*), 1) as escalation_rate_pct,
        avg(handle_time_ms) filter (where handle_time_ms > 0) / 60000 as avg_handle_time_minutes,
        avg(ltv_usd) as avg_customer_ltv
    from contacts
    group by customer_tier_at_interaction
)

select * from rated
order by avg_customer_ltv desc nulls last, customer_tier

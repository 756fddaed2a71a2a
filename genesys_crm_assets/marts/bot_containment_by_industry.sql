with last_final_days as (
    select day_utc from audit.data_status where is_final order by day_utc desc limit 7
),

contacts as (
    select unified.industry, unified.handled_by_bot_only, unified.abandoned
    from marts.unified_interactions as unified
    join last_final_days on last_final_days.day_utc = unified.day_utc
    where unified.industry is not null
),

contained as (
    select
        industry,
        count(*) as total_contacts,
        round(100.0 * count(*) filter (where handled_by_bot_only) / count(*), 1) as bot_containment_pct,
        round(100.0 * count(*) filter (where abandoned) / count(*), 1) as abandon_rate_pct
    from contacts
    group by industry
)

select * from contained
order by total_contacts desc, industry

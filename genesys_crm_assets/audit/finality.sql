-- one row per landed day: whether both vendors have said everything about it (§7)
with landed as (
    select
        day_utc,
        max(received_at) as last_received_at,
        max(data_available_until) filter (where feed = 'conversation_jobs') as available_until
    from raw.raw_genesys_interactions
    group by day_utc
),

readings as (
    select 'cases' as source, * from raw.raw_salesforce_cases_reads
    union all
    select 'accounts' as source, * from raw.raw_salesforce_accounts_reads
    union all
    select 'contacts' as source, * from raw.raw_salesforce_contacts_reads
    union all
    select 'opportunities' as source, * from raw.raw_salesforce_opportunities_reads
    union all
    select 'users' as source, * from raw.raw_salesforce_users_reads
    union all
    select 'field_history' as source, * from raw.raw_salesforce_field_history_reads
),

sources as (
    select unnest(['cases', 'accounts', 'contacts', 'opportunities', 'users', 'field_history']) as source
),

awaited as (
    select source
    from sources
    where not list_contains((select sources_absent from audit.settings), source)
),

calendar as (
    select cast(unnest(generate_series(
        cast((select start_date from audit.settings) as timestamp), (select max(day_utc) from landed), interval 1 day
    )) as date) as day_utc
),

read_by_day as (
    select source, day_utc, max(read_until) as read_until from readings group by source, day_utc
),

read_at_first as (
    select source, max(read_until) as read_until from readings where is_baseline group by source
),

reached as (
    select calendar.day_utc, awaited.source, greatest(read_by_day.read_until, read_at_first.read_until) as read_until
    from calendar
    cross join awaited
    left join read_by_day on read_by_day.source = awaited.source and read_by_day.day_utc = calendar.day_utc
    left join read_at_first on read_at_first.source = awaited.source
),

crm as (
    select
        day_utc,
        case when count(*) = count(read_until) then min(read_until) end as read_until,
        bool_and(coalesce(read_until >= day_utc + interval 1 day, false)) as is_read
    from reached
    group by day_utc
),

complete as (
    select day_utc, read_until, bool_and(is_read) over (order by day_utc) as is_read
    from crm
),

final as (
    select
        landed.day_utc,
        coalesce(landed.last_received_at >= landed.day_utc + interval 1 day, false) as is_over,
        landed.last_received_at,
        complete.read_until as crm_read_until,
        is_over and coalesce(landed.available_until >= landed.day_utc + interval 1 day, false) as is_told,
        is_told and coalesce(complete.is_read, false) as is_final
    from landed
    left join complete on complete.day_utc = landed.day_utc
)

select * from final

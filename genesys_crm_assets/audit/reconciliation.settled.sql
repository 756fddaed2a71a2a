-- which tables may still change the day's comparisons by what they say of other days; `true` where none may
with is_final as (
    select * from finality where day_utc = $day and is_final
),

differing as (
    select distinct comparison from result where source_value <> our_value
),

awaited as (
    select unnest([
        'raw_salesforce_cases', 'raw_salesforce_accounts', 'raw_salesforce_contacts', 'raw_salesforce_users', 'raw_salesforce_field_history'
    ]) as table_name
    where not exists (from is_final)
    union all
    select if(comparison = 'cases', 'staging_salesforce_cases', 'staging_genesys_tellings') as table_name from differing
)

select coalesce(string_agg(table_name, ',' order by table_name), 'true') as settled from awaited

-- which tables may still change the day's comparisons by what they say of other days; `true` where none may
-- A day that Genesys has not told to its end becomes final only by being landed again, and that it follows.
with waits_for_the_crm as (
    select * from finality where day_utc = $day and is_told and not is_final
),

differing as (
    select distinct comparison from result where source_value <> our_value
),

awaited as (
    select unnest([
        'raw_salesforce_cases', 'raw_salesforce_accounts', 'raw_salesforce_contacts', 'raw_salesforce_opportunities', 'raw_salesforce_users',
        'raw_salesforce_field_history'
    ]) as table_name
    where exists (from waits_for_the_crm)
    union all
    select if(comparison = 'cases', 'staging_salesforce_cases', 'staging_genesys_tellings') as table_name from differing
)

select coalesce(string_agg(table_name, ',' order by table_name), 'true') as settled from awaited

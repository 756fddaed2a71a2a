with placed as (
    select day_utc, interaction_id from facts.fact_customer_interactions
    union all
    select day_utc, interaction_id from facts.fact_anonymous_interactions
),

built_days as (
    select distinct day_utc from placed
),

counted as (
    select staged.conversation_id as interaction_id, count(placed.interaction_id) as places
    from staging.staging_genesys_metrics as staged
    semi join built_days on built_days.day_utc = staged.day_utc
    left join placed on placed.day_utc = staged.day_utc and placed.interaction_id = staged.conversation_id
    group by staged.conversation_id
)

select interaction_id, places from counted where places <> 1

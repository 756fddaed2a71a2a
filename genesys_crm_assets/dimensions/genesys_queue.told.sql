-- what listings told of queues, change by change.
with turns as (
    select thing_id, unnest(states, recursive := true) from staging.staging_genesys_reference where listing = 'queues'
)

select 'Queue' as object, thing_id as record_id, observed_at, name, division, is_listed as is_active from turns

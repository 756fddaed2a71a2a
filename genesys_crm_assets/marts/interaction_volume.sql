with interactions as (
    select cast(interaction_timestamp_local as date) as created_date, upper(media_type) as channel, *
    from marts.unified_interactions
),

summed as (
    select
        created_date,
        channel,
        count(*) as interactions,
        count(*) filter (where abandoned) as abandoned,
        coalesce(sum(handle_time_ms), 0) / 1000 as handle_time_sec,
        coalesce(sum(talk_time_ms), 0) / 1000 as talk_time_sec,
        coalesce(sum(queue_time_ms), 0) / 1000 as wait_time_sec,
        coalesce(sum(wrap_up_time_ms), 0) / 1000 as wrap_up_time_sec
    from interactions
    group by created_date, channel
),

volume as (
    select
        summed.created_date,
        calendar.fiscal_year,
        calendar.fiscal_quarter,
        calendar.fiscal_month,
        summed.* exclude (created_date)
    from summed
    left join dimensions.dim_date as calendar on calendar.day = summed.created_date
)

select * from volume

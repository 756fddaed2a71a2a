-- each release with the week before it and the week from it, and what is known of the UTC days they touch
with weeks as (
    select
        release, product, released_at,
        released_at - interval 168 hours as begun_at,
        released_at + interval 168 hours as ended_at
    from dimensions.dim_product_release
),

touched as (
    select
        weeks.*,
        cast(unnest(generate_series(date_trunc('day', begun_at), ended_at - interval 1 millisecond, interval 1 day)) as date) as day_utc
    from weeks
),

judged as (
    select
        touched.release, touched.product, touched.released_at, touched.begun_at, touched.ended_at,
        bool_and(coalesce(status.is_final, false)) as is_complete,
        bool_or(coalesce(status.is_biased, false)) and any_value(settings.null_crm_policy) = 'block' as is_held
    from touched
    cross join audit.settings as settings
    left join audit.data_status as status on status.day_utc = touched.day_utc
    group by touched.release, touched.product, touched.released_at, touched.begun_at, touched.ended_at
)

select * from judged

-- the calendar: whole years, calendar and fiscal, so that a sum over any of them is a sum over days that are all here
with bounds as (
    select
        reporting_timezone as zone,
        fiscal_year_start_month as fiscal_start,
        -- West of Greenwich the first UTC day begins on the evening before.
        date_trunc('year', start_date - 1) as first_year,
        date_trunc('month', start_date - 1)
        - to_months(cast((month(start_date - 1) - fiscal_year_start_month + 12) % 12 as integer)) as first_fiscal_year
    from audit.settings
),

days as (
    select
        zone,
        fiscal_start,
        cast(unnest(generate_series(
            least(first_year, first_fiscal_year),
            greatest(first_year, first_fiscal_year) + interval 21 years - interval 1 day,
            interval 1 day
        )) as date) as day
    from bounds
),

-- From UTC to local time there is one answer, from local midnight to UTC there may be two or none: so the days of UTC are asked how far local
-- time stands from them, and where that changes within one its quarter hours are, of which every offset since 1973 is a whole number.
utc_days as (
    select
        zone,
        starts_at_utc,
        (starts_at_utc at time zone 'UTC') at time zone zone - starts_at_utc as ahead,
        ahead = lead(ahead) over (order by starts_at_utc) as is_steady
    from (
        select zone, unnest(generate_series(min(day) - interval 2 days, max(day) + interval 3 days, interval 1 day)) as starts_at_utc
        from days
        group by zone
    )
),

quarters as (
    select zone, unnest(generate_series(starts_at_utc, starts_at_utc + interval 1439 minutes, interval 15 minutes)) as starts_at_utc
    from utc_days
    where not is_steady
),

stretches as (
    select starts_at_utc, starts_at_utc + interval 1 day as ends_at_utc, ahead
    from utc_days
    where is_steady

    union all

    select starts_at_utc, starts_at_utc + interval 15 minutes, (starts_at_utc at time zone 'UTC') at time zone zone - starts_at_utc
    from quarters
),

-- of each stretch what comes before local midnight, and what comes after it
parts as (
    select
        cast(starts_at_utc + ahead as date) + after as day,
        greatest(starts_at_utc, day - ahead) as starts_at_utc,
        least(ends_at_utc, day + interval 1 day - ahead) as ends_at_utc
    from stretches
    cross join (values (0), (1)) as midnights (after)
),

spans as (
    select
        day,
        min(starts_at_utc) as starts_at_utc,
        max(ends_at_utc) as ends_at_utc,
        sum(epoch(ends_at_utc - starts_at_utc)) / 3600 as hours
    from parts
    where starts_at_utc < ends_at_utc
    group by all
),

numbered as (
    select days.*, cast((month(day) - fiscal_start + 12) % 12 as integer) as months_in from days
),

calendar as (
    select
        day,
        year(day) as year,
        quarter(day) as quarter,
        month(day) as month,
        monthname(day) as month_name,
        dayofmonth(day) as day_of_month,
        isoyear(day) as iso_year,
        week(day) as iso_week,
        isodow(day) as weekday,
        dayname(day) as weekday_name,
        isodow(day) >= 6 as is_weekend,

        year(day - to_months(months_in)) + if(fiscal_start > 1, 1, 0) as fiscal_year,
        months_in // 3 + 1 as fiscal_quarter,
        months_in + 1 as fiscal_month,
        date_trunc('month', day) - to_months(months_in) as fiscal_year_first_day,
        date_trunc('month', day) + to_months(12 - months_in) - interval 1 day as fiscal_year_last_day,
        date_trunc('month', day) - to_months(months_in % 3) as fiscal_quarter_first_day,
        date_trunc('month', day) + to_months(3 - months_in % 3) - interval 1 day as fiscal_quarter_last_day,
        date_trunc('month', day) as fiscal_month_first_day,
        last_day(day) as fiscal_month_last_day,

        spans.starts_at_utc,
        spans.ends_at_utc,
        coalesce(spans.hours, 0) as hours
    from numbered
    left join spans using (day)
)

select * from calendar

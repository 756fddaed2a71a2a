with years as (
    select fiscal_year, count(*) as days, fiscal_year_last_day - fiscal_year_first_day + 1 as days_of_the_year
    from aside
    group by all
),

broken as (
    select count(*) as years
    from years
    where
        days <> days_of_the_year
        and fiscal_year not in (select unnest([min(fiscal_year), max(fiscal_year)]) from years)
)

select years = 0 as holds, years as years_with_days_missing from broken

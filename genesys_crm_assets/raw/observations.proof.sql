-- kept_before: the pages that stood when this object was begun
with observed as (
    select
        count(distinct feed) = 1
            and count(*) = max(page) and min(page) = 1 and count(distinct page) = count(*)
            and count(*) filter (is_last) = 1 and max(page) filter (is_last) = max(page) as is_whole,
        count(*) as pages,
        count(*) filter (sha256(body) <> body_sha256) as damaged_pages
    from aside
    group by observation
),

lost as (
    select count(*) as pages from (from kept_before anti join aside using (observation, page, body_sha256))
),

summed as (
    select
        coalesce(bool_and(is_whole and damaged_pages = 0), true) as are_closed,
        count(*) as observations,
        coalesce(sum(pages), 0) as pages,
        count(*) filter (not is_whole) as observations_not_whole,
        coalesce(sum(damaged_pages), 0) as damaged_pages
    from observed
)

select
    summed.are_closed and lost.pages = 0 as holds,
    summed.observations,
    summed.pages,
    summed.observations_not_whole,
    summed.damaged_pages,
    lost.pages as pages_lost
from summed
cross join lost

select
    coalesce(bool_and(sha256(body) = body_sha256), true)
        and count(*) = coalesce(max(page), 0)
        and count(distinct feed) = count(*) filter (is_last) as holds,
    count(*) as pages,
    sum(record_count) as records,
    count(*) filter (is_last) as terminal_pages,
    count(*) filter (sha256(body) <> body_sha256) as damaged_pages
from aside

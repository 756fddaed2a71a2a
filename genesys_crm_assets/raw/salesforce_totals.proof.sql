select
    count(*) in (0, 2) and coalesce(bool_and(sha256(body) = body_sha256 and is_last and total >= 0), true) as holds,
    count(*) as counts,
    count(*) filter (sha256(body) <> body_sha256) as damaged_pages
from aside

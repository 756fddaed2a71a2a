select
    bool_and(sha256(record) = record_sha256) is not false
        and not exists (from kept_before anti join aside using (object, id, changed_at)) as holds,
    count(*) as tellings,
    count(distinct id) as records
from aside

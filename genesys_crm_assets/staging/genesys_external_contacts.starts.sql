-- for which days' conversations there is an answer here: of each, what was answered about the contacts they told this day, and when
with days as (
    select unnest(start_days) as start_day, * from result
),

answered as (
    select
        start_day,
        max(received_at) as received_at,
        sha256(string_agg(concat_ws('|', external_contact_id, canonical_id, coalesce(crm_contact_id, ''), is_deleted), ',' order by external_contact_id)) as digest
    from days
    group by start_day
)

select
    coalesce(
        cast(
            json_group_object(
                cast(start_day as varchar),
                json_object('received_at', strftime(received_at, '%Y-%m-%dT%H:%M:%S.%f'), 'digest', digest)
            ) as varchar
        ),
        '{}'
    ) as starts
from answered

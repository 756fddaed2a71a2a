-- one row per observation, none of its bodies opened; it stands at the earliest when the one before it of its listing was
with whole as (
    select
        listing,
        observation,
        count(*) as pages,
        sum(record_count) as entities,
        date_trunc('millisecond', arg_min(received_at, page)) as asked_at,
        sha256(string_agg(body_sha256, ',' order by page)) as told
    from raw.raw_genesys_reference
    group by listing, observation
),

standing as (
    select *, max(asked_at) over (partition by listing order by observation rows unbounded preceding) as observed_at
    from whole
)

select listing, observation, pages, entities, observed_at, told
from standing
order by observation

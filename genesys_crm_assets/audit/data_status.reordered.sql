-- staged days whose tellings are the same, but received in another order, where that makes another one win
with places as (
    select start_day, left(digest, 16) as digest, last.origin as origin, row_number() over (partition by start_day order by last) as place
    from held_once
    where source = 'staging_genesys_tellings'
),

stated as (
    select day_utc, string_split(json_extract_string(built_from, '$."order received"'), ',') as digests
    from objects
    where table_name = 'staging_genesys_metrics'
),

compared as (
    select
        places.*,
        nullif(list_position(stated.digests, places.digest), 0) as place_then
    from places
    join stated on stated.day_utc = places.start_day
),

swapped as (
    select one.start_day, one.origin as now_earlier, other.origin as now_later
    from compared as one
    join compared as other on other.start_day = one.start_day and other.place > one.place
    where coalesce(one.place_then, 1) > coalesce(other.place_then, 0)
),

told as (
    select start_day, day_utc as origin, conversation_id, list_sort(list(distinct record_sha256)) as digests
    from staging.staging_genesys_tellings
    where start_day in (select start_day from swapped)
    group by start_day, day_utc, conversation_id
)

select distinct swapped.start_day as day_utc
from swapped
join told as one on one.start_day = swapped.start_day and one.origin = swapped.now_earlier
join told as other
    on other.start_day = swapped.start_day and other.origin = swapped.now_later and other.conversation_id = one.conversation_id
where one.digests <> other.digests

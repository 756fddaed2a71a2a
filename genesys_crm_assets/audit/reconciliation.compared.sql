with is_final as (
    select * from finality where day_utc = $day and is_final
),

-- Windows end 15 minutes before now: an answer received earlier than that after the day's end is of a part of the day, and compared with nothing.
queue_totals as (
    select max(received_at) as observed_at
    from raw.raw_genesys_queue_totals
    having bool_and(received_at >= $day_end + interval 15 minute)
),

answers as (
    select
        unnest(from_json(json_extract(decode(body), '$.results'), '[{"group": {"queueId": "varchar", "mediaType": "varchar"},
            "data": [{"metrics": [{"metric": "varchar", "stats": {"count": "bigint", "sum": "double"}}]}]}]')) as result
    from raw.raw_genesys_queue_totals
),

buckets as (
    select result."group" as grouped, unnest(result.data) as bucket from answers
),

told as (
    select grouped, unnest(bucket.metrics) as entry from buckets
),

theirs as (
    select
        grouped.queueid as queue_id, grouped.mediatype as media_type, entry.metric as metric,
        sum(entry.stats."count") as n, sum(entry.stats."sum") as total
    from told
    group by all
),

counted as (
    select unnest(['ours', 'late', 'quarantined']) as version, queue_id, media_type, metric, "count", "sum" from facts.fact_queue_activity
    union all by name
    select unnest(['late', 'quarantined']) as version, queue_id, media_type, metric, "count", "sum" from told_later
    union all by name
    select 'quarantined' as version, queue_id, media_type, metric, "count", "sum" from set_aside
),

ours as (
    select version, queue_id, media_type, metric, sum("count") as n, sum("sum") as total
    from counted
    where metric in ('nOffered', 'tAnswered', 'tAbandon', 'tHandle', 'tTalkComplete', 'tHeldComplete', 'tAcw')
    group by all
),

both_sides as (
    select 'theirs' as version, queue_id, media_type, metric, n, total from theirs
    union all
    select * from ours
),

valued as (
    select version, queue_id, media_type, metric, 'count' as statistic, cast(n as double) as said from both_sides
    union all
    select version, queue_id, media_type, metric, 'sum' as statistic, cast(total as double) as said
    from both_sides where starts_with(metric, 't')
),

side_by_side as (
    select
        queue_id, media_type, metric, statistic,
        coalesce(sum(said) filter (where version = 'theirs'), 0) as source_value,
        coalesce(sum(said) filter (where version = 'ours'), 0) as our_value,
        coalesce(sum(said) filter (where version = 'late'), 0) as late_value,
        coalesce(sum(said) filter (where version = 'quarantined'), 0) as quarantined_value
    from valued
    group by all
),

conversations as (
    select
        'queue_activity' as comparison, 'conversation' as object, queue_id, media_type, metric, statistic, source_value, our_value,
        greatest(abs(source_value - our_value) - abs(source_value - late_value), 0) as explained_late,
        greatest(
            least(abs(source_value - our_value), abs(source_value - late_value)) - abs(source_value - quarantined_value), 0
        ) as explained_quarantined,
        observed_at
    from side_by_side
    cross join queue_totals
    where source_value <> 0 or our_value <> 0
),

totals as (
    select statistic as metric, cast(total as double) as source_value, observed_at
    from raw.raw_salesforce_totals
    where observed_at >= $day_end + interval 15 minute
),

last_cases as (
    select case_id, arg_max(struct_pack(created_at, closed_at, is_deleted), struct_pack(system_modstamp, received_at)) as last
    from staging.staging_salesforce_cases
    where system_modstamp <= (select max(observed_at) from totals)
    group by case_id
),

our_cases as (
    select
        count(*) filter (where last.created_at >= $day_start and last.created_at < $day_end) as created,
        count(*) filter (where last.closed_at >= $day_start and last.closed_at < $day_end) as closed
    from last_cases
    where not last.is_deleted
),

cases as (
    select metric, 'count' as statistic, source_value,
        cast((select if(totals.metric = 'created', created, closed) from our_cases) as double) as our_value, observed_at
    from totals
),

resolution as (
    select
        'resolution_rate' as metric, 'ratio' as statistic,
        sum(source_value) filter (where metric = 'closed') / nullif(sum(source_value) filter (where metric = 'created'), 0) as source_value,
        sum(our_value) filter (where metric = 'closed') / nullif(sum(our_value) filter (where metric = 'created'), 0) as our_value,
        max(observed_at) as observed_at
    from cases
    having count(*) = 2
),

compared as (
    select * from conversations
    union all by name
    select 'cases' as comparison, 'Case' as object, null as queue_id, null as media_type, metric, statistic, source_value, our_value,
        0 as explained_late, 0 as explained_quarantined, observed_at
    from (select * from cases union all select * from resolution where source_value is not null and our_value is not null)
)

select * from compared where exists (from is_final)

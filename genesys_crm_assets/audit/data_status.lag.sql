-- which objects of a day are absent or were built from something else than what their sources say now: as `lake.lag` computes it (§4)
with ready as (
    select follows.table_name, objects.day_utc
    from follows
    join objects on objects.table_name = follows.source
    group by follows.table_name, objects.day_utc
    having count(*) = (select count(*) from follows as all_followed where all_followed.table_name = follows.table_name)
),

gathered as (
    select start_day, sha256(string_agg(origin || '=' || digest, ',' order by origin)) as stamp from held group by start_day
),

awaited as (
    select table_name, day_utc, unnest(string_split(settled, ',')) as source from objects where settled <> 'true'
),

held_by_then as (
    select
        awaited.table_name, awaited.day_utc, held.origin,
        max(held.received_at) as received_at,
        string_agg(held.start_day || '=' || held.digest, '+' order by held.start_day) as said
    from awaited
    join held on held.start_day <= awaited.day_utc and held.origin >= awaited.day_utc
    where awaited.source = 'staging_genesys_tellings'
    group by awaited.table_name, awaited.day_utc, held.origin
),

told_later as (
    select table_name, day_utc, sha256(string_agg(origin || ':' || said, ',' order by received_at, origin)) as stamp
    from held_by_then
    group by table_name, day_utc
),

whole as (
    select table_name, sha256(string_agg(day_utc || '=' || stamp, ',' order by day_utc)) as stamp from objects group by table_name
),

expected as (
    select ready.table_name, ready.day_utc, follows.source, objects.stamp
    from ready
    join follows on follows.table_name = ready.table_name and follows.table_name <> 'staging_genesys_metrics'
    join objects on objects.table_name = follows.source and objects.day_utc = ready.day_utc
    union all
    select ready.table_name, ready.day_utc, 'staging_genesys_tellings' as source, coalesce(gathered.stamp, sha256('')) as stamp
    from ready
    left join gathered on gathered.start_day = ready.day_utc
    where ready.table_name = 'staging_genesys_metrics'
    union all
    select
        awaited.table_name, awaited.day_utc, 'awaited ' || awaited.source as source,
        coalesce(if(awaited.source = 'staging_genesys_tellings', told_later.stamp, whole.stamp), sha256('')) as stamp
    from awaited
    left join told_later on told_later.table_name = awaited.table_name and told_later.day_utc = awaited.day_utc
    left join whole on whole.table_name = awaited.source
),

built as (
    select objects.table_name, objects.day_utc, entry.key as source, entry.value ->> '$' as stamp
    from objects, json_each(coalesce(objects.built_from, '{}')) as entry
),

differing as (
    select expected.table_name, expected.day_utc
    from expected
    left join built
        on built.table_name = expected.table_name and built.day_utc = expected.day_utc and built.source = expected.source
    where built.stamp is distinct from expected.stamp
    union all
    select built.table_name, built.day_utc
    from built
    anti join expected
        on expected.table_name = built.table_name and expected.day_utc = built.day_utc and expected.source = built.source
    where built.source <> 'order received' and not starts_with(built.source, 'awaited ')
    union all
    select 'staging_genesys_metrics' as table_name, day_utc from reordered
),

lagging as (
    select distinct differing.table_name, differing.day_utc
    from differing
    semi join ready on ready.table_name = differing.table_name and ready.day_utc = differing.day_utc
)

select * from lagging

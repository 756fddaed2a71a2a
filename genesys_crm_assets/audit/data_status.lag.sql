-- which objects of a day are absent or were built from something else than what their sources say now: as `lake.lag` computes it (§4)
with ready as (
    select follows.table_name, objects.day_utc
    from follows
    join objects on objects.table_name = follows.source
    group by follows.table_name, objects.day_utc
    having count(*) = (select count(*) from follows as all_followed where all_followed.table_name = follows.table_name)
),

-- which tables are built from what objects of many days hold of one
gatherers as (
    select *
    from (
        values
        ('staging_genesys_metrics', 'staging_genesys_tellings'),
        ('interaction_links', 'staging_genesys_external_contacts')
    ) as pairs (table_name, source)
),

gathered as (
    select
        source,
        start_day,
        sha256(string_agg(digest, ',' order by digest)) as stamp,
        string_agg(left(digest, 16), ',' order by last) as received
    from held_once
    group by source, start_day
),

gathering as (
    select ready.table_name, ready.day_utc, gatherers.source, coalesce(gathered.stamp, sha256('')) as stamp, coalesce(received, '') as received
    from ready
    join gatherers using (table_name)
    left join gathered on gathered.source = gatherers.source and gathered.start_day = ready.day_utc
),

awaited as (
    select table_name, day_utc, awaits_until, unnest(string_split(settled, ',')) as source from objects where settled <> 'true'
),

held_by_then as (
    select awaited.table_name, awaited.day_utc, held.start_day, held.digest, max({received_at: held.received_at, origin: held.origin}) as last
    from awaited
    join held on held.source = awaited.source and held.start_day <= awaited.day_utc and held.origin >= awaited.day_utc
    where awaited.source = 'staging_genesys_tellings'
    group by awaited.table_name, awaited.day_utc, held.start_day, held.digest
),

said_by_then as (
    select table_name, day_utc, start_day, string_agg(digest, '+' order by last) as said
    from held_by_then
    group by table_name, day_utc, start_day
),

told_later as (
    select table_name, day_utc, sha256(string_agg(start_day || ':' || said, ',' order by start_day)) as stamp
    from said_by_then
    group by table_name, day_utc
),

whole as (
    select
        awaited.source, awaited.awaits_until,
        sha256(string_agg(objects.day_utc || '=' || objects.stamp, ',' order by objects.day_utc)) as stamp
    from (select distinct source, awaits_until from awaited) as awaited
    join objects on objects.table_name = awaited.source and objects.day_utc <= awaited.awaits_until
    group by awaited.source, awaited.awaits_until
),

expected as (
    select ready.table_name, ready.day_utc, follows.source, objects.stamp
    from ready
    join follows on follows.table_name = ready.table_name
    anti join gatherers on gatherers.table_name = follows.table_name and gatherers.source = follows.source
    join objects on objects.table_name = follows.source and objects.day_utc = ready.day_utc
    union all
    select table_name, day_utc, source, stamp from gathering
    union all
    -- Of tellings another order matters only where they differ; that is looked at apart.
    select table_name, day_utc, 'order received' as source, received as stamp
    from gathering
    where source <> 'staging_genesys_tellings'
    union all
    select
        awaited.table_name, awaited.day_utc, 'awaited ' || awaited.source as source,
        coalesce(if(awaited.source = 'staging_genesys_tellings', told_later.stamp, whole.stamp), sha256('')) as stamp
    from awaited
    left join told_later on told_later.table_name = awaited.table_name and told_later.day_utc = awaited.day_utc
    left join whole on whole.source = awaited.source and whole.awaits_until = awaited.awaits_until
),

built as (
    select table_name, day_utc, entry.key as source, entry.value as stamp
    from (
        select table_name, day_utc, unnest(map_entries(cast(cast(built_from as json) as map(varchar, varchar)))) as entry
        from objects
    )
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

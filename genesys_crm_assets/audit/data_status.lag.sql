-- which objects of a day were built from something else than what their sources say now, by the papers the objects carry (§4)
with papers as (
    select table_name, day_utc, paper, value
    from audit.papers
    where table_name in (
        'raw_genesys_interactions', 'staging_genesys_tellings', 'quarantine_records', 'staging_genesys_metrics', 'interaction_links',
        'fact_customer_interactions', 'fact_anonymous_interactions', 'quarantine_interactions', 'fact_queue_activity'
    )
),

stamps as (
    select table_name, day_utc, value as stamp from papers where paper = 'content'
),

starts as (
    select day_utc as origin, entry.key as start_day, entry.value ->> 'received_at' as received_at, entry.value ->> 'digest' as digest
    from papers, json_each(papers.value) as entry
    where table_name = 'staging_genesys_tellings' and paper = 'starts'
),

gathered as (
    select
        cast(start_day as date) as day_utc,
        sha256('[' || string_agg('["' || origin || '", "' || digest || '"]', ', ' order by received_at, origin, digest) || ']') as stamp
    from starts
    group by start_day
),

built as (
    select papers.table_name, papers.day_utc, entry.key as source, entry.value ->> '$' as stamp
    from papers, json_each(papers.value) as entry
    where papers.paper = 'built_from'
),

now_said as (
    select 'staging_genesys_metrics' as table_name, 'staging_genesys_tellings' as source, day_utc, stamp from gathered
    union all
    select pairs.table_name, pairs.source, stamps.day_utc, stamps.stamp
    from (select distinct table_name, source from built where table_name <> 'staging_genesys_metrics') as pairs
    join stamps on stamps.table_name = pairs.source
),

landed as (
    select day_utc from stamps where table_name = 'raw_genesys_interactions'
),

lagging as (
    select distinct now_said.day_utc, now_said.table_name
    from now_said
    semi join landed on landed.day_utc = now_said.day_utc
    left join built
        on built.table_name = now_said.table_name and built.source = now_said.source and built.day_utc = now_said.day_utc
    where built.stamp is distinct from now_said.stamp
)

select * from lagging

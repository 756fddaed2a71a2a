-- one row per version of a record: its key, its values by tracked column, and what holds for the record as a whole.
-- Changes in the second in which a life begins belong to its first version; those of the second in which it ends make none.
with changed as (
    select record_id, second, min(moment) as moment, if(bool_or(source = 'history'), 'history', 'observed') as source
    from states
    where is_change
    group by all
),
begun as (
    select record_id, life_from, life_to, life_from as valid_from, date_trunc('second', life_from) as second, source
    from lives
    union all
    select lives.record_id, lives.life_from, lives.life_to, changed.moment, changed.second, changed.source
    from lives
    join changed on changed.record_id = lives.record_id
     and changed.second > date_trunc('second', lives.life_from)
     and (lives.life_to is null or changed.second < date_trunc('second', lives.life_to))
),
bounded as (
    select
        record_id, second, valid_from, source as change_source,
        coalesce(lead(valid_from) over (partition by record_id, life_from order by valid_from), life_to) as valid_to
    from begun
),
fields as (
    select record_id, field from states where is_first
),
standing as (
    select record_id, field, second, value from states where is_first or is_change
),
valued as (
    select bounded.record_id, bounded.valid_from, map(list(standing.field), list(standing.value)) as tracked
    from bounded
    join fields on fields.record_id = bounded.record_id
    asof join standing
      on standing.record_id = bounded.record_id and standing.field = fields.field and bounded.second >= standing.second
    group by all
),
final as (
    select
        sha256(records.object || '|' || record_id || '|' || strftime(bounded.valid_from, '%Y-%m-%dT%H:%M:%S.%gZ')) as version_key,
        record_id, valued.tracked, records.others, bounded.valid_from, bounded.valid_to, bounded.valid_to is null as is_current,
        bounded.change_source, records.created_at, records.is_deleted, survivors.surviving_id
    from bounded
    join valued using (record_id, valid_from)
    join records using (record_id)
    join survivors using (record_id)
)
select version_key, record_id, tracked, others, valid_from, valid_to, is_current, change_source, created_at, is_deleted, surviving_id from final

-- one row per record, field and second at which its value became another, or at which history's OldValue was not what stood.
-- Whatever was said last stands, so replaying needs no memory: history and covered tellings each set the value, history over a telling of
-- the same second, and what sets the value that stands already is no change. Nothing is said before CreatedDate.
with told_values as (
    select record_id, system_modstamp, unnest(tracked, recursive := true) from tellings
),
first_told as (
    select
        record_id, field, arg_min({value: value}, system_modstamp) as value,
        min(value) is distinct from max(value) or count(value) not in (0, count(*)) as varies
    from told_values
    group by all
),
first_changed as (
    select record_id, field, arg_min(before, second) as value from changes group by all
),
origins as (
    select
        record_id, field, records.created_at, coalesce(first_changed.value, first_told.value) as value,
        first_told.varies or first_changed.value is not null as varies
    from first_told
    join records using (record_id)
    left join first_changed using (record_id, field)
),
said as (
    select record_id, field, 0 as rank, created_at as moment, value, null as before from origins where varies
    union all
    select record_id, field, 1, system_modstamp, {value: told_values.value}, null
    from told_values
    join covered using (record_id, system_modstamp)
    join origins using (record_id, field)
    where origins.varies
    union all
    select record_id, field, 2, moment, after, before
    from changes
    where after is not null
),
placed as (
    select
        said.record_id, said.field, date_trunc('second', greatest(said.moment, records.created_at)) as second,
        arg_max({rank: said.rank, moment: said.moment, value: said.value, before: said.before}, {rank: said.rank, moment: said.moment}) as last
    from said
    join records on records.record_id = said.record_id
    group by all
),
compared as (
    select *, lag(last.value) over (partition by record_id, field order by second) as standing
    from placed
),
final as (
    select
        record_id, field, second, last.moment, last.value.value as value,
        case last.rank when 2 then 'history' when 1 then 'observed' else 'created' end as source,
        standing is null as is_first,
        standing is not null and last.value.value is distinct from standing.value as is_change,
        standing is not null and last.rank = 2 and last.before.value is distinct from standing.value as is_unfitting
    from compared
    where standing is null or last.value.value is distinct from standing.value or last.rank = 2
    union all
    select record_id, field, date_trunc('second', created_at), created_at, value.value, 'created', true, false, false
    from origins
    where not varies
)
select record_id, field, second, moment, value, source, is_first, is_change, is_unfitting from final

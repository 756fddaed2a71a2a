-- one row per record, field and second in which history moved it: from which value to which.
-- Salesforce orders nothing inside a second, so the rows are read as a chain: it begins where no other row ends and ends where no other
-- begins. A chain that breaks is cut by row id; one that closes on itself has no end and moves nothing.
with seconds as (
    select *, date_trunc('second', moment) as second from history_rows
),
beginnings as (
    select record_id, field, second, arg_min({value: old_value}, history_id) as before
    from seconds
    where not exists (
        select 1 from seconds as other
        where other.record_id = seconds.record_id and other.field = seconds.field and other.second = seconds.second
          and other.new_value is not distinct from seconds.old_value and other.history_id <> seconds.history_id
    )
    group by all
),
endings as (
    select record_id, field, second, arg_max({value: new_value}, history_id) as after
    from seconds
    where not exists (
        select 1 from seconds as other
        where other.record_id = seconds.record_id and other.field = seconds.field and other.second = seconds.second
          and other.old_value is not distinct from seconds.new_value and other.history_id <> seconds.history_id
    )
    group by all
),
whole as (
    select record_id, field, second, min(moment) as moment, arg_min({value: old_value}, history_id) as lowest
    from seconds
    group by all
),
final as (
    select whole.record_id, whole.field, whole.second, whole.moment, coalesce(beginnings.before, whole.lowest) as before, endings.after
    from whole
    left join beginnings using (record_id, field, second)
    left join endings using (record_id, field, second)
)
select record_id, field, second, moment, before, after from final

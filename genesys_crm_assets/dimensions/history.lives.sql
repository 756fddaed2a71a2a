-- one row per stretch between creation or undeletion and deletion of a record.
with turns as (
    select record_id, system_modstamp, is_deleted, lag(is_deleted, 1, false) over (partition by record_id order by system_modstamp) as was_deleted
    from tellings
),
bounds as (
    select record_id, created_at as moment, null as system_modstamp, false as is_deleted, 'created' as source from records
    union all
    select turns.record_id, greatest(turns.system_modstamp, records.created_at), turns.system_modstamp, turns.is_deleted, 'observed'
    from turns
    join records using (record_id)
    where turns.is_deleted <> turns.was_deleted
),
final as (
    select
        record_id, moment as life_from, is_deleted, source,
        lead(moment) over (partition by record_id order by system_modstamp nulls first) as life_to
    from bounds
)
select record_id, life_from, life_to, source from final where not is_deleted

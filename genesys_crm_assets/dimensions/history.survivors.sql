-- one row per record: where its merges end, and the living record it lives on in.
-- The recursion keeps each pair once, so a cycle of merges ends too, without having reached a record that was not merged.
with recursive merged as (
    select record_id, master_record_id from records where master_record_id is not null
),
followed as (
    select record_id, master_record_id as reached from merged
    union
    select followed.record_id, merged.master_record_id
    from followed
    join merged on merged.record_id = followed.reached
),
ended as (
    select followed.record_id, followed.reached
    from followed
    where not exists (select 1 from merged where merged.record_id = followed.reached)
),
reached as (
    select records.record_id, if(merged.record_id is null, records.record_id, ended.reached) as end_id
    from records
    left join merged using (record_id)
    left join ended using (record_id)
),
final as (
    select reached.record_id, reached.end_id is null as is_cycle, if(survivor.is_deleted, null, survivor.record_id) as surviving_id
    from reached
    left join records as survivor on survivor.record_id = reached.end_id
)
select record_id, is_cycle, surviving_id from final

-- every telling once per record and SystemModstamp: what was read last of that moment, and when that was first read.
with copies as (
    select *, min(received_at) over (partition by record_id, system_modstamp, record_sha256) as first_received_at
    from told
),
final as (
    select object, record_id, system_modstamp, first_received_at as received_at, created_at, is_deleted, master_record_id, tracked, others
    from copies
    qualify row_number() over (partition by record_id, system_modstamp order by received_at desc, record_sha256 desc) = 1
)
select object, record_id, system_modstamp, received_at, created_at, is_deleted, master_record_id, tracked, others from final

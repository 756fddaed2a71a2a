-- one row per record: what its latest telling says.
with final as (
    select object, record_id, created_at, is_deleted, master_record_id, others
    from tellings
    qualify row_number() over (partition by record_id order by system_modstamp desc) = 1
)
select object, record_id, created_at, is_deleted, master_record_id, others from final

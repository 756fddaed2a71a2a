-- the tellings whose moment's field history was read after them: only these may contradict history.
-- A telling and a read of one millisecond are in order: records are read before history.
with final as (
    select tellings.record_id, tellings.system_modstamp
    from tellings
    where exists (
        select 1 from staging.staging_salesforce_field_history_reads as reads
        where reads.day_utc = cast(tellings.system_modstamp as date)
          and reads.read_at >= tellings.received_at and reads.read_until > tellings.system_modstamp
    )
    or exists (
        select 1 from staging.staging_salesforce_field_history_reads as reads
        where reads.is_baseline and reads.read_at >= tellings.received_at and reads.read_until > tellings.system_modstamp
    )
    or exists (select 1 from audit.settings where list_contains(sources_absent, 'field_history'))
)
select record_id, system_modstamp from final

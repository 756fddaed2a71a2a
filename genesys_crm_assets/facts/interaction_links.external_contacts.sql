-- of several answers about one external contact, given on days whose tellings of this day's conversations asked for it, the newest speaks
-- that still knew it: whoever expired since was somebody all the same. An object without the column is of an older contract.
with standing as (
    select
        external_contact_id,
        crm_contact_id,
        struct_pack(is_known := not is_deleted, received_at := received_at, raw_day := day_utc) as standing
    from staging.staging_genesys_external_contacts
    where external_contact_id in (select external_contact_id from interactions)
      and coalesce(list_contains(start_days, $day), true)
),

answered as (
    select external_contact_id, arg_max(struct_pack(contact_id := crm_contact_id), standing).contact_id as contact_id
    from standing
    group by external_contact_id
),

named as (
    select external_contact_id, contact_id from contact_ids
    union all
    select external_contact_id, contact_id from answered where contact_id is not null
)

select external_contact_id, contact_id from named

with named as (
    select external_contact_id, max(crm_contact_id) as contact_id
    from staging.staging_genesys_external_contacts
    group by external_contact_id
),

links as (
    select
        links.*,
        coalesce(named.contact_id, regexp_extract(links.external_contact_id, '^003[0-9A-Za-z]{12}(?:[0-9A-Z]{3})?$')) as named_contact_id
    from facts.interaction_links as links
    left join named using (external_contact_id)
),

-- The first fifteen characters are the id; three more are a checksum.
told as (
    select distinct day_utc, object, left(told_id, 15) as record_id
    from (
        select day_utc, 'case' as object, crm_case_id as told_id from links
        union all
        select day_utc, 'contact', crm_contact_id from links
        union all
        select day_utc, 'external contact', named_contact_id from links
        union all
        select day_utc, 'account', crm_account_id from links
    )
    where told_id <> ''
),

known as (
    select distinct 'case' as object, left(case_id, 15) as record_id from dimensions.dim_salesforce_case
    union all
    select distinct unnest(['contact', 'external contact']), left(contact_id, 15) from dimensions.dim_salesforce_contact
    union all
    select distinct 'account', left(account_id, 15) from dimensions.dim_salesforce_account
),

counted as (
    select
        told.day_utc,
        told.object,
        count(*) as told,
        count(*) filter (known.record_id is null) as unknown
    from told
    semi join (select distinct object from known) as held on held.object = told.object
    left join known on known.object = told.object and known.record_id = told.record_id
    group by told.day_utc, told.object
),

strange_days as (
    select day_utc from counted group by day_utc having sum(told) >= 20 and sum(unknown) * 2 > sum(told)
)

select day_utc, object, told, unknown from counted semi join strange_days using (day_utc)

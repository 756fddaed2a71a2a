with asked as (
    select distinct unnest(cast(json_extract_string(request, '$.body.entities[*].id') as varchar[])) as external_contact_id
    from raw.raw_genesys_external_contacts
    where feed = 'external_contacts'
),

told as (
    select count(*) as contacts from asked
),

staged as (
    select
        count(*) as contacts,
        count(*) filter (canonical_id <> external_contact_id) as merged,
        count(*) filter (is_deleted) as deleted,
        count(*) filter (crm_contact_id is null) as without_contact
    from aside
)

select
    staged.contacts = told.contacts and not exists (from asked anti join aside using (external_contact_id)) as holds,
    told.contacts as asked,
    staged.contacts as rows,
    staged.merged,
    staged.deleted,
    staged.without_contact,
    refused_circles.circles as refused_circles
from staged, told, refused_circles

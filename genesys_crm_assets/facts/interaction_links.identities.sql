with own_numbers as (
    select unnest(own_numbers) as number from audit.settings
),

numbers as (
    select distinct phone.normalised as number, contact_id
    from (select contact_id, unnest(phones) as phone from dimensions.dim_salesforce_contact where is_current and surviving_id = contact_id)
    where phone.normalised in (select customer_phone from interactions)
),

number_owners as (
    select number, count(*) as found, min(contact_id) as contact_id
    from numbers
    anti join own_numbers using (number)
    group by number
),

addresses as (
    select distinct email.normalised as address, contact_id
    from (select contact_id, unnest(emails) as email from dimensions.dim_salesforce_contact where is_current and surviving_id = contact_id)
    where email.normalised in (select customer_email from interactions)
),

address_owners as (
    select address, count(*) as found, min(contact_id) as contact_id
    from addresses
    group by address
),

found_by_any_method as (
    select interaction_id, 1 as place, 'contact_attribute' as method, 1 as found, contacts.resolved_id as contact_id, null as account_id
    from interactions
    join contacts on contacts.contact_id = interactions.crm_contact_id and contacts.resolved_id is not null

    union all
    select interaction_id, 2, 'external_contact', 1, contacts.resolved_id, null
    from interactions
    join external_contacts using (external_contact_id)
    join contacts on contacts.contact_id = external_contacts.contact_id and contacts.resolved_id is not null

    union all
    select interaction_id, 3, 'account_attribute', 1, null, accounts.resolved_id
    from interactions
    join accounts on accounts.account_id = interactions.crm_account_id and accounts.resolved_id is not null

    union all
    select interaction_id, 4, 'phone', number_owners.found, number_owners.contact_id, null
    from interactions
    join number_owners on number_owners.number = interactions.customer_phone

    union all
    select interaction_id, 5, 'email', address_owners.found, address_owners.contact_id, null
    from interactions
    join address_owners on address_owners.address = interactions.customer_email
)

select interaction_id, place, method, found, contact_id, account_id from found_by_any_method

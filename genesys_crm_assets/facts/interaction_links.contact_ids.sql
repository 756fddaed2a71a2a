with met as (
    select distinct external_contact_id
    from interactions
    where regexp_full_match(external_contact_id, '003[0-9A-Za-z]{12}([0-9A-Z]{3})?')
),

-- The three last characters say, five by five, which of the first fifteen are capitals: each is a five-bit number.
summed as (
    select
        external_contact_id,
        external_contact_id[:15] || array_to_string(
            [
                'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'[cast(1 + list_sum([
                    case when external_contact_id[5 * five + place] between 'A' and 'Z' then 1 << (place - 1) else 0 end
                    for place in range(1, 6)
                ]) as bigint)]
                for five in range(3)
            ],
            ''
        ) as contact_id
    from met
),

named as (
    select external_contact_id, contact_id
    from summed
    where length(external_contact_id) = 15 or external_contact_id = contact_id
)

select external_contact_id, contact_id from named

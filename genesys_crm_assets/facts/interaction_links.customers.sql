with first_success as (
    select
        interaction_id,
        min(struct_pack(place := place, method := method, contact_id := contact_id, account_id := account_id))
            filter (where found = 1) as answer
    from identities
    group by interaction_id
),

ambiguous as (
    select identities.interaction_id, string_agg(identities.method, ', ' order by identities.place) as methods
    from identities
    join first_success using (interaction_id)
    where identities.found > 1 and (first_success.answer is null or identities.place < first_success.answer.place)
    group by identities.interaction_id
),

customers as (
    select
        first_success.interaction_id,
        first_success.answer.method as link_method,
        first_success.answer.contact_id as contact_id,
        first_success.answer.account_id as account_id,
        coalesce(first_success.answer.contact_id, first_success.answer.account_id) as customer_id,
        ambiguous.methods as ambiguous_methods
    from first_success
    left join ambiguous using (interaction_id)
)

select interaction_id, link_method, contact_id, account_id, customer_id, ambiguous_methods from customers

-- the names that field history has for the tracked columns of a Contact.
select 'Contact' as object, unnest([
    {field: 'account_id', history_field: 'Account', is_lookup: true},
    {field: 'account_id', history_field: 'AccountId', is_lookup: true},
    {field: 'owner_id', history_field: 'Owner', is_lookup: true},
    {field: 'owner_id', history_field: 'OwnerId', is_lookup: true},
    {field: 'email', history_field: 'Email', is_lookup: false},
    {field: 'phone', history_field: 'Phone', is_lookup: false}
], recursive := true)

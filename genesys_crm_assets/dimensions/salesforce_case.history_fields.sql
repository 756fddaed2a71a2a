-- the names that field history has for the tracked columns of a Case.
select 'Case' as object, unnest([
    {field: 'status', history_field: 'Status', is_lookup: false},
    {field: 'priority', history_field: 'Priority', is_lookup: false},
    {field: 'type', history_field: case_category_field, is_lookup: false},
    {field: 'owner_id', history_field: 'Owner', is_lookup: true},
    {field: 'owner_id', history_field: 'OwnerId', is_lookup: true},
    {field: 'contact_id', history_field: 'Contact', is_lookup: true},
    {field: 'contact_id', history_field: 'ContactId', is_lookup: true},
    {field: 'account_id', history_field: 'Account', is_lookup: true},
    {field: 'account_id', history_field: 'AccountId', is_lookup: true}
], recursive := true)
from audit.settings

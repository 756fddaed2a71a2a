-- the names that field history has for the tracked columns of an Account.
select 'Account' as object, unnest([
    {field: 'name', history_field: 'Name', is_lookup: false},
    {field: 'owner_id', history_field: 'Owner', is_lookup: true},
    {field: 'owner_id', history_field: 'OwnerId', is_lookup: true},
    {field: 'customer_tier', history_field: account_tier_field, is_lookup: false},
    {field: 'industry', history_field: account_industry_field, is_lookup: false}
], recursive := true)
from audit.settings

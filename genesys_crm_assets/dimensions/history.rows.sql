-- the rows of field history that move a tracked column, each once, with lookups as ids of 18 characters.
-- History rows in the bin went there with their record; what they tell happened all the same, so they count.
with told as (
    select
        history.history_id, history.record_id, fields.field, fields.is_lookup, history.created_at as moment,
        max(history.old_value) as old_value, max(history.new_value) as new_value
    from staging.staging_salesforce_field_history as history
    join history_fields as fields on fields.object = history.object and fields.history_field = history.field
    where history.old_value is not null or history.new_value is not null
    group by all
),
lookup_values as (
    select old_value as value from told where is_lookup and old_value is not null
    union
    select new_value from told where is_lookup and new_value is not null
),
spelled as (
    select value, substr(value, 1, 15) || array_to_string(list_transform([0, 1, 2], lambda block: substr(
        'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345',
        cast(1 + list_sum(list_transform([0, 1, 2, 3, 4], lambda bit:
            case when substr(value, 1 + 5 * block + bit, 1) between 'A' and 'Z' then 1 << bit else 0 end)) as bigint),
        1)), '') as id
    from lookup_values
    where regexp_full_match(value, '[0-9A-Za-z]{15}|[0-9A-Za-z]{18}')
),
-- accounts, contacts, users and groups all begin with 00, which keeps a name of fifteen letters from passing for an id
ids as (
    select value, id from spelled where value = id or (length(value) = 15 and starts_with(value, '00'))
),
final as (
    select told.history_id, told.record_id, told.field, told.moment, told.old_value, told.new_value
    from told
    where not told.is_lookup
    union all
    select told.history_id, told.record_id, told.field, told.moment, old_ids.id, new_ids.id
    from told
    left join ids as old_ids on old_ids.value = told.old_value
    left join ids as new_ids on new_ids.value = told.new_value
    where told.is_lookup
      and (told.old_value is null or old_ids.id is not null)
      and (told.new_value is null or new_ids.id is not null)
)
select history_id, record_id, field, moment, old_value, new_value from final

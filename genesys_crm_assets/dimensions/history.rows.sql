-- the rows of field history that move a tracked column, each once: lookups as ids of 18 characters, numbers and dates spelled as tellings are.
-- History rows in the bin went there with their record; what they tell happened all the same, so they count. A value that cannot be read
-- as what its column holds is the name of a lookup or no value of that column: its row moves nothing.
with told as (
    select
        history.history_id, history.record_id, fields.field, fields.kind, history.created_at as moment,
        max(history.old_value) as old_value, max(history.new_value) as new_value
    from staging.staging_salesforce_field_history as history
    join history_fields as fields on fields.object = history.object and fields.history_field = history.field
    where history.old_value is not null or history.new_value is not null
    group by all
),
values_told as (
    select kind, old_value as value from told where kind <> 'text' and old_value is not null
    union
    select kind, new_value from told where kind <> 'text' and new_value is not null
),
spelled as (
    select value, substr(value, 1, 15) || array_to_string(list_transform([0, 1, 2], lambda block: substr(
        'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345',
        cast(1 + list_sum(list_transform([0, 1, 2, 3, 4], lambda bit:
            case when substr(value, 1 + 5 * block + bit, 1) between 'A' and 'Z' then 1 << bit else 0 end)) as bigint),
        1)), '') as id
    from values_told
    where kind = 'lookup' and regexp_full_match(value, '[0-9A-Za-z]{15}|[0-9A-Za-z]{18}')
),
-- accounts, contacts, users and groups all begin with 00, which keeps a name of fifteen letters from passing for an id
read_values as (
    select 'lookup' as kind, value, id as meant from spelled where value = id or (length(value) = 15 and starts_with(value, '00'))
    union all
    select kind, value, cast(try_cast(value as double) as varchar) from values_told
    where kind = 'number' and try_cast(value as double) is not null
    union all
    select kind, value, cast(try_cast(left(value, 10) as date) as varchar) from values_told
    where kind = 'date' and try_cast(left(value, 10) as date) is not null
),
final as (
    select told.history_id, told.record_id, told.field, told.moment, told.old_value, told.new_value
    from told
    where told.kind = 'text'
    union all
    select told.history_id, told.record_id, told.field, told.moment, before.meant, after.meant
    from told
    left join read_values as before on before.kind = told.kind and before.value = told.old_value
    left join read_values as after on after.kind = told.kind and after.value = told.new_value
    where told.kind <> 'text'
      and (told.old_value is null or before.meant is not null)
      and (told.new_value is null or after.meant is not null)
)
select history_id, record_id, field, moment, old_value, new_value from final

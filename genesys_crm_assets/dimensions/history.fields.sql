-- the names that field history has for the tracked columns: the mapping's fields, and of a lookup such as OwnerId the relation's name, Owner, too.
-- The first phone and e-mail field of a Contact feed its tracked columns.
with mapped as (
    select unnest(source_columns, recursive := true) from audit.settings
),
tracked as (
    select object, list_transform(any_value(tracked), lambda each: each.field) as names from told group by object
),
named as (
    select
        mapped.object, mapped.staged as field, mapped.field as history_field,
        case mapped.kind when 'id' then 'lookup' when 'number' then 'number' when 'date' then 'date' else 'text' end as kind
    from mapped
    join tracked on tracked.object = mapped.object and list_contains(tracked.names, mapped.staged)
),
final as (
    select object, field, history_field, kind from named
    union
    select object, field, regexp_replace(history_field, 'Id$', ''), kind from named where kind = 'lookup'
)
select object, field, history_field, kind from final

-- no field history is read of this object: no rows.
select
    cast(null as varchar) as history_id, cast(null as varchar) as record_id, cast(null as varchar) as field,
    cast(null as timestamp) as moment, cast(null as varchar) as old_value, cast(null as varchar) as new_value
from tellings
where false

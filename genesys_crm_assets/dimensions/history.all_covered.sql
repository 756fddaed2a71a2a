-- no field history exists of this object, so there is none to wait for.
select record_id, system_modstamp from tellings

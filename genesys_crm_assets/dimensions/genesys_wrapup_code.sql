select record_id as wrapup_code_id, name from names

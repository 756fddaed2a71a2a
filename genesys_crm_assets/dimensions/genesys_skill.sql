select record_id as skill_id, name from names

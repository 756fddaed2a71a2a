select record_id as location_id, name from names

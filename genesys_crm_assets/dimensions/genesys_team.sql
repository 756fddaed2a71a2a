select record_id as team_id, name from names

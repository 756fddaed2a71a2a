select thing_id as record_id, name, observed_on from staging.staging_genesys_reference where listing = 'skills'

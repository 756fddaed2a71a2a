-- which tables follow the object of the same day of which others; a test holds it to what the bodies say
select *
from (
    values
    ('staging_genesys_tellings', 'raw_genesys_interactions'),
    ('quarantine_records', 'raw_genesys_interactions'),
    ('staging_genesys_metrics', 'staging_genesys_tellings'),
    ('staging_genesys_sessions', 'staging_genesys_metrics'),
    ('staging_genesys_external_contacts', 'raw_genesys_external_contacts'),
    ('staging_genesys_external_contacts', 'staging_genesys_tellings'),
    ('staging_salesforce_accounts', 'raw_salesforce_accounts'),
    ('staging_salesforce_cases', 'raw_salesforce_cases'),
    ('staging_salesforce_contacts', 'raw_salesforce_contacts'),
    ('staging_salesforce_field_history', 'raw_salesforce_field_history'),
    ('staging_salesforce_opportunities', 'raw_salesforce_opportunities'),
    ('staging_salesforce_users', 'raw_salesforce_users'),
    ('interaction_links', 'staging_genesys_metrics'),
    ('fact_customer_interactions', 'staging_genesys_metrics'),
    ('fact_customer_interactions', 'interaction_links'),
    ('fact_anonymous_interactions', 'staging_genesys_metrics'),
    ('fact_anonymous_interactions', 'interaction_links'),
    ('quarantine_interactions', 'interaction_links'),
    ('fact_queue_activity', 'staging_genesys_tellings'),
    ('fact_sessions', 'staging_genesys_sessions'),
    ('fact_sessions', 'staging_genesys_metrics'),
    ('fact_agent_adherence', 'raw_genesys_adherence'),
    ('reconciliation', 'raw_genesys_interactions'),
    ('reconciliation', 'raw_genesys_queue_totals'),
    ('reconciliation', 'fact_queue_activity'),
    ('reconciliation', 'quarantine_records'),
    ('reconciliation', 'raw_salesforce_totals')
) as pairs (table_name, source)

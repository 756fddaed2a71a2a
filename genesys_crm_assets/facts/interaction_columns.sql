with interactions as (
    select
        sha256('genesys|' || conversation_id) as interaction_key,
        conversation_id as interaction_id,
        conversation_start as interaction_timestamp_utc,
        conversation_end as interaction_end_utc,

        media_type,
        direction,
        queue_id,
        last_queue_id,
        queue_ids,
        agent_id,
        agent_ids,
        disposition_code,

        duration_ms,
        handle_time_ms,
        talk_time_ms,
        hold_time_ms,
        queue_time_ms,
        wrap_up_time_ms,

        abandoned,
        transferred,
        was_escalated,
        handled_by_bot_only,
        qa_score,
        csat_score,

        external_contact_id,
        crm_case_id,
        crm_account_id,
        crm_contact_id,
        customer_address,
        customer_phone,
        customer_email,

        division_ids,
        is_provisional,
        'genesys_cloud' as data_source,
        record_sha256
    from staging.staging_genesys_metrics
)

select * from interactions

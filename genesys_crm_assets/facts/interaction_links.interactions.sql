with timed as (
    select
        metrics.*,
        epoch_ms(metrics.conversation_start) as start_ms,
        epoch_ms(coalesce(metrics.conversation_end, metrics.conversation_start)) as told_end_ms,
        coalesce(
            list_bool_or([
                metrics.conversation_start >= period.start_at and metrics.conversation_start < period.end_at
                for period in settings.high_latency_periods
            ]),
            false
        ) as is_high_latency,
        settings.match_window_hours * 3_600_000 as window_ms,
        settings.match_tolerance_minutes * 60_000 as tolerance_ms
    from staging.staging_genesys_metrics as metrics
    cross join audit.settings as settings
),

bounded as (
    select
        *,
        least(told_end_ms, start_ms + 86_400_000) as end_ms,
        case when is_high_latency then window_ms else tolerance_ms end as reach_ms
    from timed
)

select
    conversation_id as interaction_id,
    crm_case_id,
    crm_contact_id,
    external_contact_id,
    crm_account_id,
    customer_phone,
    customer_email,
    start_ms,
    end_ms,
    start_ms - reach_ms as from_ms,
    end_ms + reach_ms as until_ms
from bounded

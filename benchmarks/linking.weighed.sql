-- Every interaction beside its true case and its linked one, each weighed by §6.3 anew, from the tables the rules read.
with spans as (
    select
        metrics.conversation_id as interaction_id,
        epoch_ms(metrics.conversation_start) as start_ms,
        least(epoch_ms(coalesce(metrics.conversation_end, metrics.conversation_start)), epoch_ms(metrics.conversation_start) + 86_400_000) as end_ms,
        case
            when coalesce(
                list_bool_or([
                    metrics.conversation_start >= period.start_at and metrics.conversation_start < period.end_at
                    for period in settings.high_latency_periods
                ]),
                false
            ) then settings.match_window_hours * 3_600_000
            else settings.match_tolerance_minutes * 60_000
        end as tolerance_ms,
        settings.match_lookback_hours * 3_600_000 as lookback_ms
    from staging.staging_genesys_metrics as metrics
    cross join audit.settings as settings
),

named as (
    select interaction_id, 'true' as side, case_id from truth where case_id is not null
    union all
    select interaction_id, 'linked', case_id from facts.interaction_links where case_id is not null
),

contacts as (
    select contact_id, max(surviving_id) as resolved_id from dimensions.dim_salesforce_contact group by contact_id
),

living as (
    select
        cases.case_id,
        coalesce(contacts.resolved_id, cases.contact_id) as contact_id,
        cases.account_id,
        epoch_ms(cases.created_at) as created_ms,
        epoch_ms(cases.closed_at) as closed_ms
    from dimensions.dim_salesforce_case as cases
    left join contacts using (contact_id)
    where cases.is_current and cases.surviving_id = cases.case_id
),

pairs as (
    select named.side, spans.*, living.case_id, living.contact_id, living.account_id, living.created_ms, living.closed_ms
    from named
    join spans using (interaction_id)
    join living using (case_id)
),

touches as (
    select pairs.interaction_id, pairs.side, min(greatest(start_ms - epoch_ms(created_at), epoch_ms(created_at) - end_ms, 0)) as touched_distance
    from pairs
    join staging.staging_salesforce_field_history as history on history.record_id = pairs.case_id
    where (history.old_value is not null or history.new_value is not null)
        and epoch_ms(history.created_at) between start_ms - tolerance_ms and end_ms + tolerance_ms
    group by pairs.interaction_id, pairs.side
),

measured as (
    select pairs.*, touched_distance, greatest(start_ms - created_ms, created_ms - end_ms, 0) as created_distance
    from pairs
    left join touches using (interaction_id, side)
),

placed as (
    select
        *,
        case
            when created_ms > end_ms + tolerance_ms then null
            when created_ms >= start_ms - tolerance_ms then 2
            when coalesce(closed_ms >= start_ms - tolerance_ms, true) then if(touched_distance is null, 4, 3)
            when created_ms >= start_ms - lookback_ms then 5
        end as place
    from measured
)

select
    interaction_id,
    side,
    case_id,
    contact_id,
    account_id,
    created_ms - start_ms as created_offset_ms,
    closed_ms - start_ms as closed_offset_ms,
    created_distance,
    touched_distance,
    place,
    ['case_attribute', 'created_with', 'touched_with', 'open_case', 'lookback'][place] as rule,
    struct_pack(
        place := place,
        distance := if(place = 3, touched_distance, created_distance),
        created_distance := created_distance,
        created_ms := created_ms,
        case_id := case_id
    ) as rank
from placed

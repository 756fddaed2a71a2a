with rules as (
    select
        list_contains(match_rules, 'created_with') as created_with,
        list_contains(match_rules, 'touched_with') as touched_with,
        list_contains(match_rules, 'open_case') as open_case,
        list_contains(match_rules, 'lookback') as lookback,
        match_lookback_hours * 3_600_000 as lookback_ms
    from audit.settings
),

measured as (
    select
        interactions.interaction_id,
        interactions.start_ms,
        interactions.from_ms,
        interactions.until_ms,
        cases.case_id,
        cases.account_id,
        cases.created_ms,
        cases.closed_ms,
        greatest(interactions.start_ms - cases.created_ms, cases.created_ms - interactions.end_ms, 0) as created_distance,
        -- Numbers in a list, not rows: one busy customer must not multiply interactions by cases by changes (P9).
        list_min([
            greatest(interactions.start_ms - touch, touch - interactions.end_ms, 0)
            for touch in cases.touches_ms
            if touch between interactions.from_ms and interactions.until_ms
        ]) as touched_distance
    from interactions
    join customers using (interaction_id)
    join customer_cases as cases using (customer_id)
),

ruled as (
    select
        measured.*,
        case
            when created_ms > until_ms then null
            when created_ms >= from_ms then case when rules.created_with then 2 end
            when closed_ms < from_ms then case when rules.lookback and created_ms >= start_ms - rules.lookback_ms then 5 end
            when touched_distance is not null then case when rules.touched_with then 3 end
            when rules.open_case then 4
        end as place
    from measured
    cross join rules
),

chosen as (
    select
        interaction_id,
        count(place) as candidates,
        count(*) as customer_cases,
        min(struct_pack(
            place := place,
            distance := case when place = 3 then touched_distance else created_distance end,
            created_distance := created_distance,
            created_ms := created_ms,
            case_id := case_id,
            account_id := account_id
        )) filter (where place is not null) as best,
        min(struct_pack(created_distance := created_distance, created_ms := created_ms, case_id := case_id)) as nearest
    from ruled
    group by interaction_id
)

select
    interaction_id,
    candidates,
    customer_cases,
    ['case_attribute', 'created_with', 'touched_with', 'open_case', 'lookback'][best.place] as case_match_rule,
    best.case_id as case_id,
    best.account_id as account_id,
    best.created_ms as created_ms,
    nearest.case_id as nearest_case_id,
    nearest.created_ms as nearest_created_ms
from chosen

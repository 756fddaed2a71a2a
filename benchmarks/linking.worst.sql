-- Of each cause the most misleading first: the rule trusted most, then the fewest candidates, then the shortest conversation; a wrong link
-- before a missing one. Causes take turns, the most frequent first.
with ranked as (
    select
        *,
        count(*) over (partition by cause) as as_frequent,
        row_number() over (
            partition by cause
            order by
                linked_case_id is null,
                list_position(['case_attribute', 'created_with', 'touched_with', 'lookback', 'open_case'], case_match_rule) nulls last,
                match_candidates,
                duration_ms nulls last,
                interaction_id
        ) as turn
    from judged
    where cause is not null
)

select * from ranked
order by turn, as_frequent desc, cause
limit 10

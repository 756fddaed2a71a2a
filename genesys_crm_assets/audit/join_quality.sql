with counted as (
    select
        day_utc,
        link_method,
        case_match_rule,
        count(*) as interactions,
        avg(match_candidates) as mean_candidates
    from facts.interaction_links
    group by day_utc, link_method, case_match_rule
)

select * from counted

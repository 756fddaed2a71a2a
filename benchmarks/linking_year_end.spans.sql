-- How much was linked, and how well, by ISO week, on the slow days, and on all others; the usual window beside the period.
with spans as (
    select week as span, * from judged
    union all
    select '30 December to 2 January' as span, * from judged where is_slow
    union all
    select 'every other day' as span, * from judged where not is_slow
),

counted as (
    select
        span,
        matched,
        count(*) as interactions,
        avg(has_case::int) as with_case,
        avg(is_linked::int) as linked,
        -- how many conversations have a case differs from week to week; linking is not to blame for it
        count(*) filter (where is_linked) / count(*) filter (where has_case) as per_case,
        count(*) filter (where is_right) / count(*) filter (where is_linked) as precision,
        count(*) filter (where is_right) / count(*) filter (where has_case) as recall,
        count(*) filter (where case_match_rule = 'created_with') / count(*) as created_with
    from spans
    group by span, matched
),

compared as (
    select
        usual.*,
        widened.linked as linked_widened,
        widened.per_case as per_case_widened,
        widened.precision as precision_widened,
        widened.recall as recall_widened,
        widened.created_with as created_with_widened
    from counted as usual
    join counted as widened using (span)
    where usual.matched = 'usual' and widened.matched = 'widened'
)

select * from compared
order by not starts_with(span, '20'), span

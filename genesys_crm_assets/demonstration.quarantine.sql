select 'records' as "of", reason, count(*) as "rows"
from staging.quarantine_records
group by all
union all
select 'interactions', reason, count(*)
from facts.quarantine_interactions
group by all
order by all

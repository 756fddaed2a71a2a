-- what the objects of tables that follow others, or are followed, say of themselves; `stamp` is what followers compare
select
    table_name,
    day_utc,
    max(value) filter (where paper = 'content')
    || coalesce('|' || left(sha256(max(value) filter (where paper = 'reads' and value <> '')), 16), '') as stamp,
    max(value) filter (where paper = 'starts') as starts,
    max(value) filter (where paper = 'built_from') as built_from,
    max(value) filter (where paper = 'settled') as settled,
    coalesce(try_cast(max(value) filter (where paper = 'awaits_until') as date), date '9999-12-31') as awaits_until
from audit.papers
where table_name in (select table_name from follows union all select source from follows)
group by table_name, day_utc

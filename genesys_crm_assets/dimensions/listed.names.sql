-- one row per thing, by the last name it was listed under.
select record_id, arg_max(name, observed_on) as name
from told
group by record_id

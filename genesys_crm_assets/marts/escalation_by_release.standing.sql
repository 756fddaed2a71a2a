-- what this table says already of releases that must not be judged anew
select standing.* exclude (loaded_at, run_id)
from marts.escalation_by_release as standing
join windows
    on windows.release = standing.release
    and windows.product is not distinct from standing.product
    and windows.released_at = standing.released_at
where windows.is_held

with ours as (
    select distinct record_id from aside as version(version_key, record_id)
),
missing as (
    select record_id from records
    except
    select record_id from ours
),
invented as (
    select record_id from ours
    except
    select record_id from records
)
select
    (select count(*) from missing) = 0 and (select count(*) from invented) = 0 as holds,
    (select count(*) from records) as records, (select count(*) from aside) as versions, (select count(*) from tellings) as tellings,
    (select count(*) from tellings) - (select count(*) from covered) as tellings_waiting,
    (select array_to_string(list_sort(list(record_id))[1:10], ' ') from missing) as offenders

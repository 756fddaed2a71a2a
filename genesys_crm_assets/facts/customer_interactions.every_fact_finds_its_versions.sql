with missing as (
    select
        count(*) filter (case_id is not null and case_version_key is null) as cases_without_version,
        count(*) filter (account_id is not null and account_version_key is null) as accounts_without_version,
        count(*) filter (contact_id is not null and contact_version_key is null) as contacts_without_version,
        count(*) filter (
            (case_id is null) <> (case_version_key is null)
            or (account_id is null) <> (account_version_key is null)
            or (contact_id is null) <> (contact_version_key is null)
        ) as torn
    from aside
)
select torn = 0 as holds, cases_without_version, accounts_without_version, contacts_without_version
from missing

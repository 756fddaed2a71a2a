with last_observation as (
    select feed, page, body
    from raw.raw_salesforce_releases
    where observation = (select max(observation) from raw.raw_salesforce_releases)
)

select feed, body, release_field, release_product_field, released_at_field
from last_observation
cross join audit.settings
order by page

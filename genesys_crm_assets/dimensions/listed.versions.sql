-- one row per version of a thing: from the moment a listing first told it so to the moment one told it otherwise.
-- The first begins at START_DATE, and what was observed earlier than that stands at it.
with placed as (
    select
        told.*,
        if(
            row_number() over (partition by told.record_id order by told.observed_at) = 1,
            cast(settings.start_date as timestamp),
            greatest(told.observed_at, cast(settings.start_date as timestamp))
        ) as moment
    from told
    cross join audit.settings as settings
),

standing as (
    select object, record_id, moment, {name: name, division: division, is_active: is_active} as tracked
    from placed
    qualify row_number() over (partition by record_id, moment order by observed_at desc) = 1
),

compared as (
    select
        *,
        row_number() over following as place,
        lag(tracked) over following as before
    from standing
    window following as (partition by record_id order by moment)
),

turned as (
    select object, record_id, moment as valid_from, tracked, if(place = 1, 'created', 'observed') as change_source
    from compared
    where place = 1 or tracked is distinct from before
),

final as (
    select
        sha256(object || '|' || record_id || '|' || strftime(valid_from, '%Y-%m-%dT%H:%M:%S.%gZ')) as version_key,
        record_id, tracked, valid_from, change_source,
        lead(valid_from) over (partition by record_id order by valid_from) as valid_to
    from turned
)

select version_key, record_id, tracked, valid_from, valid_to, valid_to is null as is_current, change_source from final

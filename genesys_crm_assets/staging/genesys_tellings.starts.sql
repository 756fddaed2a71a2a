-- what staged days depend on: which tellings of a conversation there are, in the order in which the last wins, and whether Genesys was done
with told as (
    select
        *,
        feed = 'conversation_jobs' as carries_attributes,
        coalesce(data_available_until >= $day_end, false) as is_settled
    from result
),
conversations as (
    select
        start_day,
        conversation_id,
        max(received_at) as received_at,
        string_agg(
            concat_ws('|', record_sha256, feed, is_settled), ','
            order by carries_attributes, received_at, page, position
        ) as tellings
    from told
    group by start_day, conversation_id
),
days as (
    select
        start_day,
        max(received_at) as received_at,
        sha256(string_agg(concat_ws('|', conversation_id, tellings), ';' order by conversation_id)) as digest
    from conversations
    group by start_day
)
select
    coalesce(
        cast(
            json_group_object(
                cast(start_day as varchar),
                json_object('received_at', strftime(received_at, '%Y-%m-%dT%H:%M:%S.%f'), 'digest', digest)
            ) as varchar
        ),
        '{}'
    ) as starts
from days

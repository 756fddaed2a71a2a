-- the shared columns of staging_genesys_metrics by DuckDB's own JSON reader, one conversation a line, explicit columns
with told as (
    select row_number() over () as line, *
    from read_json($lines, format = 'newline_delimited', maximum_object_size = 67108864, columns = {
        conversationId: 'varchar', conversationStart: 'timestamptz', conversationEnd: 'timestamptz', originatingDirection: 'varchar',
        participants: 'struct(purpose varchar, userId varchar, externalContactId varchar, attributes map(varchar, varchar), sessions struct(mediaType varchar, direction varchar, ani varchar, dnis varchar, addressFrom varchar, addressTo varchar, segments struct(segmentStart timestamptz, segmentEnd timestamptz, segmentType varchar, queueId varchar, wrapUpCode varchar)[], metrics struct(name varchar, value bigint)[])[])[]'
    })
),
numbered as (
    select line, row_number() over (partition by line) as place, participant
    from (select line, unnest(participants) as participant from told)
),
sessions as (
    select
        line,
        place as participant_place,
        user_id,
        place * 1000 + row_number() over (partition by line, place) as session_place,
        purpose in ('customer', 'external') as is_customer,
        purpose in ('agent', 'user') as is_agent,
        session
    from (select line, place, participant.userId as user_id, participant.purpose as purpose, unnest(participant.sessions) as session from numbered)
),
segments as (
    select
        line, participant_place, user_id, session_place * 1000 + row_number() over (partition by line, session_place) as place,
        is_agent, segment
    from (select line, participant_place, user_id, session_place, is_agent, unnest(session.segments) as segment from sessions)
),
metrics as (
    select line, participant_place, session_place, is_agent, metric.name as name, metric.value as value
    from (select line, participant_place, session_place, is_agent, unnest(session.metrics) as metric from sessions)
),
by_session as (
    select
        line,
        participant_place,
        coalesce(sum(value) filter (name = 'tHandle'), 0) as handle,
        coalesce(sum(value) filter (name = 'tAcw'), 0) as acw,
        coalesce(sum(value) filter (name = 'tAcd'), 0) as acd,
        coalesce(sum(value) filter (name = 'tTalkComplete'), sum(value) filter (name = 'tTalk'), 0) as talk,
        coalesce(sum(value) filter (name = 'tHeldComplete'), sum(value) filter (name = 'tHeld'), 0) as held,
        bool_or(name = 'tAbandon') as abandoned,
        bool_or(is_agent and name in ('nTransferred', 'nBlindTransferred', 'nConsultTransferred') and value > 0) as transferred
    from metrics
    group by line, participant_place, session_place
),
sums as (
    select
        line, sum(handle) as handle, sum(acw) as acw, sum(acd) as acd, sum(talk) as talk, sum(held) as held,
        bool_or(abandoned) as abandoned, bool_or(transferred) as transferred
    from by_session
    group by line
),
media as (
    select
        line,
        arg_min(session.mediaType, struct_pack(other := not is_customer, place := session_place))
            filter (session.mediaType is not null) as media_type,
        arg_min(
            if(session.direction = 'outbound', coalesce(session.dnis, session.addressTo), coalesce(session.ani, session.addressFrom)),
            session_place
        ) filter (
            is_customer
            and if(session.direction = 'outbound', coalesce(session.dnis, session.addressTo), coalesce(session.ani, session.addressFrom))
                is not null
        ) as customer_address
    from sessions
    group by line
),
queues as (
    select
        line,
        list(segment.queueId order by segment.segmentStart nulls last, place) as sequence
    from segments
    where segment.queueId is not null
    group by line
),
codes as (
    select line, arg_max(segment.wrapUpCode, struct_pack(at := coalesce(segment.segmentEnd, '-infinity'), place := place)) as code
    from segments
    where is_agent and segment.segmentType = 'wrapup' and segment.wrapUpCode <> ''
    group by line
),
spoken as (
    select
        line, participant_place, user_id,
        min(struct_pack(at := coalesce(segment.segmentStart, 'infinity'), place := place)) as begun
    from segments
    where is_agent and segment.segmentType = 'interact' and user_id is not null
    group by line, participant_place, user_id
),
handled as (
    select line, participant_place, sum(handle) as handle
    from by_session
    group by line, participant_place
),
by_agent as (
    select spoken.line, spoken.user_id, min(spoken.begun) as begun, coalesce(sum(handled.handle), 0) as handle
    from spoken
    left join handled on handled.line = spoken.line and handled.participant_place = spoken.participant_place
    group by spoken.line, spoken.user_id
),
agents as (
    select line, list(user_id order by begun) as agent_ids, list(user_id order by handle desc, begun)[1] as agent_id
    from by_agent
    group by line
),
people as (
    select
        line,
        arg_min(participant.externalContactId, place) filter (
            participant.purpose in ('customer', 'external') and participant.externalContactId is not null
        ) as external_contact_id,
        arg_max(participant.attributes['escalated'], place) filter (participant.attributes['escalated'] is not null) as escalated
    from numbered
    group by line
),
shared as (
    select
        told.conversationId as conversation_id,
        cast(told.conversationStart as timestamp) as conversation_start,
        cast(told.conversationEnd as timestamp) as conversation_end,
        date_diff('millisecond', told.conversationStart, told.conversationEnd) as duration_ms,
        media.media_type,
        told.originatingDirection as direction,
        queues.sequence[1] as queue_id,
        queues.sequence[-1] as last_queue_id,
        list_filter(queues.sequence, lambda queue, place: list_position(queues.sequence, queue) = place) as queue_ids,
        coalesce(agents.agent_ids, []) as agent_ids,
        agents.agent_id,
        cast(sums.handle as bigint) as handle_time_ms,
        cast(sums.acw as bigint) as wrap_up_time_ms,
        cast(sums.acd as bigint) as queue_time_ms,
        cast(sums.talk as bigint) as talk_time_ms,
        cast(sums.held as bigint) as hold_time_ms,
        codes.code as disposition_code,
        sums.abandoned,
        sums.transferred,
        people.external_contact_id,
        coalesce(lower(people.escalated) = 'true', false) as was_escalated,
        media.customer_address
    from told
    left join media on media.line = told.line
    left join queues on queues.line = told.line
    left join sums on sums.line = told.line
    left join agents on agents.line = told.line
    left join codes on codes.line = told.line
    left join people on people.line = told.line
)
select * from shared

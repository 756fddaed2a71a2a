"""Records as no client wants them: one kind for each reason for which a record cannot be staged.

They come on top of the well-formed conversations and in job results only; nothing else, least of all the aggregates, knows of them.
"""

import random
from collections.abc import Callable

import msgspec

from genesys_crm_assets.sandbox.clock import DAY, HOUR, MINUTE, iso
from genesys_crm_assets.sandbox.draft import Body
from genesys_crm_assets.sandbox.identifiers import uuid
from genesys_crm_assets.sandbox.tellings import Conversation

# One record in 1,300 or so.
SHARE = 0.0008


def _sound(rng: random.Random, start: int, end: int) -> Body:
    segment = {"conference": False, "segmentStart": iso(start), "segmentEnd": iso(end), "segmentType": "interact"}
    session = {"sessionId": uuid(rng), "mediaType": "voice", "direction": "inbound", "segments": [segment]}
    participant = {"participantId": uuid(rng), "purpose": "customer", "sessions": [session]}
    told = {"conversationId": uuid(rng), "conversationStart": iso(start), "conversationEnd": iso(end), "originatingDirection": "inbound"}
    return told | {"participants": [participant]}


def _without(name: str) -> Callable[[random.Random, Body], object]:
    return lambda _rng, body: {key: value for key, value in body.items() if key != name}


def _wrong_type(rng: random.Random, body: Body) -> object:
    session = body["participants"][0]["sessions"][0]
    wrong = {"emitDate": body["conversationEnd"], "name": "tConnected", "value": "three minutes"}
    return rng.choice(
        (
            {**body, "conversationStart": 1_767_225_600_000},
            {**body, "participants": [{"purpose": "customer", "sessions": [session | {"metrics": [wrong]}]}]},
        )
    )


def _ends_early(_rng: random.Random, body: Body) -> object:
    return {**body, "conversationEnd": body["conversationStart"][:4].replace("20", "19") + body["conversationEnd"][4:]}


KINDS: dict[str, Callable[[random.Random, Body], object]] = {
    "not_an_object": lambda rng, body: rng.choice((body["conversationId"], 17, [body["conversationId"]])),
    "missing_id": _without("conversationId"),
    "missing_start": _without("conversationStart"),
    "missing_participants": _without("participants"),
    "wrong_type": _wrong_type,
    "end_before_start": _ends_early,
    "starts_after_day": lambda _rng, body: body,
}


def quota(place: int, days: int, per_day: int) -> list[str]:
    """The kinds that the `place`-th day of the window brings; together the days of the window bring each kind at least once."""
    kinds = list(KINDS)
    total = max(len(kinds), round(SHARE * per_day * days))
    return [kinds[count % len(kinds)] for count in range(total) if count % days == place % days]


def record(rng: random.Random, kind: str, midnight: int) -> Conversation:
    """A malformed record that jobs over the day from `midnight` on return; one with a wrong type was still going on at the next midnight."""
    start = midnight + 9 * HOUR + rng.randrange(8 * HOUR)
    end = start + rng.randrange(MINUTE, HOUR)
    if kind == "wrong_type":
        start, end = midnight + DAY - 5 * MINUTE, midnight + DAY + 5 * MINUTE
    if kind == "starts_after_day":
        # The lake filed it under the day before it began.
        body = _sound(rng, midnight + DAY + MINUTE, midnight + DAY + HOUR)
        start = end = midnight + DAY - 1
    else:
        body = _sound(rng, start, end)
    return Conversation(id="", start=start, end=end, settled=end, identified=start, told=msgspec.json.encode(KINDS[kind](rng, body)))

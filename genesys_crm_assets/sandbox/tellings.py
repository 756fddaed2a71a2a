"""One conversation as told at a moment: what was known of it by then, in the bytes that go over the wire.

Not here: which conversations a request matches (`genesys.py`, `jobs.py`).
"""

from dataclasses import dataclass

import msgspec

from genesys_crm_assets.sandbox.clock import iso
from genesys_crm_assets.sandbox.draft import Body


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation with everything that will ever be told of it; times in epoch milliseconds.

    `settled` is when the last of it is known; before `identified`, who the customer is was not. A malformed record has no id.
    """

    id: str
    start: int
    end: int | None
    settled: int
    identified: int
    told: bytes

    def active(self, start: int, end: int, known: int) -> bool:
        """Whether it was going on in [start, end), as far as is known."""
        return self.start < end and self.start <= known and (self.end is None or self.end >= start)

    def telling(self, known: int) -> bytes:
        """The record as told when everything up to `known` is."""
        return self.told if known >= self.settled or not self.id else msgspec.json.encode(self.record(known))

    def record(self, known: int) -> Body:
        """The same, decoded."""
        body: Body = msgspec.json.decode(self.told)
        return body if known >= self.settled else _as_known(body, iso(known), identified=known >= self.identified)


def without_attributes(body: Body) -> Body:
    """The record as everything but the jobs tells it."""
    for participant in body["participants"]:
        participant.pop("attributes", None)
    return body


def _as_known(body: Body, limit: str, *, identified: bool) -> Body:
    if body.get("conversationEnd", "") > limit:
        del body["conversationEnd"]
        body.pop("selfServed", None)
    for scores in ("surveys", "evaluations"):
        _keep(body, scores, [score for score in body.get(scores, ()) if score["eventTime"] <= limit])
    for participant in body["participants"]:
        if not identified:
            participant.pop("externalContactId", None)
        for session in participant.get("sessions", ()):
            _session_as_known(session, limit)
    body["participants"] = [participant for participant in body["participants"] if _has_begun(participant)]
    return body


def _session_as_known(session: Body, limit: str) -> None:
    _keep(session, "metrics", [metric for metric in session.get("metrics", ()) if metric["emitDate"] <= limit])
    _keep(session, "segments", [segment for segment in session.get("segments", ()) if segment["segmentStart"] <= limit])
    for segment in session.get("segments", ()):
        if segment.get("segmentEnd", "") > limit:
            for known_at_the_end in ("segmentEnd", "disconnectType", "wrapUpCode"):
                segment.pop(known_at_the_end, None)


def _has_begun(participant: Body) -> bool:
    sessions = [session for session in participant["sessions"] if "segments" in session or "metrics" in session]
    participant["sessions"] = sessions
    return bool(sessions)


def _keep(body: Body, name: str, kept: list[Body]) -> None:
    if kept:
        body[name] = kept
    else:
        body.pop(name, None)

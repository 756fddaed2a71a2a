"""A conversation while it is being written: participants, sessions, segments and metrics, and the moment the last of them ends.

Shapes are those of Genesys' AnalyticsConversation; a field that does not apply is absent, never null. Not here: what happens in a
conversation (`conversations.py`), or what of it is known when (`tellings.py`).
"""

import random
from typing import Any, NamedTuple

from genesys_crm_assets.sandbox.clock import iso
from genesys_crm_assets.sandbox.identifiers import uuid

Body = dict[str, Any]


class Facets(NamedTuple):
    """What the aggregates can group a metric by; empty where the session has none."""

    queueId: str  # noqa: N815 - the vendor's dimension names
    mediaType: str  # noqa: N815 - likewise
    userId: str  # noqa: N815 - likewise
    direction: str
    originatingDirection: str  # noqa: N815 - likewise
    purpose: str
    conversationId: str  # noqa: N815 - likewise
    teamId: str  # noqa: N815 - likewise
    divisionId: str  # noqa: N815 - likewise


class Metric(NamedTuple):
    """One emitted metric: when (epoch milliseconds), what, how much, and of which session."""

    emitted: int
    name: str
    value: int
    facets: Facets


class Session:
    """One session of a participant; times go in as epoch milliseconds."""

    def __init__(self, draft: "Draft", participant: Body, body: Body) -> None:
        self.participant, self.body = participant, body
        self._draft = draft
        self._queues: list[tuple[int, str]] = []
        self.emitted: list[tuple[int, str, int]] = []

    @property
    def id(self) -> str:
        """The session's id, which its peers name."""
        return str(self.body["sessionId"])

    def segment(self, kind: str, start: int, end: int | None, queue: str = "", **extra: Any) -> None:
        """A stretch of the session in one state; `end` none while it lasts."""
        segment: Body = {"conference": False, "segmentStart": iso(start), "segmentType": kind, **extra}
        if end is not None:
            segment["segmentEnd"] = iso(end)
            self._draft.reach(end)
        if queue:
            segment["queueId"] = queue
            self._queues.append((start, queue))
        self.body.setdefault("segments", []).append(segment)

    def metric(self, name: str, value: int, at: int) -> None:
        """A metric emitted at that moment."""
        self.body.setdefault("metrics", []).append({"emitDate": iso(at), "name": name, "value": value})
        self.emitted.append((at, name, value))
        self._draft.reach(at)

    def queue(self) -> str:
        """The queue the session belongs to: that of its earliest segment with one."""
        return min(self._queues)[1] if self._queues else ""


class Draft:
    """One conversation being written, in the order in which it will be told."""

    def __init__(self, rng: random.Random, *, start: int, direction: str, divisions: list[str]) -> None:
        self.rng, self.start, self.direction, self.divisions = rng, start, direction, divisions
        self.id = uuid(rng)
        self.reached = start
        self.endless = False
        self.participants: list[Body] = []
        self.sessions: list[Session] = []
        self.extra: Body = {}

    @property
    def customer(self) -> Body:
        """The first customer participant."""
        return next(participant for participant in self.participants if participant["purpose"] in {"customer", "external"})

    @property
    def handlers(self) -> list[tuple[Body, Session]]:
        """Agent participants that talked, each with the session it talked in."""
        talked = (session for session in self.sessions if any(name == "tTalk" for _, name, _ in session.emitted))
        return [(session.participant, session) for session in talked]

    def reach(self, at: int) -> None:
        """Take note that something ends then."""
        self.reached = max(self.reached, at)

    def participant(self, purpose: str, **extra: Any) -> Body:
        """Another participant."""
        body: Body = {"participantId": uuid(self.rng), "purpose": purpose, **extra}
        self.participants.append(body)
        return body

    def session(self, participant: Body, media: str, direction: str = "", **extra: Any) -> Session:
        """Another session of a participant."""
        body: Body = {"sessionId": uuid(self.rng), "mediaType": media, "direction": direction or self.direction, **extra}
        participant.setdefault("sessions", []).append(body)
        session = Session(self, participant, body)
        self.sessions.append(session)
        return session

    def record(self) -> Body:
        """The conversation with everything that will ever be told of it, scores apart."""
        body: Body = {"conversationId": self.id, "conversationStart": iso(self.start)}
        if not self.endless:
            body["conversationEnd"] = iso(self.reached)
        return (
            body
            | {"divisionIds": self.divisions, "originatingDirection": self.direction}
            | self.extra
            | {"participants": self.participants}
        )

    def metrics(self) -> list[Metric]:
        """Every metric with what it can be grouped by."""
        found: list[Metric] = []
        for session in self.sessions:
            user, team = session.participant.get("userId", ""), session.participant.get("teamId", "")
            facets = Facets(
                session.queue(),
                session.body["mediaType"],
                user,
                session.body["direction"],
                self.direction,
                session.participant["purpose"],
                self.id,
                team,
                self.divisions[0],
            )
            found += [Metric(at, name, value, facets) for at, name, value in session.emitted]
        return found

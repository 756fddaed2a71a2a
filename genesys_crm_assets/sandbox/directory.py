"""What the organisation has by name, and how that changes: queues, users, wrap-up codes, skills, teams, locations, units, divisions.

Some of it is renamed, moved, deleted or deactivated in the course of the window, and two things more in the days after it; who or what
has gone takes no more conversations.
Not here: how it is listed (`listings.py`).
"""

import random
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from genesys_crm_assets.sandbox.centre import CODES, QUEUES, Agent, Centre
from genesys_crm_assets.sandbox.clock import DAY, HOUR, MINUTE
from genesys_crm_assets.sandbox.identifiers import chance, dice, fixed_uuid

State = dict[str, Any]
T = TypeVar("T")

_DIVISIONS = ("Home", "EMEA", "Wholesale")
_TEAMS = ("Aurora", "Borealis", "Cascade", "Delta", "Ember")
_LOCATIONS = ("Leeds", "Porto", "Denver", "Hobart (closed)")
_UNITS = ("Front office", "Back office")
# Listed, and named by no conversation.
_SPARE_CODES = ("Campaign 2023", "Test code (do not use)")
_SPARE_SKILLS = ("Fax", "Portuguese")
_SPARE_QUEUE = "Sandbox test"
_UNPLANNED = 12


@dataclass(slots=True)
class Life:
    """One thing and how it stood since when (epoch milliseconds); no state: it was deleted."""

    id: str
    states: list[tuple[int, State | None]]

    def at(self, now: int) -> State | None:
        """How it stands."""
        return next((state for since, state in reversed(self.states) if since <= now), None)

    def change(self, at: int, **values: Any) -> None:
        """From then on some of it is different."""
        latest = self.states[-1][1] or {}
        self.states.append((at, {**latest, **values, "modified": at}))

    def end(self, at: int) -> None:
        """From then on it is gone."""
        self.states.append((at, None))


class Directory:
    """The organisation of a seed: every thing by kind, and the centre as conversations find it at a moment."""

    def __init__(self, centre: Centre, seed: int, begin: int, days: int) -> None:
        self._centre, self._seed = centre, seed
        self._begin, self._span = begin, days * DAY
        self._rng = dice(seed, "listings")
        self.supervisor = fixed_uuid(seed, "evaluator")
        # Agents whom the workforce planning does not know.
        self.unplanned = frozenset(agent.id for agent in centre.agents[_UNPLANNED - 1 :: _UNPLANNED])
        kinds = (
            ("queues", self._queues()),
            ("users", self._users()),
            ("wrapupcodes", self._codes()),
            ("skills", self._named("skill", [*dict.fromkeys(skill for asked in QUEUES.values() for skill in asked), *_SPARE_SKILLS])),
            ("teams", self._named("team", dict(enumerate(_TEAMS)))),
            ("locations", self._named("location", _LOCATIONS)),
            ("units", self._named("unit", _UNITS)),
            ("divisions", self._named("division", dict(enumerate(_DIVISIONS)))),
        )
        self._things = {kind: {life.id: life for life in lives} for kind, lives in kinds}
        self._upheavals()
        self._eras = self._times()
        self._centres = [self._standing(at) for at in self._eras]

    def things(self, kind: str, now: int) -> list[tuple[str, State]]:
        """Every thing of a kind that there is now, with its id."""
        standing = ((life.id, life.at(now)) for life in self._things[kind].values())
        return [(thing, state) for thing, state in standing if state is not None]

    def name(self, kind: str, thing: str, now: int) -> str:
        """What a thing is called now; empty where it is gone."""
        state = self._things[kind][thing].at(now)
        return str(state["name"]) if state else ""

    def centre(self, at: int) -> Centre:
        """The centre as conversations that begin then find it."""
        return self._centres[bisect_right(self._eras, at) - 1]

    def agents(self, unit: str, now: int) -> list[Agent]:
        """The agents of a management unit who work there now."""
        users = self._things["users"]
        own = (agent for agent in self._centre.agents if (users[agent.id].at(now) or {}).get("unit") == unit)
        return [agent for agent in own if (users[agent.id].at(now) or {}).get("state") == "active"]

    def _life(self, thing: str, name: str, **values: Any) -> Life:
        born = self._begin - self._rng.randrange(100, 900) * DAY
        state: State = {"name": name, "created": born, "modified": born, "division": self._rng.choice(self._centre.divisions), **values}
        return Life(thing, [(born, state)])

    def _named(self, kind: str, names: dict[int, str] | list[str] | tuple[str, ...]) -> list[Life]:
        keys = names.items() if isinstance(names, dict) else [(name, name) for name in names]
        return [self._life(fixed_uuid(self._seed, kind, key), name) for key, name in keys]

    def _queues(self) -> Iterator[Life]:
        for queue in self._centre.queues:
            yield self._life(queue.id, queue.name, wait=queue.service_level)
        yield self._life(fixed_uuid(self._seed, "queue", _SPARE_QUEUE), _SPARE_QUEUE, wait=20_000)

    def _codes(self) -> Iterator[Life]:
        for code, name in zip(self._centre.codes, CODES, strict=True):
            yield self._life(code, name)
        yield from self._named("wrap-up", _SPARE_CODES)

    def _users(self) -> Iterator[Life]:
        places = [fixed_uuid(self._seed, "location", name) for name in _LOCATIONS[:-1]]
        units = [fixed_uuid(self._seed, "unit", name) for name in _UNITS]
        for place, agent in enumerate(self._centre.agents):
            located = [self._rng.choice(places)] if place % 8 != 5 else []  # noqa: PLR2004 - some work from nowhere
            yield self._life(agent.id, agent.name, state="active", team=agent.team, locations=located, unit=units[place % len(units)])
        for thing, name, state in (
            (self.supervisor, "Robin Reviewer", "active"),
            (fixed_uuid(self._seed, "user", "former"), "Sam Former", "inactive"),
            (fixed_uuid(self._seed, "user", "gone"), "Toni Gone", "deleted"),
        ):
            yield self._life(thing, name, state=state, team=None, locations=[])

    def _moment(self, earliest: float, latest: float) -> int:
        """A full minute in that part of the window."""
        return self._begin + int(self._rng.uniform(earliest, latest) * self._span) // MINUTE * MINUTE

    def _upheavals(self) -> None:
        rng: random.Random = self._rng
        queues, users, codes = self._things["queues"], self._things["users"], self._things["wrapupcodes"]
        renamed, moved, deleted = rng.sample(self._centre.queues, 3)
        at = self._moment(0.25, 0.45)
        queues[renamed.id].change(at, name=f"{renamed.name} Care")
        if chance(rng, 0.5):
            # Within hours for some, so that one day saw three names.
            queues[renamed.id].change(at + rng.choice((2 * HOUR, 3 * HOUR, 26 * HOUR)), name=f"{renamed.name} & Care")
        home = queues[moved.id].states[0][1] or {}
        other = rng.choice([division for division in self._centre.divisions if division != home["division"]])
        queues[moved.id].change(self._moment(0.35, 0.6), division=other)
        queues[deleted.id].end(self._moment(0.5, 0.75))
        married, leaver = rng.sample([agent for agent in self._centre.agents if agent.id not in self.unplanned], 2)
        users[married.id].change(self._moment(0.3, 0.6), name=f"{married.name} Summers")
        users[leaver.id].change(self._moment(0.45, 0.7), state="inactive")
        codes[rng.choice(self._centre.codes)].end(self._moment(0.5, 0.8))
        # After the window it goes on, for those who keep looking.
        later = [self._begin + self._span + rng.randrange(18, 60) * HOUR for _ in range(2)]
        queues[moved.id].change(later[0], name=f"{moved.name} Desk")
        users[leaver.id].change(later[1], state="active")

    def _times(self) -> list[int]:
        """Since when the centre has stood differently each time, the first since ever."""
        kinds = ("queues", "users", "wrapupcodes")
        return sorted({0} | {since for kind in kinds for life in self._things[kind].values() for since, _ in life.states[1:]})

    def _standing(self, at: int) -> Centre:
        """The centre then: in the place of who or what has gone stands the next one, so that the dice fall as ever."""
        centre, users, codes = self._centre, self._things["users"], self._things["wrapupcodes"]
        moment = max(at, self._begin)
        queues = [
            replace(queue, name=self.name("queues", queue.id, moment)) if self.name("queues", queue.id, moment) else None
            for queue in centre.queues
        ]
        agents = [
            replace(agent, name=self.name("users", agent.id, moment)) if (users[agent.id].at(moment) or {})["state"] == "active" else None
            for agent in centre.agents
        ]
        standing = [code if codes[code].at(moment) else None for code in centre.codes]
        return replace(centre, queues=_filled(queues), agents=_filled(agents), codes=_filled(standing))


def _filled(standing: list[T | None]) -> tuple[T, ...]:
    """Of the same length, with one that stands in every gap."""
    left = [one for one in standing if one is not None]
    return tuple(left[place % len(left)] if one is None else one for place, one in enumerate(standing))

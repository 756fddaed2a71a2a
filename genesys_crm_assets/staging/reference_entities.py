"""From an entity of a listing, as told, to the few fields that this house reads of it.

A value of another type than documented is null and counted, never coerced: what was observed is kept for ever, so one odd entity must not
stop all others from being staged. Not here: when it was listed (`genesys_reference`).
"""

from dataclasses import dataclass
from typing import Any

import msgspec

from genesys_crm_assets.sources import json_bytes


@dataclass(frozen=True, slots=True)
class Entity:
    """One queue, user, wrap-up code, skill, team, location or management unit.

    Attributes:
        thing_id: Genesys' id.
        name: as told.
        division: its name.
        state: of a user or a team.
        email: of a user.
        team_id: of a user.
        location_id: of a user, the first told.
        odd_values: how many of these were told with another type.
    """

    thing_id: str
    name: str | None
    division: str | None
    state: str | None
    email: str | None
    team_id: str | None
    location_id: str | None
    odd_values: int


def entity_of(record: bytes) -> Entity | None:
    """The entity; None where it is no object or has no id."""
    try:
        told = msgspec.json.decode(record)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        try:
            told = json_bytes.value(record)
        except ValueError:
            return None
    fields = _Fields(told)
    thing_id = fields.text("id")
    if thing_id is None:
        return None
    located = fields.first("locations")
    name, division, state = fields.text("name"), fields.part("division").text("name"), fields.text("state")
    team_id, location_id = fields.part("team").text("id"), located.part("locationDefinition").text("id") or located.text("id")
    return Entity(thing_id, name, division, state, fields.text("email"), team_id, location_id, fields.odd)


class _Fields:
    """An object's fields by name and wanted type; all parts of an entity count what is odd together."""

    def __init__(self, told: Any, counted: list[str] | None = None) -> None:
        self._told: dict[str, Any] = told if isinstance(told, dict) else {}
        self._counted = counted if counted is not None else []

    @property
    def odd(self) -> int:
        return len(self._counted)

    def text(self, name: str) -> str | None:
        """The field as text; null where absent or empty."""
        return json_bytes.storable(self._value(name, str) or "") or None

    def part(self, name: str) -> "_Fields":
        """The object under a name; one without fields where there is none."""
        return _Fields(self._value(name, dict), self._counted)

    def first(self, name: str) -> "_Fields":
        """The first object of the array under a name."""
        found = self._value(name, list) or [None]
        if found[0] is not None and not isinstance(found[0], dict):
            self._counted.append(name)
        return _Fields(found[0], self._counted)

    def _value(self, name: str, kind: type) -> Any:
        found = self._told.get(name)
        if found is None or isinstance(found, kind):
            return found
        self._counted.append(name)
        return None

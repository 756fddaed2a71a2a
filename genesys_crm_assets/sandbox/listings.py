"""The doors to what an organisation has by name: whole listings, page by page, sorted by name.

Pages are counted from 1, the server lowers a page size that is too large and says so, and every link is relative.
Not here: what there is (`directory.py`).
"""

from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from genesys_crm_assets.sandbox.clock import MINUTE, ContentClock, iso
from genesys_crm_assets.sandbox.directory import Directory, State
from genesys_crm_assets.sandbox.doors import Door, Handler, whole_number, words
from genesys_crm_assets.sandbox.draft import Body
from genesys_crm_assets.sandbox.refusals import Refusal, genesys, invalid_value, json_response

UNITS = "/api/v2/workforcemanagement/managementunits"
PAGE = 25
LARGEST_PAGE = 100
_STATES = ("active", "inactive", "deleted", "any")
_EXPANDABLE = ("team", "locations")
_FILTERS = ("id", "name", "divisionId")


class Listing(NamedTuple):
    """Where a kind of thing is listed, the permission that takes, and the sources of which an org must lack none."""

    kind: str
    path: str
    permission: str
    sources: tuple[str, ...] = ("reference",)


LISTINGS = (
    Listing("queues", "/api/v2/routing/queues", "routing:queue:view"),
    Listing("users", "/api/v2/users", "directory:user:view"),
    Listing("wrapupcodes", "/api/v2/routing/wrapupcodes", "routing:wrapupCode:view"),
    Listing("skills", "/api/v2/routing/skills", "routing:skill:view"),
    Listing("teams", "/api/v2/teams", "groups:team:view"),
    Listing("locations", "/api/v2/locations", "directory:location:view"),
    # Units are the workforce licence's: an org without it has none to list.
    Listing("units", UNITS, "wfm:managementUnit:view", ("reference", "adherence")),
    Listing("divisions", "/api/v2/authorization/divisions", "authorization:division:view"),
)


class Listings:
    """Every listing as it stands by the content clock; computed once a minute of it."""

    def __init__(self, directory: Directory, content: ContentClock) -> None:
        self._directory, self._content = directory, content
        self._minute = -1
        self._answers: dict[str, list[Body]] = {}

    def doors(self) -> list[Door]:
        """One door for each listing, and that to the users of a management unit."""
        found = [Door("GET", each.path, self._listed(each), (each.permission,), each.sources) for each in LISTINGS]
        return [*found, Door("GET", f"{UNITS}/{{unit}}/users", self._members, ("wfm:managementUnit:view",), ("reference", "adherence"))]

    def _listed(self, listing: Listing) -> Handler:
        async def answered(request: Request) -> Response:
            wanted = {name: words(request, name) for name in _FILTERS}
            found = [entity for entity in self._entities(listing) if _meant(entity, wanted)]
            if listing.kind == "users":
                found = _users(request, found)
            return json_response(_page(request, found))

        return answered

    async def _members(self, request: Request) -> Response:
        unit = request.path_params["unit"]
        if unit not in dict(self._directory.things("units", self._content.ms)):
            raise Refusal(genesys(404, f"The management unit {unit} was not found.", "not.found"))
        agents = self._directory.agents(unit, self._content.ms)
        return json_response(_page(request, [{"id": agent.id, "selfUri": f"/api/v2/users/{agent.id}"} for agent in agents]))

    def _entities(self, listing: Listing) -> list[Body]:
        minute = self._content.ms // MINUTE
        if minute != self._minute:
            self._minute, self._answers = minute, {}
        if listing.kind not in self._answers:
            body = _BODIES.get(listing.kind, _plain)
            things = self._directory.things(listing.kind, minute * MINUTE)
            told = [{"id": thing, "name": state["name"], **body(self, thing, state), **_at(listing.path, thing)} for thing, state in things]
            self._answers[listing.kind] = sorted(told, key=lambda entity: (entity["name"].lower(), entity["id"]))
        return self._answers[listing.kind]

    def division(self, state: State) -> Body:
        """The division a thing is in, as it is told."""
        return {"division": self.reference("divisions", state["division"], "/api/v2/authorization/divisions")}

    def reference(self, kind: str, thing: str, path: str) -> Body:
        """A thing as others name it."""
        return {"id": thing, "name": self._directory.name(kind, thing, self._content.ms), **_at(path, thing)}

    def supervised(self, state: State) -> Body:
        """Who made a thing, and when it was last touched."""
        told = {"dateCreated": iso(state["created"]), "dateModified": iso(state["modified"])}
        return {**told, "modifiedBy": self._directory.supervisor, "createdBy": self._directory.supervisor}

    def members(self, team: str) -> int:
        """How many users there are in a team."""
        return sum(state.get("team") == team for _, state in self._directory.things("users", self._content.ms))


def _at(path: str, thing: str) -> Body:
    return {"selfUri": f"{path}/{thing}"}


def _plain(_listings: Listings, _thing: str, state: State) -> Body:
    return {"dateModified": iso(state["modified"]), "version": "1", "state": "active"}


def _queue(listings: Listings, _thing: str, state: State) -> Body:
    goals = {"call": state["wait"], "callback": state["wait"], "chat": state["wait"], "email": 86_400_000, "message": state["wait"]}
    media = {
        medium: {"alertingTimeoutSeconds": 30, "serviceLevel": {"percentage": 0.8, "durationMs": goal}} for medium, goal in goals.items()
    }
    counts = {"memberCount": 16, "userMemberCount": 16, "joinedMemberCount": 16}
    rest = {"scoringMethod": "TimestampAndPriority", "acwSettings": {"wrapupPrompt": "OPTIONAL"}, "skillEvaluationMethod": "ALL"}
    return {**listings.division(state), **listings.supervised(state), **counts, "mediaSettings": media, **rest}


def _user(listings: Listings, thing: str, state: State) -> Body:
    email = f"{thing[:8]}@example.org"
    body = {
        **listings.division(state),
        "chat": {"jabberId": f"{thing[:8]}@conference.example.org"},
        "email": email,
        "primaryContactInfo": [{"address": email, "mediaType": "EMAIL", "type": "PRIMARY"}],
        "addresses": [],
        "state": state["state"],
        "username": email,
        "version": 26,
        "acdAutoAnswer": False,
    }
    located = [
        {"id": f"{thing[:13]}{place[13:]}", "locationDefinition": listings.reference("locations", place, "/api/v2/locations")}
        for place in state["locations"]
    ]
    team = {"team": listings.reference("teams", state["team"], "/api/v2/teams")} if state["team"] else {}
    return {**body, **team, "locations": located}


def _code(listings: Listings, _thing: str, state: State) -> Body:
    return {**listings.division(state), **listings.supervised(state)}


def _team(listings: Listings, thing: str, state: State) -> Body:
    return {**listings.division(state), "dateModified": iso(state["modified"]), "memberCount": listings.members(thing)}


def _unit(listings: Listings, _thing: str, state: State) -> Body:
    return {**listings.division(state), "startDayOfWeek": "Monday", "timeZone": "Etc/UTC", "dateModified": iso(state["modified"])}


def _division(_listings: Listings, _thing: str, state: State) -> Body:
    return {"description": "", "homeDivision": state["name"] == "Home"}


_BODIES: dict[str, Callable[[Listings, str, State], Body]] = {
    "queues": _queue,
    "users": _user,
    "wrapupcodes": _code,
    "teams": _team,
    "units": _unit,
    "divisions": _division,
}


def _meant(entity: Body, wanted: dict[str, list[str]]) -> bool:
    told: dict[str, Any] = {"id": entity["id"], "name": entity["name"], "divisionId": entity.get("division", {}).get("id")}
    return all(not values or told[name] in values for name, values in wanted.items())


def _users(request: Request, entities: list[Body]) -> list[Body]:
    """Users in the state asked for, without what is only told when it is asked for."""
    state = request.query_params.get("state", "active")
    if state not in _STATES:
        raise invalid_value(state, "State", _STATES)
    hidden = set(_EXPANDABLE) - set(words(request, "expand"))
    shown = [entity for entity in entities if state in {"any", entity["state"]}]
    return [{name: value for name, value in entity.items() if name not in hidden} for entity in shown]


def _page(request: Request, entities: list[Body]) -> Body:
    """One page of a listing, with links to its neighbours."""
    size = min(whole_number(request, "pageSize", PAGE), LARGEST_PAGE)
    number = whole_number(request, "pageNumber", 1)
    count = -(-len(entities) // size)
    kept = "".join(
        f"&{name}={quote(value)}" for name, value in request.query_params.multi_items() if name not in {"pageSize", "pageNumber"}
    )

    def link(page: int) -> str:
        return f"{request.url.path}?pageSize={size}&pageNumber={page}{kept}"

    body: Body = {"entities": entities[(number - 1) * size : number * size], "pageSize": size, "pageNumber": number}
    body |= {"total": len(entities), "firstUri": link(1), "selfUri": link(number), "lastUri": link(max(count, 1)), "pageCount": count}
    if number < count:
        body["nextUri"] = link(number + 1)
    if number > 1:
        body["previousUri"] = link(number - 1)
    return body

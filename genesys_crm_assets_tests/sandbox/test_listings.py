"""Reference listings page as the vendor's do, hold what conversations name, and change with the content clock."""

from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import httpx
import msgspec
import pytest

from genesys_crm_assets.sandbox import clock
from genesys_crm_assets.sandbox.listings import LISTINGS, UNITS
from genesys_crm_assets.sandbox.server import Plan, running
from genesys_crm_assets.sandbox.world import World
from genesys_crm_assets_tests.sandbox.doors import START, Ticker, Vendors, connected

QUEUES = "/api/v2/routing/queues"
USERS = "/api/v2/users"
CODES = "/api/v2/routing/wrapupcodes"


def whole(client: httpx.Client, path: str, **params: Any) -> list[dict[str, Any]]:
    """A listing from its first link to its last."""
    page = client.get(path, params=params).json()
    found = page["entities"]
    while "nextUri" in page:
        page = client.get(page["nextUri"]).json()
        found += page["entities"]
    assert len(found) == page["total"]
    return found


def named(world: World, field: str) -> set[str]:
    """Every id that some conversation names in that field."""
    found: set[str] = set()

    def seek(part: Any) -> None:
        if isinstance(part, dict):
            value = part.get(field)
            found.update([value] if isinstance(value, str) else value or [])
        for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
            seek(inner)

    for conversation in world.conversations:
        if conversation.id:
            seek(msgspec.json.decode(conversation.told))
    return found


@pytest.mark.parametrize("path", [each.path for each in LISTINGS])
def test_every_listing_is_sorted_by_name_and_linked_from_page_to_page(vendors: Vendors, path: str):
    everything = vendors.genesys.get(path, params={"pageSize": 100}).json()
    names = [entity["name"].lower() for entity in everything["entities"]]
    assert names == sorted(names)
    assert everything["entities"] == whole(vendors.genesys, path, pageSize=2)
    second = vendors.genesys.get(path, params={"pageSize": 1, "pageNumber": 2}).json()
    assert second["selfUri"] == f"{path}?pageSize=1&pageNumber=2"
    assert second["previousUri"] == second["firstUri"] == f"{path}?pageSize=1&pageNumber=1"
    assert second["lastUri"] == f"{path}?pageSize=1&pageNumber={second['pageCount']}"
    assert (second["total"], second["pageCount"]) == (len(names), len(names))
    assert {entity["selfUri"] for entity in everything["entities"]} == {f"{path}/{entity['id']}" for entity in everything["entities"]}


def test_the_server_lowers_a_page_size_and_says_so(vendors: Vendors):
    assert vendors.genesys.get(QUEUES).json()["pageSize"] == 25
    assert vendors.genesys.get(QUEUES, params={"pageSize": 500}).json()["pageSize"] == 100
    beyond = vendors.genesys.get(QUEUES, params={"pageNumber": 99}).json()
    assert beyond["entities"] == []
    assert "nextUri" not in beyond
    for name, value in ("pageSize", "0"), ("pageSize", "many"), ("pageNumber", "-1"):
        refused = vendors.genesys.get(QUEUES, params={name: value})
        assert (refused.status_code, refused.json()["message"]) == (400, f"Value [{value}] is not valid for parameter {name}.")


def test_what_conversations_name_is_listed_but_for_what_was_deleted(vendors: Vendors):
    world = vendors.sandbox.world
    ids = {path: {entity["id"] for entity in whole(vendors.genesys, path, state="any")} for path in (QUEUES, USERS, CODES)}
    assert len(named(world, "queueId") - ids[QUEUES]) == 1
    codes = {code for code in named(world, "wrapUpCode") if not code.startswith("ININ-")}
    assert len(codes - ids[CODES]) == 1
    assert named(world, "userId") | named(world, "evaluatorId") <= ids[USERS]
    for field, path in ("requestedRoutingSkillIds", "/api/v2/routing/skills"), ("teamId", "/api/v2/teams"):
        assert named(world, field) <= {entity["id"] for entity in whole(vendors.genesys, path)}
    assert named(world, "divisionIds") <= {entity["id"] for entity in whole(vendors.genesys, "/api/v2/authorization/divisions")}
    # Some are there that nobody uses, and the system's own codes never are.
    assert ids[CODES] - codes
    assert not any(entity["name"].startswith("ININ") for entity in whole(vendors.genesys, CODES))
    skills = {entity["id"] for entity in whole(vendors.genesys, "/api/v2/routing/skills")}
    assert skills - named(world, "requestedRoutingSkillIds")


def test_most_queue_segments_ask_for_skills(world: World):
    """On segments, where the vendor's model has them: the queue's and the alert of the agent it routes to."""
    segments = [
        (participant["purpose"], segment)
        for one in world.conversations
        if one.id
        for participant in msgspec.json.decode(one.told)["participants"]
        for session in participant["sessions"]
        for segment in session.get("segments", ())
    ]
    asking = [purpose for purpose, segment in segments if "requestedRoutingSkillIds" in segment]
    assert set(asking) <= {"acd", "agent", "user"}
    assert asking.count("acd") > 0.6 * sum(purpose == "acd" for purpose, _ in segments)
    assert all(segment.get("requestedRoutingSkillIds") != [] for _, segment in segments)


def test_a_user_tells_team_and_locations_only_when_asked(vendors: Vendors):
    plain = whole(vendors.genesys, USERS, state="any")
    assert not any({"team", "locations"} & user.keys() for user in plain)
    asked = whole(vendors.genesys, USERS, state="any", expand="team,locations")
    teamed = [user["team"] for user in asked if "team" in user]
    assert teamed
    assert all(team["id"] and team["name"] for team in teamed)
    places = {place["id"]: place["name"] for place in whole(vendors.genesys, "/api/v2/locations")}
    located = [entry["locationDefinition"] for user in asked for entry in user["locations"]]
    assert located
    assert all(places[location["id"]] == location["name"] for location in located)
    only_teams = whole(vendors.genesys, USERS, expand="team")
    assert not any("locations" in user for user in only_teams)


def test_users_are_listed_by_state_active_ones_unless_told(vendors: Vendors):
    by_state = {state: {user["id"] for user in whole(vendors.genesys, USERS, state=state)} for state in ("active", "inactive", "deleted")}
    assert {user["id"] for user in whole(vendors.genesys, USERS)} == by_state["active"]
    everybody = whole(vendors.genesys, USERS, state="any")
    assert {user["id"] for user in everybody} == set().union(*by_state.values())
    assert len(by_state["inactive"]) == 2
    assert {user["state"] for user in everybody} == {"active", "inactive", "deleted"}
    assert "Allowable values are: active, any" in vendors.genesys.get(USERS, params={"state": "retired"}).json()["message"]


def test_listings_can_be_asked_for_some_only(vendors: Vendors):
    one, two = whole(vendors.genesys, QUEUES)[:2]
    assert whole(vendors.genesys, QUEUES, id=f"{one['id']},{two['id']}") == [one, two]
    assert whole(vendors.genesys, QUEUES, name=two["name"]) == [two]
    assert one in whole(vendors.genesys, QUEUES, divisionId=one["division"]["id"])


def test_units_list_the_agents_who_are_there(vendors: Vendors):
    units = whole(vendors.genesys, UNITS)
    assert len(units) == 2
    members = [{user["id"] for user in whole(vendors.genesys, f"{UNITS}/{unit['id']}/users", pageSize=3)} for unit in units]
    assert not members[0] & members[1]
    active = {user["id"] for user in whole(vendors.genesys, USERS)}
    assert members[0] | members[1] < active
    assert vendors.genesys.get(f"{UNITS}/nowhere/users").status_code == 404


def test_changes_show_only_once_they_have_happened():
    """Hour by hour a queue is renamed, another moved, a third deleted, a code too, an agent renamed and another inactive."""
    directory = World(5, START, 10, 40).directory
    seen = [
        {kind: dict(directory.things(kind, clock.midnight(START) + hour * clock.HOUR)) for kind in ("queues", "users", "wrapupcodes")}
        for hour in range(10 * 24 + 1)
    ]
    first, last = seen[0], seen[-1]

    def differing(kind: str, field: str) -> int:
        return sum(first[kind][thing][field] != state[field] for thing, state in last[kind].items())

    assert len(first["queues"].keys() - last["queues"].keys()) == len(first["wrapupcodes"].keys() - last["wrapupcodes"].keys()) == 1
    assert (differing("queues", "name"), differing("queues", "division")) == (1, 1)
    assert (differing("users", "name"), differing("users", "state")) == (1, 1)
    moments = [hour for hour, (earlier, later) in enumerate(pairwise(seen)) if earlier != later]
    assert 5 <= len(moments) <= 7
    assert moments[0] > 24


def test_whoever_keeps_asking_sees_more_of_it():
    """After the window a queue is renamed, and who had become inactive comes back."""
    with running(Plan(seed=5, start=START, days=1, per_day=40)) as sandbox:
        client = connected(sandbox, Ticker()).genesys

        def listed() -> tuple[set[str], set[str]]:
            return {queue["name"] for queue in whole(client, QUEUES)}, {user["id"] for user in whole(client, USERS)}

        (queues, users), _ = listed(), sandbox.advance(datetime(2026, 1, 9, tzinfo=UTC))
        later_queues, later_users = listed()
    assert len(queues) == len(later_queues)
    assert len(later_queues - queues) == 1
    assert users < later_users


def test_who_has_gone_takes_no_more_conversations_and_names_are_those_of_the_day():
    world = World(5, START, 6, 60)
    world.ensure(clock.midnight(START) + 7 * clock.DAY)
    last = clock.midnight(START) + 5 * clock.DAY
    late = [msgspec.json.decode(one.told) for one in world.conversations if one.id and last <= one.start < last + clock.DAY]
    queues, users = (dict(world.directory.things(kind, last)) for kind in ("queues", "users"))
    participants = [participant for record in late for participant in record["participants"]]
    assert {participant["participantName"] for participant in participants if participant["purpose"] == "acd"} <= {
        queue["name"] for queue in queues.values()
    }
    handlers = [participant for participant in participants if "userId" in participant]
    assert all(users[handler["userId"]]["state"] == "active" for handler in handlers)
    assert all(users[handler["userId"]]["name"] == handler["participantName"] for handler in handlers)


def test_some_seeds_rename_a_queue_twice():
    names = []
    for seed in range(8):
        directory = World(seed, START, 2, 20).directory
        names.append(max(len({state["name"] for _, state in life.states if state}) for life in directory._things["queues"].values()))
    assert set(names) == {2, 3}


def test_the_same_seed_lists_the_same():
    def told() -> list[bytes]:
        with running(Plan(seed=3, start=date(2026, 2, 2), days=1, per_day=20)) as sandbox:
            client = connected(sandbox, Ticker()).genesys
            return [client.get(each.path).content for each in LISTINGS]

    assert told() == told()


@pytest.mark.parametrize(
    ("source", "path", "permission"), [("reference", QUEUES, "routing:queue:view"), ("adherence", UNITS, "wfm:managementUnit:view")]
)
def test_without_the_permission_a_listing_is_refused_by_its_name(source: str, path: str, permission: str):
    with running(Plan(start=START, days=1, per_day=20, absent=(source,))) as sandbox:
        client = connected(sandbox, Ticker()).genesys
        refused = client.get(path)
        assert (refused.status_code, refused.json()["code"]) == (403, "missing.permissions")
        assert permission in refused.json()["message"]
        assert refused.json()["contextId"] == refused.headers["ININ-Correlation-Id"]
        assert client.get("/api/v2/analytics/conversations/details/jobs/availability").status_code == 200

"""External contacts are told with all that makes them hard: in disorder, in part, merged, expired, and naming the CRM in several ways."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest

from genesys_crm_assets.sandbox import clock
from genesys_crm_assets.sandbox.server import Plan, running
from genesys_crm_assets.sandbox.world import World
from genesys_crm_assets_tests.sandbox.doors import NOW, START, Ticker, Vendors, connected

BULK = "/api/v2/externalcontacts/bulk/contacts"
CONTACTS = "/api/v2/externalcontacts/contacts"
SCAN = "/api/v2/externalcontacts/scan/contacts"


def ask(client: httpx.Client, ids: list[str]) -> dict[str, Any]:
    """One bulk request."""
    answer = client.post(BULK, json={"entities": [{"id": one} for one in ids]})
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


def fetched(client: httpx.Client, ids: list[str]) -> dict[str, dict[str, Any]]:
    """The result for each id, asked again where that may help."""
    found: dict[str, dict[str, Any]] = {}
    while missing := [one for one in ids if one not in found]:
        for result in ask(client, missing[:50])["results"]:
            if result["success"] or not result["error"]["retryable"]:
                found[result["id"]] = result
    return found


def met(world: World) -> dict[str, list[str]]:
    """Every external id that conversations begun by now carry, with the conversations."""
    found: dict[str, list[str]] = {}
    for conversation in world.conversations:
        begun = conversation.id and conversation.start <= clock.of(NOW)
        for participant in msgspec.json.decode(conversation.told)["participants"] if begun else ():
            if "externalContactId" in participant:
                found.setdefault(participant["externalContactId"], []).append(conversation.id)
    return found


def named(entity: dict[str, Any], known: dict[str, str]) -> str | None:
    """The CRM's contact that an external contact names, if it is one of those, which are known by 15 characters and by 18."""
    urls = [entity.get("externalSystemUrl", ""), *(source["url"] for source in entity.get("externalDataSources", ()))]
    values = [entry["value"] for entry in entity.get("externalIds", ())] + [part for url in urls for part in url.split("/")]
    return next((known[value] for value in values if value in known), None)


def test_results_come_in_another_order_with_failures_inside_a_200(vendors: Vendors):
    ids = sorted(vendors.sandbox.world.book.cards)[:30]
    body = ask(vendors.genesys, [*ids, "00000000-0000-4000-a000-000000000000"])
    told = [result["id"] for result in body["results"]]
    assert told != [*ids, "00000000-0000-4000-a000-000000000000"]
    assert sorted(told) == sorted([*ids, "00000000-0000-4000-a000-000000000000"])
    failed = [place for place, result in enumerate(body["results"]) if not result["success"]]
    assert (body["errorCount"], body["errorIndexes"]) == (len(failed), failed)
    gone = next(result for result in body["results"] if result["id"].startswith("00000000"))
    assert (gone["status"], gone["error"]["status"], gone["error"]["retryable"]) == (404, 404, False)
    assert "entity" not in gone


def test_what_could_not_be_had_may_be_had_when_asked_again():
    with running(Plan(seed=4, start=START, days=1, per_day=40)) as sandbox:
        client = connected(sandbox, Ticker()).genesys
        ids = sorted(sandbox.world.book.cards)
        first = [result for start in range(0, len(ids), 50) for result in ask(client, ids[start : start + 50])["results"]]
        passing = [result for result in first if not result["success"]]
        assert {result["status"] for result in passing} == {429, 503}
        assert all(result["error"]["retryable"] for result in passing)
        again = ask(client, [result["id"] for result in passing])
        assert again["errorCount"] == 0


def test_more_than_fifty_at_once_are_refused(vendors: Vendors):
    for entities in ([{"id": str(number)} for number in range(51)], [], [{"name": "x"}], "all"):
        assert vendors.genesys.post(BULK, json={"entities": entities}).status_code == 400


def test_an_external_contact_names_who_really_called(vendors: Vendors):
    """In each of the ways, or nobody; never somebody else."""
    world, truth = vendors.sandbox.world, vendors.sandbox.truth
    calls = met(world)
    results = fetched(vendors.genesys, sorted(calls))
    known = {row["Id"][:length]: row["Id"] for row in world.tables(clock.of(NOW))["Contact"] for length in (15, 18)}
    ways: Counter[str] = Counter()
    for contact in sorted(one for one, result in results.items() if result["success"])[::5]:
        result = results[contact]
        entity = vendors.genesys.get(f"{CONTACTS}/{contact}", params={"expand": "externalDataSources"}).json()
        assert "externalDataSources" not in result["entity"]
        ways["merged" if "mergedTo" in entity else next((key for key in WAYS if entity.get(key)), "none")] += 1
        found = named(entity, known)
        if found:
            assert {truth[conversation].contact_id for conversation in calls[contact]} == {found}
        ways["stranger"] += bool(entity.get("externalIds")) and not found
        ways["several"] += len(entity.get("externalIds", ())) > 1
    assert all(ways[way] for way in (*WAYS, "merged", "none", "stranger", "several"))
    conversations = sum(map(len, calls.values()))
    assert 0.01 <= sum(len(calls[one]) for one, result in results.items() if not result["success"]) / conversations <= 0.03


WAYS = ("externalIds", "externalDataSources", "externalSystemUrl")


def test_some_are_known_by_the_id_of_the_crm_itself(vendors: Vendors):
    own = [contact for contact in met(vendors.sandbox.world) if contact.startswith("003")]
    assert own
    assert all(result["success"] for result in fetched(vendors.genesys, own).values())


def test_merges_lead_to_the_first_by_one_step_or_two_and_once_in_a_circle(vendors: Vendors):
    cards = vendors.sandbox.world.book.cards
    everything = fetched(vendors.genesys, sorted(cards))
    merged = {one: result["entity"]["mergedTo"]["id"] for one, result in everything.items() if "mergedTo" in result["entity"]}
    canonical = {
        one: result["entity"]["canonicalContact"]["id"] for one, result in everything.items() if "canonicalContact" in result["entity"]
    }
    assert merged.keys() <= canonical.keys()
    assert all(one in {entry["id"] for entry in everything[into]["entity"]["mergedFrom"]} for one, into in merged.items())
    circles = {one for one, into in merged.items() if merged.get(into) == one}
    assert len(circles) == 2
    assert all(canonical[one] == merged[one] for one in circles)
    chained = {one for one, into in merged.items() if into in merged} - circles
    assert {canonical[one] == merged[one] for one in chained} == {True, False}
    heads = {into for into in merged.values() if into not in merged}
    assert all(canonical[head] == head for head in heads)
    # What was merged away names nobody itself.
    assert not any(everything[one]["entity"].keys() & set(WAYS) for one in merged)


def test_conversations_keep_the_id_that_was_merged_away_since(vendors: Vendors):
    world = vendors.sandbox.world
    calls, now = met(world), clock.of(NOW)
    away = {one: merge.at for one in calls if one in world.book.cards and (merge := world.book.cards[one].merged(now))}
    twins = {one: at for one, at in away.items() if world.book.cards[one].id != world.book.cards[one].contact.external_id}
    assert twins
    assert all(world.by_id[conversation].start < at for one, at in twins.items() for conversation in calls[one])


def test_a_merge_shows_only_once_it_has_happened():
    with running(Plan(seed=4, start=START, days=1, per_day=40)) as sandbox:
        client = connected(sandbox, Ticker()).genesys
        ids = sorted(sandbox.world.book.cards)
        before = {one for one, result in fetched(client, ids).items() if "mergedTo" in result["entity"]}
        sandbox.advance(datetime(2026, 1, 10, tzinfo=UTC))
        after = {one for one, result in fetched(client, ids).items() if "mergedTo" in result["entity"]}
    assert before < after


def test_a_scan_has_everybody_and_an_empty_page_in_the_middle(vendors: Vendors):
    params: dict[str, Any] = {"limit": 200}
    pages = []
    while True:
        pages.append(vendors.genesys.get(SCAN, params=params).json())
        if "cursors" not in pages[-1]:
            break
        params["cursor"] = pages[-1]["cursors"]["after"]
    sizes = [len(page["entities"]) for page in pages]
    assert 0 in sizes[1:-1]
    found = [entity["id"] for page in pages for entity in page["entities"]]
    assert len(found) == len(set(found))
    assert set(found) == vendors.sandbox.world.book.cards.keys()


def test_a_cursor_lives_for_a_day_and_limits_are_kept():
    ticker = Ticker()
    with running(Plan(start=START, days=1, per_day=40, token_seconds=10**6), monotonic=ticker) as sandbox:
        client = connected(sandbox, ticker).genesys
        cursor = client.get(SCAN, params={"limit": 10}).json()["cursors"]["after"]
        ticker.seconds += 86_399
        assert client.get(SCAN, params={"limit": 10, "cursor": cursor}).status_code == 200
        ticker.seconds += 1
        assert client.get(SCAN, params={"limit": 10, "cursor": cursor}).status_code == 400
        for params in {"limit": 9}, {"limit": 201}, {"cursor": "nonsense"}:
            assert client.get(SCAN, params=params).status_code == 400


def test_the_sources_of_foreign_ids_are_listed(vendors: Vendors):
    sources = vendors.genesys.get("/api/v2/externalcontacts/externalsources").json()["entities"]
    assert [(source["name"], source["active"]) for source in sources] == [
        ("Salesforce", True),
        ("Billing System", True),
        ("Legacy CRM", False),
    ]


def test_one_that_expired_is_not_found(vendors: Vendors):
    expired = next(one for one in met(vendors.sandbox.world) if one not in vendors.sandbox.world.book.cards)
    answer = vendors.genesys.get(f"{CONTACTS}/{expired}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not.found")


@pytest.mark.parametrize(("method", "path"), [("POST", BULK), ("GET", SCAN), ("GET", f"{CONTACTS}/x")])
def test_without_the_permission_every_door_is_refused(method: str, path: str):
    with running(Plan(start=START, days=1, per_day=20, absent=("external_contacts",))) as sandbox:
        client = connected(sandbox, Ticker()).genesys
        refused = client.request(method, path, json={"entities": []} if method == "POST" else None)
        assert refused.status_code == 403
        assert refused.json()["code"] in {"missing.permissions", "missing.any.permissions"}
        assert "externalContacts:contact:view" in refused.json()["message"]

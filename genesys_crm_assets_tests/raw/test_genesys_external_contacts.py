"""Landing external contacts: who was met, whom they were merged into, what only a single record tells, and what a killed run leaves."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from genesys_crm_assets import walk
from genesys_crm_assets.lake import layout, parquet
from genesys_crm_assets.lake.body import Body
from genesys_crm_assets.lake.errors import UpstreamMissing
from genesys_crm_assets.lake.table import body_schema
from genesys_crm_assets.raw import genesys_external_contacts, genesys_interactions
from genesys_crm_assets.raw.genesys_external_contacts import CANONICAL, EXPANDED, HOLDS, MET, TABLE
from genesys_crm_assets.resources import Lake
from genesys_crm_assets.sources.errors import PermissionMissing
from genesys_crm_assets.staging import genesys_external_contacts as genesys_external_contacts_staged
from genesys_crm_assets.staging import genesys_tellings
from genesys_crm_assets_tests import builders, contact_pages, lakes, running
from genesys_crm_assets_tests.contact_pages import contact, failed, uid
from genesys_crm_assets_tests.raw.vendors import DAY, NOON, lake, published, rows
from genesys_crm_assets_tests.sources.scripted_contacts import BULK, ScriptedContacts
from genesys_crm_assets_tests.sources.scripted_genesys import complaint
from genesys_crm_assets_tests.sources.scripted_time import Time
from genesys_crm_assets_tests.sources.test_genesys_client import client

ADA = "0035g00000AbCdEAAV"
NEXT = DAY + timedelta(days=1)
URL = "https://acme.lightning.force.com/lightning/r/Contact/0035g00000AbCdE/view"


def met(place: Lake, *told: Any, day: date = DAY) -> None:
    """Land a day's conversations, each of customers with these external contacts; bytes stand for themselves."""
    records = [
        one if isinstance(one, bytes) else builders.record(participants=[builders.customer(externalContactId=each) for each in one])
        for one in told
    ]
    page = lakes.page(1, "conversation_jobs", records, NOON.replace(tzinfo=None))
    table = pa.Table.from_pylist([page], schema=body_schema(genesys_interactions.TABLE))
    builder = place.builder("a run")
    builder.publish(builder.aside(genesys_interactions.TABLE, Body(reads=(), python=lambda _session, _day: table), day))


@pytest.fixture
def vendor() -> ScriptedContacts:
    return ScriptedContacts(Time())


@pytest.fixture
def landed(vendor: ScriptedContacts, tmp_path: Path) -> Callable[..., walk.Made]:
    """Lands a day of a lake in the same folder."""

    def land(place: Lake, day: date = DAY, run_id: str = "a run") -> walk.Made:
        genesys = client(vendor.time, vendor, tmp_path / "limits")
        builder = place.builder(run_id)
        return published(genesys_external_contacts.land(place, genesys, builder, day), builder)

    return land


def feeds(place: Lake, day: date = DAY) -> list[tuple[str, bool]]:
    return [(row["feed"], row["is_last"]) for row in rows(place, TABLE, day)]


@pytest.mark.shows("S1-8")
def test_whoever_any_conversation_told_is_asked_about_once(vendor: ScriptedContacts, landed: Callable[..., walk.Made], tmp_path: Path):
    """Any participant of any telling; records that cannot be staged, or that the fast decoder refuses, tell whom they were about too."""
    place = lake(tmp_path)
    vendor.knows(*(contact(number, ADA) for number in range(6)))
    deep = json.dumps({"participants": [{"externalContactId": uid(4)}], "x": "@"}).encode().replace(b'"@"', b"[" * 3000 + b"]" * 3000)
    broken = json.dumps({"participants": [{"externalContactId": uid(5)}, {"externalContactId": 7}, "who"]}).encode()
    met(place, [uid(2), uid(1)], [uid(1)], [builders.ABSENT], deep, broken, b'{"participants": "nobody"}', b"7")
    made = landed(place)
    assert vendor.batches == [[uid(1), uid(2), uid(4), uid(5)]]
    assert made.figures["contacts_met"] == 4
    (row,) = rows(place, TABLE, DAY)
    assert contact_pages.answer([contact_pages.found(vendor.book[uid(number)]) for number in (5, 4, 2, 1)]) == row["body"], "verbatim"
    assert (row["feed"], row["is_last"], row["record_count"]) == (MET, True, 4)


@pytest.mark.parametrize("told", [ADA, ADA[:15], "someone", f"{uid(1)}x", ""])
def test_what_is_no_id_of_genesys_is_not_asked_about(told: str, vendor: ScriptedContacts, landed: Callable[..., walk.Made], tmp_path: Path):
    place = lake(tmp_path)
    met(place, [told])
    landed(place)
    assert not vendor.requests


def test_a_day_that_met_nobody_lands_empty_and_closed(vendor: ScriptedContacts, landed: Callable[..., walk.Made], tmp_path: Path):
    place = lake(tmp_path)
    met(place)
    landed(place)
    assert rows(place, TABLE, DAY) == []
    assert not vendor.requests


def test_a_day_whose_conversations_are_not_there_says_what_to_do(landed: Callable[..., walk.Made], tmp_path: Path):
    with pytest.raises(UpstreamMissing, match=f"raw_genesys_interactions has no {DAY}; materialise"):
        landed(lake(tmp_path))


@pytest.mark.shows("S1-8")
def test_merges_are_followed_until_nobody_is_new(vendor: ScriptedContacts, landed: Callable[..., walk.Made], tmp_path: Path):
    """A chain told link by link, a head told at once, a circle, a head that expired, and a merge into what is no id."""
    place = lake(tmp_path)
    vendor.knows(contact(1, into=11), contact(11, into=12), contact(12, into=13), contact(13, ADA))
    vendor.knows(contact(2, into=21, canonical=22), contact(22))
    vendor.knows(contact(3, into=31), contact(31, into=3), contact(4, into=41), contact(5) | {"mergedTo": {"id": "nobody"}})
    met(place, [uid(number) for number in range(1, 6)])
    landed(place)
    assert vendor.batches == [
        [uid(number) for number in range(1, 6)],
        [uid(11), uid(22), uid(31), uid(41)],
        [uid(12)],
        [uid(13)],
    ]
    assert feeds(place) == [(MET, True), (CANONICAL, False), (CANONICAL, False), (CANONICAL, True)]


def test_an_org_without_external_contacts_says_so_and_is_not_asked(
    vendor: ScriptedContacts, landed: Callable[..., walk.Made], tmp_path: Path
):
    place = lake(tmp_path, SOURCES_ABSENT="external_contacts")
    met(place, [uid(1)])
    landed(place)
    assert rows(place, TABLE, DAY) == []
    assert parquet.papers(place.storage.url(layout.object_key(TABLE, DAY))).get("absent") == "external_contacts"
    assert not vendor.requests


def test_an_undeclared_refusal_names_the_permission_and_the_variable(
    vendor: ScriptedContacts, landed: Callable[..., walk.Made], tmp_path: Path
):
    place = lake(tmp_path)
    met(place, [uid(1)])
    vendor.answers(BULK, complaint(403, "not.authorized", "You are not authorized"))
    with pytest.raises(PermissionMissing, match=r"externalContacts:contact:view.*name external_contacts in SOURCES_ABSENT"):
        landed(place)
    assert not place.storage.exists(layout.object_key(TABLE, DAY))


@pytest.mark.shows("S2-21", "S2-26")
@pytest.mark.parametrize("dies_after", range(1, 7))
def test_a_killed_landing_goes_on_where_it_was(dies_after: int, vendor: ScriptedContacts, landed: Callable[..., walk.Made], tmp_path: Path):
    """Whoever was answered is not asked about again, in whichever chapter it was killed; the object is the one of a run undisturbed."""
    place = lake(tmp_path, MAPPING_FILE=str(_expanding(tmp_path)))
    vendor.knows(*(contact(number) for number in range(5)), *(contact(number, ADA) for number in range(5, 59)))
    vendor.knows(contact(59, into=60), contact(60, into=61), contact(61))
    vendor.troubles = {uid(3): [failed(uid(3), 503, retryable=True)]}
    met(place, [uid(number) for number in range(60)])
    vendor.dies_after = dies_after
    with pytest.raises(KeyboardInterrupt):
        landed(place)
    before = (list(vendor.batches), list(vendor.singles))
    vendor.dies_after = None
    landed(place, run_id="another run")
    answered = [one for batch in vendor.batches for one in batch]
    assert len(answered) == 63, "60 met, one of them twice, and two heads"
    assert sorted(vendor.singles) == [uid(0), uid(1), uid(2), uid(3), uid(4), uid(61)]
    assert [is_last for _, is_last in feeds(place)].count(True) == 3
    assert {row["run_id"] for row in rows(place, TABLE, DAY)} == {"a run", "another run"}
    assert sum(map(len, before)) == dies_after


def _expanding(folder: Path) -> Path:
    path = folder / "mapping.toml"
    path.write_text("[external_contacts]\nexpand_contacts = true\n", encoding="utf-8")
    return path


def test_only_whose_external_ids_name_no_contact_is_read_expanded(
    vendor: ScriptedContacts, landed: Callable[..., walk.Made], tmp_path: Path
):
    """Of merged contacts the head's record counts; an id with a wrong checksum names nobody; who expired cannot be read.

    An address of its own does not count: data sources go before it (§6.2).
    """
    vendor.knows(contact(1, ADA), contact(2, url=URL), contact(3, ADA[:17] + "0"), contact(4, "0015g00000AbCdE"), contact(5))
    vendor.knows(contact(6, into=61), contact(61), contact(7, into=71), contact(71, ADA), contact(8, into=81))
    everybody = [uid(number) for number in range(1, 10)]
    modest = lake(tmp_path / "modest")
    met(modest, everybody)
    landed(modest)
    assert not vendor.singles, "unless the mapping says so, nobody is"

    place = lake(tmp_path / "eager", MAPPING_FILE=str(_expanding(tmp_path)))
    met(place, everybody)
    landed(place)
    assert vendor.singles == [uid(2), uid(3), uid(4), uid(5), uid(8), uid(61)]
    assert feeds(place) == [(MET, True), (CANONICAL, True), *[(EXPANDED, number == 5) for number in range(6)]]


def test_a_single_record_counts_on_when_its_contact_gains_an_address(
    vendor: ScriptedContacts, landed: Callable[..., walk.Made], tmp_path: Path
):
    """What a data source says stands before the address on the day that asked and on every later one (§6.2)."""
    vendor.knows(contact(1)).expanded = {uid(1): contact_pages.sources(URL)}
    place = lake(tmp_path, MAPPING_FILE=str(_expanding(tmp_path)))
    for day in (DAY, NEXT):
        met(place, [uid(1)], day=day)
        landed(place, day)
        vendor.knows(contact(1, url=URL.replace("AbCdE", "ZZZZZ")))
    assert vendor.singles == [uid(1)]
    assert [row["feed"] for row in rows(place, TABLE, NEXT)] == [MET, EXPANDED]
    with builders.engine() as engine:
        builders.hold(engine, TABLE, rows(place, TABLE, NEXT))
        builders.hold(engine, genesys_tellings.TABLE, [])
        (staged,) = running.rows(genesys_external_contacts_staged.BODY, engine)
    assert staged["crm_contact_id"] == ADA


@pytest.fixture
def held(vendor: ScriptedContacts, landed: Callable[..., walk.Made], tmp_path: Path) -> tuple[Lake, list[Path]]:
    """A lake of three days that hold single records, and their objects."""
    place = lake(tmp_path, MAPPING_FILE=str(_expanding(tmp_path)))
    vendor.knows(*(contact(number) for number in range(6)))
    days = [DAY + timedelta(days=number) for number in range(-3, 0)]
    for number, day in enumerate(days):
        met(place, [uid(number), uid(number + 1)], day=day)
        landed(place, day)
    return place, [Path(place.storage.url(layout.object_key(TABLE, day))) for day in days]


def test_only_days_that_hold_a_wanted_record_are_opened(
    held: tuple[Lake, list[Path]], vendor: ScriptedContacts, landed: Callable[..., walk.Made]
):
    """P9: for the sake of one who was never met before, a night does not open every day there is."""
    place, paths = held
    assert [parquet.papers(path).get(HOLDS) for path in paths] == [",".join((uid(number), uid(number + 1))) for number in range(3)]
    for path in paths[:-1]:
        whole = path.read_bytes()
        footer = int.from_bytes(whole[-8:-4], "little") + 8
        path.write_bytes(b"PAR1" + b"-" * (len(whole) - footer - 4) + whole[-footer:])
    met(place, [uid(2), uid(3), uid(5)])
    landed(place)
    assert vendor.singles == [uid(0), uid(1), uid(2), uid(3), uid(5)]
    assert [row["cursor"] for row in rows(place, TABLE, DAY) if row["feed"] == EXPANDED] == [uid(2), uid(3), uid(5)]


def test_what_was_landed_before_there_were_papers_is_not_asked_for_again(
    held: tuple[Lake, list[Path]], vendor: ScriptedContacts, landed: Callable[..., walk.Made]
):
    """Nobody knows what an object holds that does not say so."""
    place, paths = held
    for path in paths:
        stored = pq.read_table(path, partitioning=None)
        lakes.rewritten(path, stored, {HOLDS: None})
    met(place, [uid(0), uid(5)])
    landed(place)
    assert vendor.singles == [uid(0), uid(1), uid(2), uid(3), uid(5)]


@pytest.mark.parametrize("order", [(DAY, NEXT), (NEXT, DAY)])
def test_a_single_record_is_asked_for_once_ever_and_kept_by_every_day_that_meets_it(
    order: tuple[date, date], vendor: ScriptedContacts, landed: Callable[..., walk.Made], tmp_path: Path
):
    """Whichever day is landed first asks; the others keep the same page, so each day's object says all that its staging needs."""
    vendor.knows(contact(1), contact(2), contact(3)).expanded = {uid(1): contact_pages.sources(URL)}
    mapped = str(_expanding(tmp_path))
    place = lake(tmp_path, MAPPING_FILE=mapped)
    met(place, [uid(1), uid(2)], day=DAY)
    met(place, [uid(1), uid(3)], day=NEXT)
    for day in order:
        landed(place, day)
    assert sorted(vendor.singles) == [uid(1), uid(2), uid(3)]
    later = lake(tmp_path, NOON + timedelta(hours=30), MAPPING_FILE=mapped)
    vendor.book[uid(1)] |= {"firstName": "Augusta"}
    again = landed(later, DAY, run_id="the next day")
    assert again.figures["requests"] == 1, "a day landed again asks for many at once only"
    both = [{row["cursor"]: row for row in rows(place, TABLE, day) if row["feed"] == EXPANDED} for day in (DAY, NEXT)]
    assert [set(held) for held in both] == [{uid(1), uid(2)}, {uid(1), uid(3)}]
    assert both[0][uid(1)]["body"] == both[1][uid(1)]["body"]
    assert both[0][uid(1)]["received_at"] == both[1][uid(1)]["received_at"]

"""Landing CRM records: a day only gains, the baseline comes first, and every reading leaves its papers."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import duckdb
import pyarrow as pa
import pytest

from genesys_crm_assets import mapping, partitions, walk
from genesys_crm_assets.lake import layout, parquet
from genesys_crm_assets.lake.errors import ContractBroken
from genesys_crm_assets.raw import salesforce, salesforce_totals
from genesys_crm_assets.resources import Lake
from genesys_crm_assets.sources.errors import CursorRejected
from genesys_crm_assets_tests import running
from genesys_crm_assets_tests.raw.vendors import DAY, NOON, Org, lake, published, rows

TABLE = salesforce.CASES
EVERY = (TABLE, salesforce.ACCOUNTS, salesforce.CONTACTS, salesforce.OPPORTUNITIES, salesforce.USERS, salesforce.FIELD_HISTORY)
MORNING, EVENING = "2026-11-03T08:00:00.000+0000", "2026-11-03T20:00:00.000+0000"
BASELINE = partitions.START_DATE


def _land(place: Lake, org: Org, day: date = DAY, *, covered: datetime = NOON, run_id: str = "a run") -> walk.Made:
    reading = salesforce.Reading(place, org, place.environment.now(), covered)  # type: ignore[arg-type]  # a stand-in
    return published(reading.land(place.builder(run_id), TABLE, day), place.builder(run_id))


def _readings(place: Lake, day: date) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(parquet.papers(place.storage.url(layout.object_key(TABLE, day))).get("reads"))
    return found


@pytest.fixture
def org() -> Org:
    """Three cases, two of which changed on the day."""
    org = Org()
    org.tell("Case", "500A", "2026-06-01T00:00:00.000+0000", Status="New")
    org.tell("Case", "500B", MORNING, Status="New")
    org.tell("Case", "500C", MORNING, Status="Closed", IsDeleted=True)
    return org


@pytest.fixture
def place(tmp_path: Path, org: Org) -> Lake:
    """A lake whose baseline has been read."""
    place = lake(tmp_path)
    _land(place, org, BASELINE)
    return place


@pytest.mark.shows("S0-62", "S0-14")
def test_the_baseline_is_everything_as_it_was_first_read(place: Lake, org: Org):
    assert [row["id"] for row in rows(place, TABLE, BASELINE)] == ["500A", "500B", "500C"]
    assert "WHERE" not in org.queries[0]
    assert {reading["is_baseline"] for reading in _readings(place, BASELINE)} == {True}


@pytest.mark.shows("S0-14", "S0-37", "S0-39")
def test_a_day_is_read_by_the_moment_records_changed(place: Lake, org: Org):
    _land(place, org)
    assert [(row["id"], row["changed_at"]) for row in rows(place, TABLE, DAY)] == [
        ("500B", datetime(2026, 11, 3, 8)),  # noqa: DTZ001 - as DuckDB's timestamps are
        ("500C", datetime(2026, 11, 3, 8)),  # noqa: DTZ001 - likewise
    ]
    assert "WHERE SystemModstamp >= 2026-11-03T00:00:00Z AND SystemModstamp < 2026-11-04T00:00:00Z" in org.queries[-1]


@pytest.mark.shows("S0-33", "S2-46", "S0-47")
def test_records_are_kept_verbatim_deleted_ones_too(place: Lake, org: Org):
    _land(place, org)
    told = [json.loads(row["record"]) for row in rows(place, TABLE, DAY)]
    assert told == [org.records["Case"]["500B"], org.records["Case"]["500C"]]
    assert told[1]["IsDeleted"] is True


@pytest.mark.shows("S0-63", "S0-15")
def test_a_day_only_gains(place: Lake, org: Org):
    """§4: a record that changes again leaves the vendor's answer for the old day; what it was then is kept, by whichever run read it."""
    _land(place, org, run_id="first")
    org.tell("Case", "500B", EVENING, Status="Working")
    org.tell("Case", "500D", MORNING, Status="New")
    made = _land(place, org, run_id="second")
    found = rows(place, TABLE, DAY)
    assert [(row["id"], json.loads(row["record"])["Status"], row["run_id"]) for row in found] == [
        ("500B", "New", "first"), ("500B", "Working", "second"), ("500C", "Closed", "first"), ("500D", "New", "second"),
    ]  # fmt: skip
    assert (made.figures["records_told"], made.figures["records_new"]) == (3, 2)
    org.records["Case"] = {}
    assert _land(place, org).figures["records_new"] == 0
    assert len(rows(place, TABLE, DAY)) == 4


def test_reading_twice_says_the_same(place: Lake, org: Org):
    first = _land(place, org, run_id="first").aside.content
    assert _land(place, org, run_id="second").aside.content == first


def test_the_baseline_read_again_is_a_day_like_any_other(place: Lake, org: Org):
    """It is read once whole; afterwards a run of that day asks for what changed on it."""
    org.tell("Case", "500E", f"{BASELINE}T10:00:00.000+0000", Status="New")
    _land(place, org, BASELINE)
    assert [row["id"] for row in rows(place, TABLE, BASELINE)] == ["500A", "500B", "500C", "500E"]
    assert [reading["is_baseline"] for reading in _readings(place, BASELINE)] == [True, True, False]


@pytest.mark.shows("S2-44", "S0-33")
def test_every_page_read_leaves_an_entry_in_the_objects_papers(place: Lake, org: Org):
    org.tell("Case", "500D", MORNING)
    _land(place, org)
    found = _readings(place, DAY)
    assert [(one["page"], one["cursor"], one["record_count"]) for one in found] == [(1, None, 2), (2, "/query/2", 1)]
    assert {one["read_until"] for one in found} == {"2026-11-04T00:00:00"}
    assert {one["received_at"] for one in found} == {NOON.replace(tzinfo=None).isoformat()}
    assert {len(one["body_sha256"]) for one in found} == {64}
    _land(place, org)
    assert [one["page"] for one in _readings(place, DAY)] == [1, 2, 1, 2]


def test_a_page_without_records_leaves_an_entry_too(place: Lake):
    """That nothing changed is known only from having asked (§4)."""
    _land(place, Org())
    assert rows(place, TABLE, DAY) == []
    assert [(one["page"], one["record_count"], one["read_until"]) for one in _readings(place, DAY)] == [(1, 0, "2026-11-04T00:00:00")]


def test_a_day_is_read_up_to_what_salesforce_says_is_complete(place: Lake, org: Org):
    made = _land(place, org, covered=datetime(2026, 11, 3, 9, tzinfo=UTC))
    assert "SystemModstamp < 2026-11-03T09:00:00Z" in org.queries[-1]
    assert made.figures["read_until"] == "2026-11-03T09:00:00"


def test_a_window_emptied_by_the_clip_asks_nothing_and_lands_an_empty_object(place: Lake, org: Org):
    before = len(org.queries)
    _land(place, org, covered=datetime(2026, 11, 2, tzinfo=UTC))
    assert len(org.queries) == before
    assert rows(place, TABLE, DAY) == []
    assert [(one["page"], one["read_until"]) for one in _readings(place, DAY)] == [(0, "2026-11-03T00:00:00")]


def test_a_record_without_id_or_moment_is_a_fault_of_the_question(place: Lake, org: Org):
    del org.records["Case"]["500B"]["Id"]
    with pytest.raises(
        ContractBroken, match="a Case was told without Id or SystemModstamp; check the fields asked for and the permissions"
    ):
        _land(place, org)


@pytest.mark.parametrize(("spoilt", "holds"), [({}, True), ({"record": "{}"}, False), ({"id": "500X"}, False)])
def test_an_object_that_lost_or_damaged_a_telling_is_not_published(spoilt: dict[str, str], holds: bool, place: Lake, org: Org):  # noqa: FBT001 - a table of cases
    """What the day held before is there still, and every record's bytes are those that were hashed."""
    _land(place, org)
    told = rows(place, TABLE, DAY)
    with duckdb.connect(":memory:") as engine:
        engine.register("before", pa.Table.from_pylist(told))
        engine.execute("create table kept_before as select object, id, changed_at from before")
        assert running.verdicts(TABLE, salesforce.BODY, engine, [told[0] | spoilt, *told[1:]]) == {"no_telling_is_lost": holds}


@pytest.mark.shows("S0-36", "S0-37", "S0-38", "S0-39", "S0-45", "S1-22")
def test_each_object_is_asked_for_by_itself_with_its_own_columns(org: Org, tmp_path: Path):
    """No star, no FIELDS(ALL), no join; §5.3's fields are in it, personal ones only where the mapping says so."""
    words = mapping.read()
    asked = {source.sobject: source for table in EVERY for source in salesforce.sources(table, words)}
    assert set(asked) == {"Case", "Account", "Contact", "Opportunity", "User", "CaseHistory", "AccountHistory", "ContactHistory", "OpportunityFieldHistory"}  # fmt: skip
    guide = {
        "Id",
        "CaseNumber",
        "AccountId",
        "ContactId",
        "Status",
        "CreatedDate",
        "ClosedDate",
        "Type",
        "Priority",
        "SystemModstamp",
        "IsDeleted",
    }
    assert guide <= set(asked["Case"].fields)
    assert {"Account_Tier__c", "Customer_LTV_USD__c"} <= set(asked["Account"].fields)
    assert {"Phone", "MobilePhone", "Email", "MasterRecordId"} <= set(asked["Contact"].fields)
    assert {"CaseId", "Field", "OldValue", "NewValue"} <= set(asked["CaseHistory"].fields)
    assert asked["CaseHistory"].moment == "CreatedDate"
    place = lake(tmp_path)
    reading = salesforce.Reading(place, org, NOON, NOON)  # type: ignore[arg-type]  # a stand-in
    for table in EVERY:
        reading.land(place.builder("a run"), table, DAY)
    assert len(org.queries) == 9
    for text in org.queries:
        assert "*" not in text
        assert "FIELDS" not in text
        assert "." not in text.split(" FROM ", maxsplit=1)[0]
        assert text.count("SELECT") == 1


def test_what_is_covered_is_the_least_of_all_objects(org: Org, tmp_path: Path):
    org.covered = {"Case": NOON - timedelta(minutes=40), "Account": NOON - timedelta(minutes=20), "User": NOON}
    assert salesforce.Reading.begun(lake(tmp_path), org).covered == NOON - timedelta(minutes=40)  # type: ignore[arg-type]  # a stand-in


def test_where_salesforce_does_not_say_it_is_fifteen_minutes_ago(org: Org, tmp_path: Path):
    assert salesforce.Reading.begun(lake(tmp_path), org).covered == NOON - timedelta(minutes=15)  # type: ignore[arg-type]  # a stand-in


@dataclass
class _Run:
    """What a walk needs of Dagster's context when an asset is asked for a day outside Dagster."""

    day: date
    run: Any = field(default_factory=lambda: SimpleNamespace(run_id="a run", tags={}))
    has_partition_key_range: bool = False
    has_partition_key: bool = True
    log: Any = None
    logged: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.log = dg.build_asset_context().log

    @property
    def partition_keys(self) -> list[str]:
        return [self.day.isoformat()]

    def log_event(self, event: Any) -> None:
        self.logged.append(event)

    def add_asset_metadata(self, said: Any, *, asset_key: Any, partition_key: str) -> None:
        self.logged.append((asset_key, partition_key, said))


@pytest.mark.shows("S0-62")
def test_a_run_of_any_day_lands_the_missing_baseline_first(tmp_path: Path, org: Org):
    """So materialising only yesterday already knows the whole CRM, and the order of days does not matter."""
    place = lake(tmp_path)
    salesforce.landed(_Run(DAY), place, org, TABLE)  # type: ignore[arg-type]  # stand-ins
    assert place.storage.days(TABLE) == [BASELINE, DAY]
    assert ["WHERE" in query for query in org.queries] == [False, True]
    salesforce.landed(_Run(DAY), place, org, TABLE)  # type: ignore[arg-type]  # stand-ins
    assert len(org.queries) == 3


@pytest.mark.shows("S0-64")
def test_the_vendors_counts_are_asked_for_by_the_day_of_creation_and_of_closing(place: Lake, org: Org):
    made = salesforce_totals.land(place, org, place.builder("a run"), DAY)  # type: ignore[arg-type]  # a stand-in
    published(made, place.builder("a run"))
    bounds = "{0} >= 2026-11-03T00:00:00Z AND {0} < 2026-11-04T00:00:00Z"
    assert org.queries[-2:] == [f"SELECT COUNT() FROM Case WHERE {bounds.format(name)}" for name in ("CreatedDate", "ClosedDate")]
    found = rows(place, salesforce_totals.TABLE, DAY)
    assert [(row["object"], row["statistic"], row["total"]) for row in found] == [("Case", "closed", 3), ("Case", "created", 3)]
    assert {row["observed_at"] for row in found} == {NOON.replace(tzinfo=None)}


def test_a_source_declared_absent_is_not_asked_and_lands_empty_and_closed(tmp_path: Path, org: Org):
    """§5.2: an org without field access must be able to say so; the day still closes, so that it can become final."""
    place = lake(tmp_path)
    place.environment.told["SOURCES_ABSENT"] = "cases"
    _land(place, org, BASELINE)
    made = _land(place, org)
    totals = salesforce_totals.land(place, org, place.builder("a run"), DAY)  # type: ignore[arg-type]  # a stand-in
    assert (rows(place, TABLE, BASELINE), rows(place, TABLE, DAY), made.aside.rows, totals.aside.rows) == ([], [], 0, 0)
    assert org.queries == []
    assert len(_readings(place, DAY)) == 1


def test_a_source_that_is_there_after_all_gets_its_baseline(tmp_path: Path, org: Org):
    """A licence bought later: without this the CRM would be known from that day on only, and nobody would notice."""
    place = lake(tmp_path)
    place.environment.told["SOURCES_ABSENT"] = "cases"
    salesforce.landed(_Run(DAY), place, org, TABLE)  # type: ignore[arg-type]  # stand-ins
    assert rows(place, TABLE, BASELINE) == []
    del place.environment.told["SOURCES_ABSENT"]
    salesforce.landed(_Run(DAY), place, org, TABLE)  # type: ignore[arg-type]  # stand-ins
    assert [row["id"] for row in rows(place, TABLE, BASELINE)] == ["500A", "500B", "500C"]


def test_the_history_of_an_object_that_came_later_is_read_from_its_beginning(tmp_path: Path):
    """One table holds the histories of several objects; the one that was absent must not hide behind the others' baseline."""
    org = Org()
    org.tell("OpportunityFieldHistory", "017A", "2020-05-01T00:00:00.000+0000", OpportunityId="006A", Field="StageName")
    place = lake(tmp_path)
    place.environment.told["SOURCES_ABSENT"] = "opportunities"
    salesforce.landed(_Run(DAY), place, org, salesforce.FIELD_HISTORY)  # type: ignore[arg-type]  # stand-ins
    assert rows(place, salesforce.FIELD_HISTORY, BASELINE) == []
    del place.environment.told["SOURCES_ABSENT"]
    salesforce.landed(_Run(DAY), place, org, salesforce.FIELD_HISTORY)  # type: ignore[arg-type]  # stand-ins
    assert [row["id"] for row in rows(place, salesforce.FIELD_HISTORY, BASELINE)] == ["017A"]
    asked = len(org.queries)
    salesforce.landed(_Run(DAY), place, org, salesforce.FIELD_HISTORY)  # type: ignore[arg-type]  # stand-ins
    assert len(org.queries) == asked + 4, "the baseline is read once"


@pytest.mark.parametrize(("deaths", "survives"), [(1, True), (3, True), (4, False)])
def test_a_walk_whose_cursor_dies_begins_again_and_splices_nothing(place: Lake, org: Org, deaths: int, survives: bool):  # noqa: FBT001 - a verdict
    """F-14: the first page of an attempt that died is dropped; a vendor that never gets to the end is believed after a while."""
    left = [deaths]

    class Dying(Org):
        def query(self, query: str, *, include_deleted: bool) -> Any:
            pages = org.query(query, include_deleted=include_deleted)
            yield next(pages)
            if left[0]:
                left[0] -= 1
                raise CursorRejected("the locator is gone")
            yield from pages

    if not survives:
        with pytest.raises(CursorRejected):
            _land(place, Dying())
        return
    made = _land(place, Dying())
    assert [row["id"] for row in rows(place, TABLE, DAY)] == ["500B", "500C"]
    assert made.figures["records_told"] == 2

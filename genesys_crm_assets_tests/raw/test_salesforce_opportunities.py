"""Opportunities, their field history, and an org that has neither (§5.2, S1-22)."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from genesys_crm_assets import partitions
from genesys_crm_assets.lake import layout, parquet
from genesys_crm_assets.lake.table import Table
from genesys_crm_assets.raw import salesforce
from genesys_crm_assets.resources import Lake
from genesys_crm_assets.sources.errors import Exchange, PermissionMissing, RequestRejected, SourceError
from genesys_crm_assets.sources.paging import Page
from genesys_crm_assets_tests.raw.vendors import DAY, NOON, Org, lake, published, rows

MORNING = "2026-11-03T08:00:00.000+0000"
BASELINE = partitions.START_DATE


class Refusing(Org):
    """An org that refuses what belongs to opportunities."""

    error: SourceError

    def query(self, query: str, *, include_deleted: bool) -> Iterator[Page]:
        if " FROM Opportunity" in query:
            raise self.error
        return super().query(query, include_deleted=include_deleted)


def land(place: Lake, org: Org, table: Table) -> None:
    reading = salesforce.Reading(place, org, place.environment.now(), NOON)  # type: ignore[arg-type]  # a stand-in
    published(reading.land(place.builder("a run"), table, DAY), place.builder("a run"))


def papers(place: Lake, table: Table) -> parquet.Papers:
    return parquet.papers(place.storage.url(layout.object_key(table, DAY)))


@pytest.mark.shows("S1-22", "S0-37")
def test_opportunities_are_read_by_the_moment_they_changed_with_stage_amount_and_close_date(tmp_path: Path):
    org, place = Org(), lake(tmp_path)
    org.tell("Opportunity", "006A", MORNING, StageName="Proposal", Amount=12000.0, CloseDate="2026-12-01")
    land(place, org, salesforce.OPPORTUNITIES)
    found = rows(place, salesforce.OPPORTUNITIES, DAY)
    assert [(row["object"], row["id"], row["changed_at"]) for row in found] == [
        ("Opportunity", "006A", datetime(2026, 11, 3, 8))  # noqa: DTZ001 - as DuckDB's timestamps are
    ]
    (asked,) = org.queries
    assert asked.startswith(
        "SELECT Id, AccountId, OwnerId, StageName, Amount, CloseDate, CreatedDate, SystemModstamp, IsDeleted FROM Opportunity"
    )
    assert "MasterRecordId" not in asked, "Salesforce merges no opportunities and has no such field"


def test_their_changes_come_from_the_field_history_and_not_from_the_snapshots(tmp_path: Path):
    org, place = Org(), lake(tmp_path)
    org.tell("OpportunityFieldHistory", "017A", MORNING, OpportunityId="006A", Field="Amount", OldValue=None, NewValue=5)
    org.tell("OpportunityHistory", "008A", MORNING)
    land(place, org, salesforce.FIELD_HISTORY)
    assert [(row["object"], row["id"]) for row in rows(place, salesforce.FIELD_HISTORY, DAY)] == [("OpportunityFieldHistory", "017A")]
    assert "SELECT Id, OpportunityId, Field, OldValue, NewValue, CreatedDate, IsDeleted FROM OpportunityFieldHistory" in org.queries[-1]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            PermissionMissing("The user may not read it", permission="Opportunity"),
            r"\(Opportunity\), or name opportunities in SOURCES_ABSENT",
        ),
        (
            RequestRejected("sObject type 'Opportunity' is not supported", at=Exchange("GET", "/query", 400, "INVALID_TYPE")),
            "access to the object, or name opportunities in SOURCES_ABSENT",
        ),
    ],
)
def test_an_undeclared_refusal_names_what_is_missing_and_the_variable(error: SourceError, said: str, tmp_path: Path):
    org, place = Refusing(), lake(tmp_path)
    org.error = error
    with pytest.raises(type(error), match=said):
        land(place, org, salesforce.OPPORTUNITIES)
    assert place.storage.days(salesforce.OPPORTUNITIES) == []


def test_a_declared_absence_lands_empty_and_says_so_and_the_other_histories_are_still_read(tmp_path: Path):
    """Field history is not absent: only that of an object the org cannot show is not asked for."""
    org, place = Refusing(), lake(tmp_path, SOURCES_ABSENT="opportunities")
    org.error = PermissionMissing("The user may not read it", permission="Opportunity")
    org.tell("CaseHistory", "017C", MORNING, CaseId="500A", Field="Status")
    land(place, org, salesforce.OPPORTUNITIES)
    land(place, org, salesforce.FIELD_HISTORY)
    assert rows(place, salesforce.OPPORTUNITIES, DAY) == []
    assert papers(place, salesforce.OPPORTUNITIES).get("absent") == "opportunities"
    assert [row["object"] for row in rows(place, salesforce.FIELD_HISTORY, DAY)] == ["CaseHistory"]
    assert papers(place, salesforce.FIELD_HISTORY).get("absent") == ""


@pytest.mark.parametrize(
    ("absent", "asked"),
    [
        ("cases", ["AccountHistory", "ContactHistory", "OpportunityFieldHistory"]),
        ("accounts,contacts", ["CaseHistory", "OpportunityFieldHistory"]),
        ("cases,accounts,contacts,opportunities", []),
    ],
)
def test_the_history_of_an_absent_object_is_not_asked_for(absent: str, asked: list[str], tmp_path: Path):
    org, place = Org(), lake(tmp_path, SOURCES_ABSENT=absent)
    land(place, org, salesforce.FIELD_HISTORY)
    assert [query.split(" FROM ")[1].split(" ")[0] for query in org.queries] == asked
    assert place.storage.days(salesforce.FIELD_HISTORY) == [DAY], "the day still closes, so that it can become final"


def test_how_far_the_crm_is_complete_is_asked_of_opportunities_too_unless_they_are_absent(tmp_path: Path):
    early = NOON.replace(hour=1)
    org = Org(covered={"Opportunity": early, "Case": NOON})
    assert salesforce.Reading.begun(lake(tmp_path), org).covered == early  # type: ignore[arg-type]  # a stand-in
    absent = lake(tmp_path, SOURCES_ABSENT="opportunities")
    assert salesforce.Reading.begun(absent, org).covered > early  # type: ignore[arg-type]  # likewise


def test_the_first_day_is_the_baseline_of_every_opportunity(tmp_path: Path):
    org, place = Org(), lake(tmp_path)
    org.tell("Opportunity", "006A", "2020-01-01T00:00:00.000+0000", StageName="Closed Won")
    reading = salesforce.Reading(place, org, NOON, NOON)  # type: ignore[arg-type]  # a stand-in
    published(reading.land(place.builder("a run"), salesforce.OPPORTUNITIES, BASELINE), place.builder("a run"))
    assert [row["id"] for row in rows(place, salesforce.OPPORTUNITIES, BASELINE)] == ["006A"]
    assert "WHERE" not in org.queries[0]

"""Schema discovery: fields that are gone, hidden, new or of another type are found before records are asked for, and said."""

import json
from pathlib import Path

import pytest

from genesys_crm_assets import mapping, partitions, walk
from genesys_crm_assets.lake import layout, parquet
from genesys_crm_assets.raw import salesforce
from genesys_crm_assets.resources import Lake
from genesys_crm_assets_tests.raw.vendors import DAY, NOON, Org, lake, published, rows

TABLE = salesforce.ACCOUNTS
TYPES = {
    "Id": "id",
    "Name": "string",
    "OwnerId": "reference",
    "Industry": "picklist",
    "Account_Tier__c": "picklist",
    "AnnualRevenue": "currency",
    "Customer_LTV_USD__c": "double",
    "CreatedDate": "datetime",
    "SystemModstamp": "datetime",
    "IsDeleted": "boolean",
    "MasterRecordId": "reference",
}


@pytest.fixture
def org() -> Org:
    """An org with one account and every field of the packaged mapping."""
    org = Org(described={"Account": dict(TYPES)})
    org.tell("Account", "001A", "2026-11-03T08:00:00.000+0000", Name="Acme")
    return org


def _land(place: Lake, org: Org) -> walk.Made:
    reading = salesforce.Reading(place, org, place.environment.now(), NOON)  # type: ignore[arg-type]  # a stand-in
    published(reading.land(place.builder("a run"), TABLE, partitions.START_DATE), place.builder("a run"))
    return published(reading.land(place.builder("a run"), TABLE, DAY), place.builder("a run"))


@pytest.mark.shows("S2-36", "S2-38")
def test_an_org_as_mapped_has_nothing_to_say(tmp_path: Path, org: Org):
    made = _land(lake(tmp_path), org)
    said = {"fields_missing": "none", "fields_of_another_type": "none", "fields_new": "none", "mapping_version": 1}
    assert said.items() <= dict(made.figures).items()
    assert org.asked_to_describe == ["Account"], "one run asks once, however many windows it reads"


@pytest.mark.shows("S2-36", "S2-37", "S2-17")
def test_a_field_the_org_hides_is_not_asked_for_and_named(tmp_path: Path, org: Org):
    """Field-level security hides a field from describe and refuses every query that names it."""
    del org.described["Account"]["Customer_LTV_USD__c"]
    place = lake(tmp_path)
    made = _land(place, org)
    assert made.figures["fields_missing"] == "Customer_LTV_USD__c"
    assert all("Customer_LTV_USD__c" not in query for query in org.queries)
    assert len(rows(place, TABLE, DAY)) == 1, "the records are landed all the same"


@pytest.mark.shows("S2-17")
def test_a_required_field_that_is_gone_lands_nothing(tmp_path: Path, org: Org):
    """What the mapping marks as required is never silently null."""
    words = tmp_path / "words.toml"
    words.write_text('[schema]\nrequired = ["Account.Account_Tier__c"]\n', encoding="utf-8")
    del org.described["Account"]["Account_Tier__c"]
    place = lake(tmp_path, MAPPING_FILE=str(words))
    with pytest.raises(mapping.MappingRefused, match=r"Account has no Account_Tier__c, which the mapping requires; let"):
        _land(place, org)
    assert not place.storage.days(TABLE)


@pytest.mark.shows("S2-36")
def test_a_field_of_another_type_is_named_with_its_type(tmp_path: Path, org: Org):
    org.described["Account"]["AnnualRevenue"] = "string"
    assert _land(lake(tmp_path), org).figures["fields_of_another_type"] == "AnnualRevenue is string"


@pytest.mark.shows("S2-37")
def test_a_field_that_came_since_the_landing_before_is_named_once(tmp_path: Path, org: Org):
    """A new field is no fault; somebody may want to map it."""
    place = lake(tmp_path)
    _land(place, org)
    org.described["Account"]["Churn_Risk__c"] = "double"
    assert _land(place, org).figures["fields_new"] == "Churn_Risk__c"
    assert _land(place, org).figures["fields_new"] == "none"


@pytest.mark.shows("S2-36")
def test_a_field_that_describe_leaves_out_but_queries_answer_is_read(tmp_path: Path, org: Org):
    """What can be read is read, whatever describe says: a minimal query decides."""
    del org.described["Account"]["Industry"]
    org.undescribed = {"Industry"}
    assert _land(lake(tmp_path), org).figures["fields_missing"] == "none"
    assert "Industry" in org.queries[-1]


def test_an_org_that_describes_nothing_is_read_as_mapped(tmp_path: Path, org: Org):
    org.described = {}
    made = _land(lake(tmp_path), org)
    assert made.figures["fields_missing"] == "none"
    assert "Account_Tier__c" in org.queries[-1]


def test_what_was_found_stands_in_the_papers_without_any_value(tmp_path: Path, org: Org):
    place = lake(tmp_path)
    _land(place, org)
    said = json.loads(parquet.papers(place.storage.url(layout.object_key(TABLE, DAY))).get("schema"))
    assert said["types"] == TYPES
    assert "Acme" not in json.dumps(said)

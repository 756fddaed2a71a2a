"""Ids of another org: a whole day of them is told apart from single strangers."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pytest

from genesys_crm_assets.checks.told_ids import told_ids_are_of_this_org
from genesys_crm_assets.dimensions import salesforce_account, salesforce_case, salesforce_contact
from genesys_crm_assets.facts import interaction_links
from genesys_crm_assets.lake.body import Body
from genesys_crm_assets.lake.table import Table, body_schema
from genesys_crm_assets.staging import genesys_external_contacts
from genesys_crm_assets_tests.audit.days import NEXT, D
from genesys_crm_assets_tests.checks.test_currency import lake_over
from genesys_crm_assets_tests.contact_pages import uid
from genesys_crm_assets_tests.crm_world import an_id
from genesys_crm_assets_tests.lakes import SmallLake

AT = datetime(2026, 11, 5, 2)  # noqa: DTZ001 - as DuckDB's timestamps are


def whole(lake: SmallLake, table: Table, rows: list[dict[str, Any]]) -> None:
    found = pa.Table.from_pylist(rows, schema=body_schema(table))
    lake.builder.publish(lake.builder.aside(table, Body(reads=(), python=lambda _session, _day: found), None))


def people(*numbers: int) -> list[dict[str, Any]]:
    plain = {"phones": [], "emails": [], "is_current": True, "is_deleted": False, "created_at": AT, "valid_from": AT}
    return [{"version_key": str(n), "contact_id": an_id("contact", n), "change_source": "created", **plain} for n in numbers]


def crm(lake: SmallLake, *contacts: int, cases: bool = True) -> None:
    whole(lake, salesforce_contact.TABLE, people(*contacts))
    whole(lake, salesforce_account.TABLE, [])
    plain = {"is_current": True, "is_deleted": False, "created_at": AT, "valid_from": AT, "change_source": "created"}
    whole(lake, salesforce_case.TABLE, [{"version_key": "1", "case_id": an_id("case", 1), **plain}] if cases else [])


def links(lake: SmallLake, *told: dict[str, str], day: Any = D) -> None:
    plain = {"match_candidates": 0, "reasons": []}
    lake.land(interaction_links.TABLE, day, [{"interaction_id": str(n), **plain, **one} for n, one in enumerate(told)])


def check(root: Path) -> tuple[bool, dg.AssetCheckResult]:
    found = told_ids_are_of_this_org(lake_over(root))
    assert isinstance(found, dg.AssetCheckResult)
    return found.passed, found


def of_contacts(*numbers: int) -> list[dict[str, str]]:
    return [{"crm_contact_id": an_id("contact", number)} for number in numbers]


@pytest.mark.shows("S0-40")
def test_a_day_whose_ids_are_mostly_of_another_org_is_warned_of_with_the_remedy(tmp_path: Path):
    lake = SmallLake(tmp_path)
    crm(lake, *range(9))
    links(lake, *of_contacts(*range(20)), {"crm_case_id": an_id("case", 1)})
    links(lake, *of_contacts(*range(9)), day=NEXT)
    passed, found = check(tmp_path)
    assert (passed, found.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "SALESFORCE_URL" in str(found.metadata["remedy"].value)
    shown = str(found.metadata["first_offenders"].value)
    assert '"object": "contact",\n  "told": 20,\n  "unknown": 11' in shown
    assert '"object": "case",\n  "told": 1,\n  "unknown": 0' in shown
    assert str(NEXT) not in shown


@pytest.mark.parametrize(
    "told",
    [of_contacts(*range(19)), of_contacts(*range(20)) + of_contacts(*range(100, 120)), of_contacts(1, *([50] * 30))],
    ids=["too few", "half", "one stranger who calls often"],
)
def test_fewer_than_that_is_a_matter_of_interactions(told: list[dict[str, str]], tmp_path: Path):
    lake = SmallLake(tmp_path)
    crm(lake, *(range(20) if len(told) == 40 else [1]))
    links(lake, *told)
    assert check(tmp_path)[0]


def test_an_object_that_salesforce_has_nothing_of_is_not_judged(tmp_path: Path):
    """Its tables may not have been landed, or its source is absent."""
    lake = SmallLake(tmp_path)
    crm(lake, cases=False)
    links(lake, *of_contacts(*range(30)), *({"crm_case_id": an_id("case", number)} for number in range(30)))
    assert check(tmp_path)[0]


@pytest.mark.shows("S0-40")
def test_what_external_contacts_name_counts_and_so_does_an_external_contact_that_is_an_id(tmp_path: Path):
    lake = SmallLake(tmp_path)
    crm(lake, 1)
    answered = [
        {
            "external_contact_id": uid(n),
            "canonical_id": uid(n),
            "crm_contact_id": an_id("contact", n),
            "is_deleted": False,
            "start_days": [D],
            "received_at": AT,
        }
        for n in range(100, 112)
    ]
    lake.land(genesys_external_contacts.TABLE, D, answered)
    lake.land(genesys_external_contacts.TABLE, D + timedelta(days=1), answered[:3])
    told = [uid(number) for number in range(100, 112)] + [an_id("contact", number)[: 15 + 3 * (number % 2)] for number in range(200, 208)]
    links(lake, *({"external_contact_id": one} for one in told), {"external_contact_id": an_id("contact", 1)})
    passed, found = check(tmp_path)
    assert not passed
    assert '"object": "external contact",\n  "told": 21,\n  "unknown": 20' in str(found.metadata["first_offenders"].value)


def test_an_empty_lake_passes(tmp_path: Path):
    assert check(tmp_path)[0]

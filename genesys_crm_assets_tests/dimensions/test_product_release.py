"""Releases out of the list as it was last observed: what may stand in a file, what in an org, and what cannot be read."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from genesys_crm_assets.dimensions import product_release
from genesys_crm_assets.lake.errors import ContractBroken
from genesys_crm_assets.raw import salesforce_releases
from genesys_crm_assets_tests.lakes import Row, SmallLake

NINE = datetime(2026, 11, 3, 9)  # noqa: DTZ001 - as DuckDB's timestamps are
CSV, SOQL = "releases_csv", "salesforce_query"


def page(body: bytes, feed: str = CSV, observation: int = 1, number: int = 1, *, last: bool = True) -> Row:
    about = {"observation": observation, "page": number, "feed": feed, "request": "{}", "record_count": 1, "is_last": last}
    received = {"received_at": NINE, "attempts": 1, "waited_ms": 0, "run_id": "a run"}
    return {**about, **received, "body": body, "body_sha256": hashlib.sha256(body).hexdigest()}


def records(*told: dict[str, Any]) -> bytes:
    return json.dumps({"totalSize": len(told), "done": True, "records": told}).encode()


def built(root: Path, pages: Sequence[Row]) -> list[Row]:
    lake = SmallLake(root)
    lake.land(salesforce_releases.TABLE, None, pages)
    lake.build(product_release.TABLE, product_release.BODY)
    return [{name: row[name] for name in ("release", "product", "released_at")} for row in lake.rows(product_release.TABLE)]


def listed(root: Path, text: str) -> list[Row]:
    return built(root, [page(text.encode())])


def release(name: str, product: str | None = "app", at: datetime = NINE) -> Row:
    return {"release": name, "product": product, "released_at": at}


def test_a_file_as_spreadsheets_write_it(tmp_path: Path):
    """A byte order mark, CRLF, columns in any order and more of them, quotes with commas and line ends in them, blank lines."""
    text = (
        "\ufeffReleased_At,notes,Product,release\r\n"
        '2026-11-03T09:00:00Z,"first,\r\nand ""best""","app, web",2026.1\r\n'
        "\r\n"
        " 2026-11-03T09:00:00Z ,,app, 2026.2 \r\n"
        ",,,\r\n"
    )
    assert listed(tmp_path, text) == [release("2026.1", "app, web"), release("2026.2")]


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("2026-11-03T09:00:00Z", NINE),
        ("2026-11-03T09:00:00", NINE),
        ("2026-11-03 09:00", NINE),
        ("2026-11-03T10:30:00.1234567+01:30", NINE.replace(microsecond=123_000)),
        ("2026-11-03T09:00:00.000+0000", NINE),
        ("2026-11-03T23:00:00-10:00", datetime(2026, 11, 4, 9)),  # noqa: DTZ001 - UTC
        ("2026-11-03", NINE.replace(hour=0)),
    ],
)
def test_a_moment_is_utc_in_milliseconds_whatever_its_zone(told: str, meant: datetime, tmp_path: Path):
    """Without a zone it is taken for UTC, as the description says; a date alone is its first moment."""
    assert listed(tmp_path, f"release,product,released_at\n2026.1,app,{told}\n") == [release("2026.1", at=meant)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("release,product,released_at\n2026.1,app,2026-11-03\n,app,2026-11-03\n", "line 3 of the release list names no release"),
        (
            'release,product,released_at\n"2026.1","a\nb",soon\n',
            "the entry that ends in line 3 of the release list, '2026.1', says no moment; write released_at as 2026-11-03T14:00:00Z",
        ),
        ("release,product,released_at\n2026.1,app\n", "line 2 of the release list, '2026.1', says no moment"),
        ("release,product,released_at\n2026.1,app,0001-01-01T00:00:00+05:00\n", "line 2 of the release list, '2026.1', says no moment"),
        ("release,product\n2026.1,app\n", "the first line of the release list does not name released_at once"),
        ("release;product;released_at\n", "does not name release, product, released_at once"),
        ("release,release,product,released_at\n", "does not name release once"),
        ("", "does not name release, product, released_at once"),
        ('release,product,released_at\n2026.1,"app,2026-11-03\n', "line 2 of the release list is no CSV"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_place(text: str, said: str, tmp_path: Path):
    with pytest.raises(ContractBroken) as refused:
        listed(tmp_path, text)
    assert said in str(refused.value)
    assert "soon" not in str(refused.value)


def test_a_file_of_another_encoding_says_how_to_save_it(tmp_path: Path):
    with pytest.raises(ContractBroken, match="not UTF-8; save it as CSV in UTF-8"):
        built(tmp_path, [page("release,product,released_at\n2026.1,Größe,2026-11-03\n".encode("latin-1"))])


def test_records_are_read_by_the_mappings_fields_over_all_pages(tmp_path: Path):
    first = {"attributes": {"type": "Release__c"}, "Name": "2026.1", "Product__c": "app", "Released_At__c": "2026-11-03T09:00:00.000+0000"}
    second = {**first, "Name": 12.5, "Product__c": None, "Released_At__c": "2026-11-03"}
    found = built(tmp_path, [page(records(first), SOQL, last=False), page(records(second), SOQL, number=2)])
    assert found == [release("12.5", None, NINE.replace(hour=0)), release("2026.1")]


def test_a_record_that_cannot_be_read_is_counted_over_all_pages(tmp_path: Path):
    good = {"Name": "2026.1", "Product__c": "app", "Released_At__c": "2026-11-03"}
    pages = [page(records(good, good), SOQL, last=False), page(records({**good, "Released_At__c": None}), SOQL, number=2)]
    with pytest.raises(ContractBroken, match=r"record 3 of the release list, '2026\.1', says no moment"):
        built(tmp_path, pages)


def test_a_field_that_the_query_does_not_give_says_what_to_select(tmp_path: Path):
    with pytest.raises(
        ContractBroken, match=r"record 1 of the release list has no Product__c, Released_At__c; select it in \[releases\] soql"
    ):
        built(tmp_path, [page(records({"Name": "2026.1"}), SOQL)])


def test_what_vanishes_from_the_list_vanishes_here(tmp_path: Path):
    """Whichever way the list was told before: the last observation is the list."""
    old = page(b"release,product,released_at\n2026.1,app,2026-11-03T09:00Z\nwithdrawn,app,2026-11-03T09:00Z\n")
    new = page(records({"Name": "2026.1", "Product__c": "app", "Released_At__c": "2026-11-03T09:00:00Z"}), SOQL, observation=2)
    assert built(tmp_path, [new, old]) == [release("2026.1")]


def test_a_release_is_its_name_its_product_and_its_moment(tmp_path: Path):
    """§6.8: a second wave of a release is another one, whose weeks are others; what stands twice alike in the list is one."""
    text = "release,product,released_at\n1,app,2026-11-01\n1,web,2026-11-02\n1,app,2026-11-03T09:00Z\n1,app,2026-11-03T09:00Z\n"
    told = [release("1", "app", datetime(2026, 11, 1)), release("1"), release("1", "web", datetime(2026, 11, 2))]  # noqa: DTZ001 - UTC
    assert listed(tmp_path, text) == told


def test_without_an_observation_there_is_no_release(tmp_path: Path):
    assert built(tmp_path, []) == []

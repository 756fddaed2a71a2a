"""The release list as observed: a file's bytes or a query's pages, kept where they differ, and nothing where there is no list."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from genesys_crm_assets import resources, walk
from genesys_crm_assets.lake import layout, parquet
from genesys_crm_assets.mapping import MappingRefused
from genesys_crm_assets.raw import salesforce_releases
from genesys_crm_assets.sources.errors import CursorRejected, Exchange, PermissionMissing, RequestRejected, SourceError, TotalNotReached
from genesys_crm_assets.sources.paging import Page
from genesys_crm_assets_tests.raw.vendors import NOON, lake, published

LIST = b'\xef\xbb\xbfrelease,product,released_at\r\n2026.1,app,2026-11-01T09:00:00Z\r\n2026.2,"of two\r\nlines",2026-11-03\r\n'
QUERY = "SELECT Name, Product__c, Released_At__c FROM Release__c ORDER BY CreatedDate"


@dataclass
class Org:
    """An org that answers one query with pages of records.

    Attributes:
        pages: of the answer; the last is the last unless `breaks_off`.
        refusal: raised in place of an answer.
        forgets: how many times the walk's cursor dies after its first page.
        breaks_off: the last page never comes.
        queries: what was asked.
    """

    pages: list[list[dict[str, Any]]] = field(default_factory=list)
    refusal: SourceError | None = None
    forgets: int = 0
    breaks_off: bool = False
    queries: list[str] = field(default_factory=list)

    @contextmanager
    def client(self) -> Iterator["Org"]:
        yield self

    def query(self, query: str, *, include_deleted: bool) -> Iterator[Page]:
        assert not include_deleted
        self.queries.append(query)
        if self.refusal is not None:
            raise self.refusal
        forgets, self.forgets = self.forgets > 0, max(self.forgets - 1, 0)
        for number, records in enumerate(self.pages, 1):
            if forgets and number > 1:
                raise CursorRejected("The cursor is not known any more")
            is_last = number == len(self.pages) and not self.breaks_off
            yield Page(
                number=number,
                feed="salesforce_query",
                request="{}",
                cursor=None,
                body=json.dumps({"records": records}).encode(),
                record_count=len(records),
                received_at=NOON,
                attempts=1,
                waited_ms=0,
                data_available_until=None,
                checkpoint=None,
                is_last=is_last,
            )


@dataclass
class Place:
    """A lake whose mapping names a list."""

    root: Path
    org: Org = field(default_factory=Org)

    def land(self, listed: str = "", hours: int = 0, **told: str) -> walk.Made:
        """Land the list that `listed` names, an entry of [releases], some hours after noon."""
        mapped = self.root / "mapping.toml"
        mapped.write_text(f"[releases]\n{listed}\n", encoding="utf-8")
        place = lake(self.root, NOON + timedelta(hours=hours), MAPPING_FILE=str(mapped), DAGSTER_HOME=str(self.root), **told)
        builder = place.builder("a run")
        return published(salesforce_releases.land(place, self.org, builder), builder)  # type: ignore[arg-type]  # a stand-in

    def rows(self) -> list[dict[str, Any]]:
        return list(pq.read_table(self._path, partitioning=None).to_pylist())

    def papers(self) -> parquet.Papers:
        return parquet.papers(self._path)

    @property
    def _path(self) -> str:
        return lake(self.root).storage.url(layout.object_key(salesforce_releases.TABLE, None))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


FROM_FILE, FROM_ORG = 'csv = "releases.csv"', f'soql = "{QUERY}"'


def test_a_file_is_kept_byte_for_byte(place: Place):
    """A relative path is relative to DAGSTER_HOME; the org is not spoken to."""
    (place.root / "releases.csv").write_bytes(LIST)
    made = place.land(FROM_FILE)
    (row,) = place.rows()
    assert (row["body"], row["feed"], row["observation"], row["page"], row["is_last"]) == (LIST, "releases_csv", 1, 1, True)
    assert (row["record_count"], row["received_at"]) == (2, NOON.replace(tzinfo=None))
    assert json.loads(row["request"])["path"] == "releases.csv"
    assert str(place.root) not in row["request"]
    assert (made.figures["observations_new"], made.figures["records_told"]) == (1, 2)
    assert place.org.queries == []


def test_a_list_that_is_as_it_was_is_not_kept_again_and_one_that_changed_is(place: Place):
    file = place.root / "releases.csv"
    for hours, body in enumerate((LIST, LIST, b"release,product,released_at\n", LIST)):
        file.write_bytes(body)
        place.land(FROM_FILE, hours)
    assert [(row["observation"], row["body"]) for row in place.rows()] == [(1, LIST), (2, b"release,product,released_at\n"), (3, LIST)]


def test_a_list_that_moves_from_a_file_to_the_org_and_back_is_observed_each_time(place: Place):
    """The dimension reads the last observation; a file that is as it was two lists ago is news again."""
    (place.root / "releases.csv").write_bytes(LIST)
    place.org.pages = [[{"Name": "2026.1"}]]
    for hours, listed in enumerate((FROM_FILE, FROM_ORG, FROM_ORG, FROM_FILE)):
        place.land(listed, hours)
    assert [row["feed"] for row in place.rows()] == ["releases_csv", "salesforce_query", "releases_csv"]


def test_every_page_of_the_query_belongs_to_one_observation(place: Place):
    place.org.pages = [[{"Name": "2026.1"}, {"Name": "2026.2"}], [{"Name": "2026.3"}]]
    place.land(FROM_ORG)
    assert place.org.queries == [QUERY]
    assert [(row["observation"], row["page"], row["record_count"], row["is_last"]) for row in place.rows()] == [
        (1, 1, 2, False), (1, 2, 1, True),
    ]  # fmt: skip


def test_a_walk_that_cannot_go_on_asks_for_the_list_again(place: Place):
    place.org.pages, place.org.forgets = [[{"Name": "2026.1"}], [{"Name": "2026.2"}]], 1
    place.land(FROM_ORG)
    assert len(place.org.queries) == 2
    assert [row["page"] for row in place.rows()] == [1, 2]


def test_a_list_without_a_last_page_is_none(place: Place):
    """P2: what broke off is never taken for the whole list."""
    place.org.pages, place.org.breaks_off = [[{"Name": "2026.1"}]], True
    with pytest.raises(TotalNotReached):
        place.land(FROM_ORG)


@pytest.mark.parametrize(("listed", "named"), [('csv = "nowhere.csv"', "nowhere.csv"), ('csv = "."', "")])
def test_a_file_that_cannot_be_read_is_an_error_with_its_remedy(listed: str, named: str, place: Place):
    with pytest.raises(MappingRefused, match=rf"the release list {named}.* cannot be read .*; correct \[releases\] csv in the mapping"):
        place.land(listed)
    assert MappingRefused in resources.EXPLAINED


def test_without_a_list_there_is_an_empty_closed_object_that_says_so(place: Place):
    made = place.land()
    assert place.rows() == []
    assert made.figures["nothing_asked"] == "the mapping names no list: name a file in [releases] csv or a query in [releases] soql"
    assert place.papers().get("absent") == ""


def test_a_declared_absence_asks_nothing_and_says_so_in_the_papers(place: Place):
    made = place.land(FROM_ORG, SOURCES_ABSENT="releases")
    assert (place.rows(), place.org.queries) == ([], [])
    assert place.papers().get("absent") == "releases"
    assert made.figures["nothing_asked"] == "SOURCES_ABSENT names releases"


def test_what_was_observed_stays_when_the_list_is_asked_for_no_more(place: Place):
    """§4: listings only gain."""
    (place.root / "releases.csv").write_bytes(LIST)
    place.land(FROM_FILE)
    place.land(hours=1)
    place.land(FROM_FILE, 2, SOURCES_ABSENT="releases")
    assert [row["body"] for row in place.rows()] == [LIST]


@pytest.mark.parametrize(
    "refusal",
    [
        PermissionMissing("The integration user may not read this", permission="Release__c"),
        RequestRejected("sObject type is not supported", at=Exchange("GET", "/query", 400, "INVALID_TYPE")),
    ],
)
def test_an_undeclared_refusal_names_the_variable(refusal: SourceError, place: Place):
    place.org.refusal = refusal
    with pytest.raises(type(refusal), match="name releases in SOURCES_ABSENT"):
        place.land(FROM_ORG)

"""Landing response pages: journalled, resumed, restarted, and closed by the object that holds them."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from genesys_crm_assets.lake import layout, parquet
from genesys_crm_assets.lake.errors import LocationRefused, ShrinkRefused
from genesys_crm_assets.raw import genesys_interactions, genesys_queue_totals
from genesys_crm_assets.resources import Lake
from genesys_crm_assets.sources.errors import CursorRejected, TotalNotReached
from genesys_crm_assets.sources.paging import Page
from genesys_crm_assets.walk import Made
from genesys_crm_assets_tests import running
from genesys_crm_assets_tests.raw.vendors import DAY, NOON, Genesys, Interrupted, conversations, lake, published, rows

TABLE = genesys_interactions.TABLE
PAGES = [conversations("a", "b"), conversations("c"), conversations("d")]
JOBS = "conversation_jobs"


def _land(place: Lake, genesys: Genesys, *, run_id: str = "a run", allow_shrink: bool = False) -> Made:
    return genesys_interactions.land(place, genesys, genesys.feed, place.builder(run_id), DAY, allow_shrink=allow_shrink)  # type: ignore[arg-type]  # a stand-in


def _landed(place: Lake, genesys: Genesys, *, run_id: str = "a run", allow_shrink: bool = False) -> Made:
    return published(_land(place, genesys, run_id=run_id, allow_shrink=allow_shrink), place.builder(run_id))


@pytest.mark.shows("S0-33", "S2-44", "S2-46")
def test_pages_are_kept_verbatim_with_what_asked_for_them(tmp_path: Path):
    """What was told can be told again without the vendor (P4): bytes, hash, request, cursor, count and when."""
    place = lake(tmp_path)
    made = _landed(place, Genesys({JOBS: PAGES}))
    found = rows(place, TABLE, DAY)
    assert [row["body"] for row in found] == PAGES
    assert [row["body_sha256"] for row in found] == [hashlib.sha256(body).hexdigest() for body in PAGES]
    assert [(row["page"], row["cursor"], row["record_count"], row["is_last"]) for row in found] == [
        (1, None, 2, False), (2, "1", 1, False), (3, "2", 1, True),
    ]  # fmt: skip
    assert {json.loads(row["request"])["path"] for row in found} == {"/conversation_jobs"}
    assert [row["received_at"] for row in found] == [(NOON + timedelta(seconds=place)).replace(tzinfo=None) for place in range(3)]
    assert {row["run_id"] for row in found} == {"a run"}
    assert {name: made.figures[name] for name in ("requests", "waited_ms", "records_told", "provisional")} == {
        "requests": 6, "waited_ms": 90, "records_told": 4, "provisional": False,
    }  # fmt: skip


@pytest.mark.shows("S2-21", "S2-26", "S2-45")
def test_a_killed_landing_goes_on_where_it_was(tmp_path: Path):
    """Pages that have arrived are not asked for again, by another process either."""
    with pytest.raises(Interrupted):
        _land(lake(tmp_path), Genesys({JOBS: PAGES}, dies_after=2))
    assert not lake(tmp_path).storage.exists(layout.object_key(TABLE, DAY))
    again = Genesys({JOBS: PAGES})
    place = lake(tmp_path)
    _landed(place, again, run_id="second run")
    assert [asked[3] for asked in again.asked] == ["2"]
    assert [row["body"] for row in rows(place, TABLE, DAY)] == PAGES
    assert [row["run_id"] for row in rows(place, TABLE, DAY)] == ["a run", "a run", "second run"]
    assert not list(place.journals.rglob("*.pages"))


@pytest.mark.shows("S2-23", "S2-24")
def test_a_cursor_that_died_restarts_the_window_from_its_first_page(tmp_path: Path):
    """F-14: pages of two attempts are never spliced; the ledger shows the complete one only."""
    genesys = Genesys({JOBS: PAGES}, forgets=2)
    place = lake(tmp_path)
    _landed(place, genesys)
    assert [asked[3] for asked in genesys.asked] == [None, None, None]
    assert [row["page"] for row in rows(place, TABLE, DAY)] == [1, 2, 3]
    assert [row["body"] for row in rows(place, TABLE, DAY)] == PAGES


@pytest.mark.shows("S2-23")
def test_restarts_are_bounded(tmp_path: Path):
    genesys = Genesys({JOBS: PAGES}, forgets=100)
    with pytest.raises(CursorRejected):
        _land(lake(tmp_path), genesys)
    assert len(genesys.asked) == 4
    assert not lake(tmp_path).storage.exists(layout.object_key(TABLE, DAY))


@pytest.mark.shows("S2-23")
def test_a_resumed_cursor_that_died_meanwhile_drops_the_pages_it_had(tmp_path: Path):
    with pytest.raises(Interrupted):
        _land(lake(tmp_path), Genesys({JOBS: PAGES}, dies_after=2))
    others = [conversations(name) for name in "efgh"]
    again = Genesys({JOBS: others}, forgets=1)
    place = lake(tmp_path)
    _landed(place, again)
    assert [asked[3] for asked in again.asked] == ["2", None]
    assert [row["body"] for row in rows(place, TABLE, DAY)] == others


@pytest.mark.shows("S2-24")
def test_a_journal_of_another_feed_is_not_gone_on_with(tmp_path: Path):
    with pytest.raises(Interrupted):
        _land(lake(tmp_path), Genesys({JOBS: PAGES}, dies_after=2))
    other = Genesys({"conversation_query": PAGES}, feed="conversation_query")
    _landed(lake(tmp_path), other)
    assert [asked[3] for asked in other.asked] == [None]


def test_a_journal_of_this_morning_is_gone_on_with_and_one_of_yesterday_is_not(tmp_path: Path):
    with pytest.raises(Interrupted):
        _land(lake(tmp_path), Genesys({JOBS: PAGES}, dies_after=2))
    later = Genesys({JOBS: PAGES}, now=NOON + timedelta(hours=7))
    _landed(lake(tmp_path, NOON + timedelta(hours=7)), later)
    assert [asked[3] for asked in later.asked] == [None]


def test_dying_between_the_rename_and_the_journal_reads_the_day_again_from_the_start(tmp_path: Path):
    """A journal whose pages already stand is not taken for news the next time the day is asked for."""
    place = lake(tmp_path)
    made = _land(place, Genesys({JOBS: PAGES}))
    place.builder("a run").publish(made.aside)
    later = Genesys({JOBS: [*PAGES[:2], conversations("d", "new")]})
    place = lake(tmp_path, NOON + timedelta(minutes=5))
    _landed(place, later)
    assert [asked[3] for asked in later.asked] == [None]
    assert rows(place, TABLE, DAY)[2]["body"] == conversations("d", "new")


def test_a_landing_that_is_retried_at_once_asks_nothing_twice(tmp_path: Path):
    """Every page had arrived when the run died before the object stood: the vendor is not asked again."""
    _land(lake(tmp_path), Genesys({JOBS: PAGES}))
    again = Genesys({JOBS: PAGES})
    place = lake(tmp_path)
    _landed(place, again)
    assert again.asked == []
    assert len(rows(place, TABLE, DAY)) == 3


@pytest.mark.shows("S2-44")
@pytest.mark.parametrize("bodies", [[], PAGES])
def test_a_walk_without_a_last_page_is_never_a_day(bodies: list[bytes], tmp_path: Path):
    """P2: neither pages that stop nor no page at all are complete; an empty day is a page that says so."""

    class CutShort(Genesys):
        def interactions(self, feed: str, *, start: datetime, end: datetime, resume: str | None = None) -> Iterator[Page]:
            for page in super().interactions(feed, start=start, end=end, resume=resume):
                yield replace(page, is_last=False)

    with pytest.raises(TotalNotReached, match="conversation_jobs answered without a last page"):
        _land(lake(tmp_path), CutShort({JOBS: bodies}))
    assert not lake(tmp_path).storage.exists(layout.object_key(TABLE, DAY))


@pytest.mark.shows("S3-12")
def test_a_day_on_which_nothing_happened_is_an_object_with_an_empty_page(tmp_path: Path):
    place = lake(tmp_path)
    _landed(place, Genesys({JOBS: [conversations()]}))
    assert [row["record_count"] for row in rows(place, TABLE, DAY)] == [0]


def test_a_journal_whose_pages_were_damaged_is_not_gone_on_with(tmp_path: Path):
    """Bytes that are not those that were hashed are found before anything is built from them."""
    place = lake(tmp_path)
    _land(place, Genesys({JOBS: PAGES}))
    (journal,) = place.journals.rglob("*.pages")
    journal.write_bytes(journal.read_bytes().replace(b'"conversationId": "a"', b'"conversationId": "z"'))
    again = Genesys({JOBS: PAGES})
    _landed(place, again)
    assert [asked[3] for asked in again.asked] == [None]
    assert [row["body"] for row in rows(place, TABLE, DAY)] == PAGES


@pytest.mark.parametrize(
    ("spoilt", "holds"),
    [
        ({}, True),
        ({"body": b"other bytes"}, False),
        ({"page": 7}, False),
        ({"is_last": False}, False),
        ({"feed": "conversation_query"}, False),
    ],
)
@pytest.mark.shows("S2-44")
def test_the_ledger_is_closed_only_by_every_page_to_the_last(spoilt: dict[str, object], holds: bool, tmp_path: Path):  # noqa: FBT001 - a table of cases
    """P2, on the file written aside: in sequence, with its hashes, one last page for each feed."""
    place = lake(tmp_path)
    _landed(place, Genesys({JOBS: PAGES}))
    told = rows(place, TABLE, DAY)
    told[-1] |= spoilt
    with duckdb.connect(":memory:") as engine:
        assert running.verdicts(TABLE, genesys_interactions.BODY, engine, told) == {"the_ledger_is_closed": holds}


@pytest.mark.shows("S0-14", "S1-17")
def test_while_the_lake_of_genesys_is_behind_the_query_is_read_besides(tmp_path: Path):
    """§7: what the jobs do not hold yet is provisional, and each page says which feed told it and how far the jobs went."""
    place = lake(tmp_path)
    until = datetime(2026, 11, 3, 20, tzinfo=UTC)
    genesys = Genesys({JOBS: PAGES[:1], "conversation_query": PAGES[1:]}, until=until)
    made = _landed(place, genesys)
    found = rows(place, TABLE, DAY)
    assert [(row["page"], row["feed"], row["is_last"]) for row in found] == [
        (1, JOBS, True), (2, "conversation_query", False), (3, "conversation_query", True),
    ]  # fmt: skip
    assert [row["data_available_until"] for row in found] == [until.replace(tzinfo=None), None, None]
    assert made.figures["provisional"] is True


@pytest.mark.shows("S2-40")
def test_the_day_under_way_is_asked_for_up_to_fifteen_minutes_ago(tmp_path: Path):
    now = datetime(2026, 11, 3, 12, tzinfo=UTC)
    genesys = Genesys({JOBS: PAGES[:1], "conversation_query": PAGES[1:]}, until=now - timedelta(hours=8), now=now)
    made = _landed(lake(tmp_path, now), genesys)
    assert {asked[2] for asked in genesys.asked} == {now - timedelta(minutes=15)}
    assert made.figures["read_until"] == "2026-11-03T11:45:00+00:00"


def test_a_day_that_has_hardly_begun_asks_nothing_and_lands_an_empty_object(tmp_path: Path):
    now = datetime(2026, 11, 3, 0, 10, tzinfo=UTC)
    genesys = Genesys({JOBS: PAGES}, now=now)
    place = lake(tmp_path, now)
    _landed(place, genesys)
    assert genesys.asked == []
    assert rows(place, TABLE, DAY) == []


@pytest.mark.shows("S2-40")
def test_a_day_in_the_future_is_refused(tmp_path: Path):
    genesys = Genesys({JOBS: PAGES})
    with pytest.raises(LocationRefused, match="has not begun"):
        _land(lake(tmp_path, datetime(2026, 11, 2, tzinfo=UTC)), genesys)
    assert genesys.asked == []


MANY = [f"c{number}" for number in range(1_500)]


@pytest.mark.parametrize(("lost", "refused"), [(10, False), (15, False), (16, True), (1_500, True)])
def test_a_re_read_that_takes_away_too_much_is_refused(lost: int, refused: bool, tmp_path: Path):  # noqa: FBT001 - a table of cases
    """§4: more than 1 % and more than 10 conversations gone means retention passed or a division lost, not news."""
    place = lake(tmp_path)
    _landed(place, Genesys({JOBS: [conversations(*MANY)]}))
    smaller = Genesys({JOBS: [conversations(*MANY[lost:])]})
    if not refused:
        assert _land(place, smaller).aside.holds
        return
    place = lake(tmp_path, NOON + timedelta(minutes=5))
    smaller.now += timedelta(minutes=5)
    with pytest.raises(ShrinkRefused, match=f"would take away {lost} of 1500 conversations; look for lost divisions or retention passed"):
        _land(place, smaller)
    assert len(json.loads(rows(place, TABLE, DAY)[0]["body"])["conversations"]) == 1_500
    _landed(place, Genesys({JOBS: [conversations(*MANY, "one more")]}, now=NOON + timedelta(minutes=6)))
    assert rows(place, TABLE, DAY)[0]["record_count"] == 1_501


def test_odd_records_are_counted_among_what_a_re_read_may_not_take_away(tmp_path: Path):
    """F-60, F-62: a page that no decoder steps over is compared like any other."""
    odd = [b'{"conversationId":"deep","x":' + b"[" * 3_000 + b"]" * 3_000 + b"}", b'{"conversationId":"half","x":"\\ud800"}', b"{]", b"7"]
    odd_ones = [b'{"conversationId":"half %d","x":"\\ud800"}' % number for number in range(9)]
    place = lake(tmp_path)
    _landed(place, Genesys({JOBS: [b'{"conversations":[' + b",".join([*odd, *odd_ones]) + b"]}"]}))
    place = lake(tmp_path, NOON + timedelta(minutes=5))
    with pytest.raises(ShrinkRefused, match="would take away 11 of 11 conversations"):
        _land(place, Genesys({JOBS: [conversations("other")]}, now=NOON + timedelta(minutes=5)))


def test_a_shrink_that_is_meant_goes_through(tmp_path: Path):
    place = lake(tmp_path)
    _landed(place, Genesys({JOBS: [conversations(*MANY)]}))
    _landed(place, Genesys({JOBS: [conversations(*MANY[:5])]}, now=NOON + timedelta(minutes=1)), allow_shrink=True)
    assert rows(place, TABLE, DAY)[0]["record_count"] == 5


@pytest.mark.shows("S0-22", "S0-23")
def test_the_vendors_totals_are_asked_for_by_name_for_the_whole_utc_day(tmp_path: Path):
    place = lake(tmp_path)
    genesys = Genesys({}, totals=b'{"results": [] }')
    published(genesys_queue_totals.land(place, genesys, place.builder("a run"), DAY), place.builder("a run"))  # type: ignore[arg-type]  # a stand-in
    ((_, start, end, metrics),) = genesys.asked
    assert (start, end) == (datetime(2026, 11, 3, tzinfo=UTC), datetime(2026, 11, 4, tzinfo=UTC))
    assert metrics == "nOffered,tAnswered,tAbandon,tHandle,tTalkComplete,tHeldComplete,tAcw"
    assert [row["body"] for row in rows(place, genesys_queue_totals.TABLE, DAY)] == [b'{"results": [] }']


def test_the_object_remembers_which_landing_it_is(tmp_path: Path):
    place = lake(tmp_path)
    _landed(place, Genesys({JOBS: PAGES}))
    assert len(parquet.papers(place.storage.url(layout.object_key(TABLE, DAY))).get("landing")) == 64

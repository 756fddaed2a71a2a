"""From answers about external contacts to one row for each that was met: who it lives on as, and which Contact it names."""

import json
from datetime import date, datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_crm_assets.lake.errors import ObjectDamaged
from genesys_crm_assets.raw import genesys_external_contacts as raw
from genesys_crm_assets.staging import genesys_tellings
from genesys_crm_assets.staging.genesys_external_contacts import BODY, TABLE
from genesys_crm_assets_tests import builders, contact_pages, running
from genesys_crm_assets_tests.contact_pages import contact, failed, found, uid

ADA, ADA_15 = "0035g00000AbCdEAAV", "0035g00000AbCdE"
BOB = "0035g00000ZZZZZ"
BOB_18 = "0035g00000ZZZZZAA5"
NOON = datetime(2026, 11, 5, 12)  # noqa: DTZ001 - as DuckDB's timestamps are
LIGHTNING = "https://acme.lightning.force.com/lightning/r/Contact/{}/view"
CLASSIC = "https://acme.my.salesforce.com/{}"


def staged(*pages: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The rows by contact, proved."""
    with builders.engine() as engine:
        builders.hold(engine, raw.TABLE, list(pages))
        builders.hold(engine, genesys_tellings.TABLE, [])
        rows = running.rows(BODY, engine)
        assert all(running.verdicts(TABLE, BODY, engine, rows).values())
    return {row["external_contact_id"]: row for row in rows}


def told(book: list[dict[str, Any]], met: tuple[int, ...] = (1,), **expanded: dict[str, Any]) -> dict[str, dict[str, Any]]:
    more = {uid(int(name.removeprefix("of_"))): record for name, record in expanded.items()}
    return staged(*contact_pages.pages([uid(number) for number in met], {one["id"]: one for one in book}, NOON, more))


def names(record: dict[str, Any], **expanded: dict[str, Any]) -> str | None:
    found_id: str | None = told([record], **expanded)[uid(1)]["crm_contact_id"]
    return found_id


@pytest.mark.shows("S1-8")
@pytest.mark.parametrize("value", [ADA, ADA_15])
def test_a_value_among_the_external_ids_names_the_contact(value: str):
    assert names(contact(1, "crm-17", "0015g00000AbCdE", value, BOB)) == ADA


@pytest.mark.parametrize("value", [f" {ADA}", ADA[:17] + "0", ADA.lower(), CLASSIC.format(ADA), "", "003"])
def test_a_value_that_is_no_id_of_a_contact_names_nobody(value: str):
    """As told ids: nothing is trimmed and no case is mended (§6.1)."""
    assert names(contact(1, value)) is None


@pytest.mark.shows("S1-8")
@pytest.mark.parametrize("form", [LIGHTNING, CLASSIC])
@pytest.mark.parametrize("value", [ADA, ADA_15])
def test_a_source_names_the_contact_by_its_address_where_the_record_was_read_expanded(form: str, value: str):
    source = contact_pages.sources("https://acme/0015g00000AbCdE", form.format(value))
    assert names(contact(1), of_1=contact(1) | source) == ADA
    assert names(contact(1)) is None


def test_a_source_that_is_not_salesforce_names_nobody():
    assert names(contact(1), of_1=contact(1) | contact_pages.sources(CLASSIC.format(ADA), platform="OTHER")) is None


@pytest.mark.shows("S1-8")
@pytest.mark.parametrize("form", [LIGHTNING, CLASSIC])
def test_its_own_address_names_the_contact(form: str):
    assert names(contact(1, url=form.format(ADA_15))) == ADA
    assert names(contact(1, url=form.format(ADA[:17] + "0"))) is None


def test_external_ids_go_before_sources_and_sources_before_the_address():
    sourced = {"of_1": contact(1) | contact_pages.sources(CLASSIC.format(BOB))}
    assert names(contact(1, ADA, url=CLASSIC.format(BOB)), **sourced) == ADA
    assert names(contact(1, url=CLASSIC.format(ADA)), **sourced) == BOB_18


def test_an_expanded_record_that_is_gone_says_nothing():
    gone = {"message": "not found", "code": "not.found", "status": 404}
    assert names(contact(1, url=CLASSIC.format(ADA)), of_1=gone) == ADA


def merged(row: dict[str, Any]) -> tuple[str, str | None, bool]:
    return row["canonical_id"], row["crm_contact_id"], row["is_deleted"]


@pytest.mark.shows("S1-8")
@pytest.mark.parametrize(
    ("book", "expected"),
    [
        ([contact(1, ADA)], (uid(1), ADA, False)),
        ([contact(1, ADA, into=2), contact(2, BOB)], (uid(2), BOB_18, False)),
        ([contact(1, ADA, into=2), contact(2)], (uid(2), None, False)),
        ([contact(1, into=2), contact(2, into=3), contact(3, BOB)], (uid(3), BOB_18, False)),
        ([contact(1, into=2, canonical=3), contact(3, BOB, canonical=3)], (uid(3), BOB_18, False)),
        ([contact(1, ADA, into=2)], (uid(2), ADA, False)),
        ([contact(1, ADA, into=2), contact(2, BOB, into=1)], (uid(1), ADA, False)),
        ([], (uid(1), None, True)),
    ],
    ids=["never", "merged", "head names nobody", "chain", "head told", "head expired", "circle", "expired"],
)
def test_the_surviving_record_speaks(book: list[dict[str, Any]], expected: tuple[str, str | None, bool]):
    rows = staged(
        contact_pages.page([uid(1)], [found(book[0]) if book else failed(uid(1))], number=1, received_at=NOON),
        contact_pages.page(
            [uid(2), uid(3)],
            [*(found(one) for one in book[1:]), *(failed(uid(n)) for n in (2, 3) if uid(n) not in {one["id"] for one in book})],
            number=2,
            received_at=NOON,
            feed=raw.CANONICAL,
        ),
    )
    assert list(rows) == [uid(1)], "whom it was merged into was not met"
    assert merged(rows[uid(1)]) == expected


def test_the_head_of_merges_is_the_one_whose_expanded_record_counts():
    rows = told([contact(1, into=2), contact(2)], of_2=contact(2) | contact_pages.sources(CLASSIC.format(ADA)))
    assert merged(rows[uid(1)]) == (uid(2), ADA, False)


def test_circles_are_counted():
    with builders.engine() as engine:
        book = {one["id"]: one for one in (contact(1, into=2), contact(2, into=1), contact(3, into=1), contact(4))}
        builders.hold(engine, raw.TABLE, contact_pages.pages([uid(number) for number in (1, 3, 4)], book, NOON))
        builders.hold(engine, genesys_tellings.TABLE, [])
        rows = running.rows(BODY, engine)
        running.verdicts(TABLE, BODY, engine, rows)
        (shown,) = running.dicts(engine.execute(BODY.proofs[0].sql))
    assert (shown["holds"], shown["refused_circles"], shown["rows"]) == (True, 2, 3)


def test_a_later_answer_about_one_that_failed_in_passing_counts():
    passing = failed(uid(1), 503, "later", retryable=True)
    rows = staged(
        contact_pages.page([uid(1), uid(2)], [passing, found(contact(2))], number=1, received_at=NOON, last=False),
        contact_pages.page([uid(1)], [found(contact(1, ADA))], number=2, received_at=NOON),
    )
    assert merged(rows[uid(1)]) == (uid(1), ADA, False)


@pytest.mark.shows("S2-44")
def test_bytes_that_are_not_what_was_received_are_refused():
    page = contact_pages.page([uid(1)], [found(contact(1))], number=1, received_at=NOON)
    with pytest.raises(ObjectDamaged, match="materialise that raw day again"):
        staged(page | {"body": page["body"] + b" "})


@pytest.mark.parametrize("results", [[], [failed(uid(1), 503, "later", retryable=True)]])
def test_a_contact_without_an_answer_is_refused(results: list[dict[str, Any]]):
    with pytest.raises(ObjectDamaged, match="lacks answers"):
        staged(contact_pages.page([uid(1)], results, number=1, received_at=NOON))


def test_a_day_that_met_nobody_is_empty():
    assert staged() == {}


def test_a_row_that_is_missing_is_found_out():
    with builders.engine() as engine:
        builders.hold(engine, raw.TABLE, contact_pages.pages([uid(1), uid(2)], {uid(1): contact(1), uid(2): contact(2)}, NOON))
        builders.hold(engine, genesys_tellings.TABLE, [])
        rows = running.rows(BODY, engine)
        assert running.verdicts(TABLE, BODY, engine, rows[1:]) == {"every_contact_met_is_staged_once": False}


BOOK = st.dictionaries(
    st.integers(0, 7), st.tuples(st.none() | st.integers(0, 9), st.sampled_from([(), (ADA,), (BOB,), ("crm-1", ADA)])), min_size=1
)


@given(BOOK, st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_neither_the_order_of_results_nor_that_of_pages_matters(drawn: dict[int, tuple[int | None, tuple[str, ...]]], rng: Random):
    """Nor how many came together: one at a time, backwards, or all at once."""
    results = [found(contact(number, *values, into=into)) for number, (into, values) in drawn.items()]
    together = staged(contact_pages.page([one["id"] for one in results], results, number=1, received_at=NOON))
    shuffled = rng.sample(results, k=len(results))
    cut = rng.randint(0, len(shuffled))
    parts = [part for part in (shuffled[:cut], shuffled[cut:]) if part]
    apart = staged(
        *(
            contact_pages.page([one["id"] for one in part], part, number=number, received_at=NOON, last=number == len(parts))
            for number, part in enumerate(parts, 1)
        )
    )
    assert json.dumps(apart, default=str, sort_keys=True) == json.dumps(together, default=str, sort_keys=True)


def test_an_answer_says_for_which_days_conversations_it_was_asked():
    """Links of a day take the answers that its own conversations asked for; one told by nobody that could be staged is nobody's (§6.2)."""
    tellings = [
        {"conversation_id": name, "start_day": day, "record": builders.record(participants=[builders.customer(externalContactId=uid(who))])}
        for name, day, who in (("a", date(2026, 11, 5), 1), ("b", date(2026, 11, 3), 1), ("c", date(2026, 11, 5), 2))
    ]
    pages = contact_pages.pages([uid(1), uid(2), uid(3)], {uid(1): contact(1, ADA)}, NOON)
    with builders.engine() as engine:
        builders.hold(engine, raw.TABLE, pages)
        builders.hold(engine, genesys_tellings.TABLE, tellings)
        rows = {row["external_contact_id"]: row["start_days"] for row in running.rows(BODY, engine)}
    assert rows == {uid(1): [date(2026, 11, 3), date(2026, 11, 5)], uid(2): [date(2026, 11, 5)], uid(3): []}

"""Asking for external contacts: many at once, failures inside a success, and reading who lives on under which id."""

import itertools
import json
from pathlib import Path
from random import Random

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_crm_assets.sources.errors import BodyDamaged, PermissionMissing, RequestRejected, ServerFault
from genesys_crm_assets.sources.genesys.external_contacts import Contact, Known, asked_for, contact_of
from genesys_crm_assets.sources.http import RetryPolicy
from genesys_crm_assets_tests import contact_pages as made
from genesys_crm_assets_tests.contact_pages import contact, failed, found, uid
from genesys_crm_assets_tests.sources.scripted_contacts import BULK, SINGLE, ScriptedContacts
from genesys_crm_assets_tests.sources.scripted_genesys import complaint
from genesys_crm_assets_tests.sources.scripted_time import Time
from genesys_crm_assets_tests.sources.test_genesys_client import client

ADA = "0035g00000AbCdE"


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def vendor(time: Time) -> ScriptedContacts:
    return ScriptedContacts(time)


def known(*bodies: bytes) -> Known:
    told = Known()
    for body in bodies:
        told.take(body)
    return told


def test_many_are_asked_for_in_fifties_and_come_in_any_order(time: Time, vendor: ScriptedContacts, tmp_path: Path):
    """The vendor promises no order; what is asked twice is asked once."""
    vendor.knows(*(contact(number) for number in range(120)))
    asked = [uid(number) for number in range(120)]
    pages = list(client(time, vendor, tmp_path).external_contacts([*asked, uid(3)]))
    assert [len(batch) for batch in vendor.batches] == [50, 50, 20]
    assert [(page.number, page.record_count, page.is_last, page.attempts) for page in pages] == [
        (1, 50, False, 1),
        (2, 50, False, 1),
        (3, 20, True, 1),
    ]
    assert list(itertools.chain(*(asked_for(page.request) for page in pages))) == asked
    assert known(*(page.body for page in pages)).contacts.keys() == set(asked)


def test_nobody_asked_for_is_nothing_asked(time: Time, vendor: ScriptedContacts, tmp_path: Path):
    assert list(client(time, vendor, tmp_path).external_contacts([])) == []
    assert not vendor.requests


@pytest.mark.shows("S2-32")
@pytest.mark.parametrize(
    "trouble",
    [
        failed(uid(1), 503, "service.unavailable", retryable=True),
        failed(uid(1), 409, "conflict", retryable=True),
        failed(uid(1), 429, "too.many.requests"),
        failed(uid(1), 500, "internal.error"),
    ],
)
def test_who_fails_in_passing_is_asked_for_again_alone(trouble: made.Record, time: Time, vendor: ScriptedContacts, tmp_path: Path):
    vendor.knows(contact(1), contact(2)).troubles = {uid(1): [trouble, trouble]}
    pages = list(client(time, vendor, tmp_path).external_contacts([uid(1), uid(2)]))
    assert vendor.batches == [[uid(1), uid(2)], [uid(1)], [uid(1)]]
    assert time.slept == [0.25, 0.5], "half of the retry policy's ceilings, as the dice say"
    assert [page.is_last for page in pages] == [False, False, True]
    assert [page.waited_ms for page in pages] == [0, 250, 500]
    assert known(*(page.body for page in pages)).contacts.keys() == {uid(1), uid(2)}


@pytest.mark.shows("S2-32")
def test_who_fails_for_good_in_passing_is_given_up_in_the_end(time: Time, vendor: ScriptedContacts, tmp_path: Path):
    vendor.troubles = {uid(1): [failed(uid(1), 503, "service.unavailable", retryable=True)] * 20}
    genesys = client(time, vendor, tmp_path, policy=RetryPolicy(attempts=4))
    with pytest.raises(ServerFault, match=r"1 external contacts, asked 4 times.*Run again later"):
        list(genesys.external_contacts([uid(1)]))
    assert time.slept == [0.25, 0.5, 1.0]


def test_one_that_genesys_knows_no_more_is_an_answer(time: Time, vendor: ScriptedContacts, tmp_path: Path):
    (page,) = client(time, vendor.knows(contact(2)), tmp_path).external_contacts([uid(1), uid(2)])
    contacts = known(page.body).contacts
    assert contacts[uid(1)] is None
    assert contacts[uid(2)] is not None


def test_one_refused_for_good_stops_the_walk_and_says_why_but_not_who(time: Time, vendor: ScriptedContacts, tmp_path: Path):
    vendor.knows(contact(2)).troubles = {uid(1): [failed(uid(1), 400, "bad.contact")]}
    with pytest.raises(RequestRejected, match=r"400 bad\.contact") as refused:
        list(client(time, vendor, tmp_path).external_contacts([uid(1), uid(2)]))
    assert len(vendor.batches) == 1, "one contact's 400 is not a number that is refused"
    assert uid(1) not in str(refused.value)


@pytest.mark.parametrize("inside", [True, False])
def test_a_missing_permission_is_named_where_genesys_does_not(inside: bool, time: Time, vendor: ScriptedContacts, tmp_path: Path):  # noqa: FBT001 - a table of cases
    if inside:
        vendor.troubles = {uid(1): [failed(uid(1), 403, "forbidden")]}
    else:
        vendor.answers(BULK, complaint(403, "not.authorized", "You are not authorized"))
    with pytest.raises(PermissionMissing, match=r"externalContacts:contact:view.*external_contacts in SOURCES_ABSENT") as refused:
        list(client(time, vendor, tmp_path).external_contacts([uid(1)]))
    assert refused.value.permission == "externalContacts:contact:view"


def test_one_that_was_not_answered_is_an_error_and_never_nobody(time: Time, vendor: ScriptedContacts, tmp_path: Path):
    """F-13: an answer that leaves something out is damage, asked for again, and then the landing fails."""
    vendor.knows(contact(1), contact(2)).silent = {uid(1)}
    with pytest.raises(BodyDamaged, match="1 of 2 contacts were not answered"):
        list(client(time, vendor, tmp_path).external_contacts([uid(1), uid(2)]))
    assert len(vendor.batches) == 3


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"results": null}', b"\xff", b"<html>", b'{"results": [{"id": "x", "success": true}]}'])
def test_a_body_that_is_no_answer_is_damage(body: bytes, time: Time, vendor: ScriptedContacts, tmp_path: Path):
    vendor.answers(BULK, *(httpx.Response(200, content=body) for _ in range(3)))
    with pytest.raises(BodyDamaged):
        list(client(time, vendor, tmp_path).external_contacts([uid(1)]))


def test_a_number_that_is_refused_is_halved_until_it_is_not(time: Time, vendor: ScriptedContacts, tmp_path: Path):
    """The documentation names no maximum."""
    vendor.knows(*(contact(number) for number in range(60))).most = 12
    pages = list(client(time, vendor, tmp_path).external_contacts([uid(number) for number in range(60)]))
    assert [len(batch) for batch in vendor.batches] == [50, 25, 12, 12, 12, 12, 12]
    assert list(itertools.chain(*(asked_for(page.request) for page in pages))) == [uid(number) for number in range(60)]


def test_a_400_to_a_single_id_is_not_about_the_number(time: Time, vendor: ScriptedContacts, tmp_path: Path):
    vendor.most = 0
    with pytest.raises(RequestRejected, match="Too many"):
        list(client(time, vendor, tmp_path).external_contacts([uid(1), uid(2)]))
    assert [len(batch) for batch in vendor.batches] == [2, 1]


def test_a_single_contact_is_read_expanded_and_a_404_is_an_answer(time: Time, vendor: ScriptedContacts, tmp_path: Path):
    vendor.knows(contact(1)).expanded = {uid(1): made.sources(f"https://acme.my.salesforce.com/{ADA}")}
    genesys = client(time, vendor, tmp_path)
    page = genesys.external_contact(uid(1), expand=["externalDataSources"])
    assert vendor.requests[-1].url.query == b"expand=externalDataSources"
    assert (page.cursor, page.record_count, page.is_last) == (uid(1), 1, True)
    assert list(Contact().foreign_ids(contact_of(page.body))) == [ADA]

    gone = genesys.external_contact(uid(2))
    assert (gone.cursor, gone.record_count) == (uid(2), 0)
    assert list(contact_of(gone.body).foreign_ids()) == []


def test_a_404_that_genesys_did_not_say_is_no_answer(time: Time, vendor: ScriptedContacts, tmp_path: Path):
    """A proxy that knows no such path must not make a contact vanish."""
    vendor.answers(SINGLE + uid(1), *(httpx.Response(404, content=b"<html>no such page</html>") for _ in range(3)))
    with pytest.raises(BodyDamaged):
        client(time, vendor, tmp_path).external_contact(uid(1))


def test_a_refused_single_contact_names_the_permission(time: Time, vendor: ScriptedContacts, tmp_path: Path):
    vendor.answers(SINGLE + uid(1), complaint(403, "not.authorized", "You are not authorized"))
    with pytest.raises(PermissionMissing, match="externalContacts:contact:view"):
        client(time, vendor, tmp_path).external_contact(uid(1))


def test_other_systems_ids_come_in_the_order_they_are_tried():
    told = contact(1, "crm-17", "0035g00000AbCdE", url="https://acme.lightning.force.com/lightning/r/Contact/0035g00000ZZZZZAAA/view")
    expanded = made.sources(f"https://acme.my.salesforce.com/{ADA}?x=1") | {"externalSystemUrl": "https://elsewhere/0035g00000YYYYY"}
    record, more = contact_of(json.dumps(told).encode()), contact_of(json.dumps(expanded).encode())
    assert list(record.foreign_ids(more)) == ["crm-17", "0035g00000AbCdE", ADA, "0035g00000ZZZZZAAA"]
    assert list(record.foreign_ids()) == ["crm-17", "0035g00000AbCdE", "0035g00000ZZZZZAAA"]


@pytest.mark.parametrize(
    ("url", "ids"),
    [
        ("https://acme.my.salesforce.com/0035g00000abcde", ["0035g00000abcde"]),
        ("https://acme.lightning.force.com/one/one.app?id=0035g00000abcdeAAA#", ["0035g00000abcdeAAA"]),
        ("https://acme/%2F0035g00000abcdeAAA%2Fview", ["0035g00000abcdeAAA"]),
        ("https://acme/0035g00000abcdeAAAA", []),
        ("https://acme/0035g00000abc", []),
        ("", []),
    ],
)
def test_an_id_in_an_address_stands_by_itself(url: str, ids: list[str]):
    assert list(contact_of(json.dumps({"externalSystemUrl": url}).encode()).foreign_ids()) == ids


@pytest.mark.parametrize(
    "odd",
    [
        {"externalIds": "none"},
        {"externalIds": [7, {"value": 7}, {}]},
        {"externalDataSources": {"url": ADA}},
        {"externalDataSources": [{"platform": "OTHER", "url": ADA}]},
        {"externalSystemUrl": 7},
        {"mergedTo": "x", "canonicalContact": {"id": None}},
    ],
)
def test_a_part_of_another_type_says_nothing(odd: dict[str, object]):
    told = contact_of(json.dumps(odd).encode())
    assert list(told.foreign_ids()) == []
    assert told.merged_into() is None


def test_fields_that_nobody_reads_may_hold_anything():
    body = made.answer([found(contact(1, ADA) | {"customFields": "@"})]).replace(
        b'"@"', b'{"half": "\\ud800", "deep": ' + b"[" * 5000 + b"]" * 5000 + b"}"
    )
    (told,) = known(body).contacts.values()
    assert told is not None
    assert list(told.foreign_ids()) == [ADA]


@pytest.mark.shows("S1-8")
@pytest.mark.parametrize(
    ("book", "survivor", "speaker"),
    [
        ([contact(1)], (1, False), 1),
        ([contact(1, canonical=1)], (1, False), 1),
        ([contact(1, into=2), contact(2)], (2, False), 2),
        ([contact(1, into=2, canonical=3), contact(3, canonical=3)], (3, False), 3),
        ([contact(1, canonical=2), contact(2, into=3), contact(3)], (3, False), 3),
        ([contact(1, into=2)], (2, False), 1),
        ([contact(1, into=2), contact(2, into=1)], (1, True), 1),
        ([contact(1, into=2), contact(2, into=3), contact(3, into=2)], (1, True), 1),
        ([], (1, False), None),
    ],
    ids=["alone", "head", "merged", "head told", "chain", "head unknown", "circle", "into a circle", "expired"],
)
def test_merges_are_followed_as_far_as_they_are_known(book: list[made.Record], survivor: tuple[int, bool], speaker: int | None):
    told = known(made.answer([found(one) for one in book]), made.answer([failed(uid(9))]))
    number, circle = survivor
    assert told.survivor(uid(1)) == (uid(number), circle)
    assert told.speaker(uid(1)) == (None if speaker is None else uid(speaker))


@given(st.dictionaries(st.integers(0, 6), st.none() | st.integers(0, 6), max_size=7), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_who_lives_on_does_not_depend_on_the_order_of_answers(merges: dict[int, int | None], rng: Random):
    results = [found(contact(number, into=into)) if number != into else failed(uid(number)) for number, into in merges.items()]
    passing = [failed(uid(number), 503, "later", retryable=True) for number in merges]
    told = known(made.answer([*passing, *results]))
    shuffled = rng.sample(results, k=len(results))
    again = known(*(made.answer([one]) for one in [*passing, *shuffled]))
    assert again.contacts == told.contacts
    assert {number: again.survivor(uid(number)) for number in merges} == {number: told.survivor(uid(number)) for number in merges}

"""Linking by external contacts (§6.2): through whichever way Genesys names the Contact, and whichever day was asked first."""

from datetime import date, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from genesys_crm_assets.audit import data_status
from genesys_crm_assets.dimensions import salesforce_contact
from genesys_crm_assets.facts import interaction_links
from genesys_crm_assets.lake import lag, layout
from genesys_crm_assets.lake.body import Body
from genesys_crm_assets.lake.table import body_schema
from genesys_crm_assets.raw import genesys_external_contacts as raw
from genesys_crm_assets.raw import genesys_interactions
from genesys_crm_assets.staging import genesys_external_contacts, genesys_metrics
from genesys_crm_assets_tests import builders, contact_pages, lakes
from genesys_crm_assets_tests.audit.days import FIRST, NEXT, READ_AT, D, Days
from genesys_crm_assets_tests.contact_pages import contact, uid
from genesys_crm_assets_tests.crm_world import NOON, World, an_id, minutes
from genesys_crm_assets_tests.lakes import SmallLake

STAGED = genesys_external_contacts.TABLE
CALLER = builders.CONTACT


def reasons(link: dict[str, Any]) -> list[tuple[str, str | None, str]]:
    return [(one["reason"], one["told_id"], one["detail"]) for one in link["reasons"]]


@pytest.mark.shows("S1-8")
def test_the_contact_that_an_external_contact_names_is_the_customer():
    world = World()
    person = world.contact()
    world.external_contact(uid(1), person)
    world.external_contact(uid(2), None)
    for name, told in (("one", uid(1)), ("again", uid(1)), ("nameless", uid(2)), ("never asked", uid(3))):
        world.interaction(name, external_contact_id=told)
    found = world.links()
    assert [(found[name]["link_method"], found[name]["contact_id"]) for name in ("one", "again")] == [("external_contact", person)] * 2
    for name in ("nameless", "never asked"):
        assert found[name]["link_method"] is None
        assert found[name]["reasons"] == []


def test_of_several_answers_the_newest_speaks():
    world = World()
    first, second = world.contact(1), world.contact(2)
    world.external_contact(uid(1), first, received_at=NOON)
    world.external_contact(uid(1), second, received_at=NOON + minutes(1))
    world.external_contact(uid(2), first, received_at=NOON)
    world.external_contact(uid(2), None, received_at=NOON + minutes(1))
    world.interaction("moved", external_contact_id=uid(1))
    world.interaction("removed", external_contact_id=uid(2))
    found = world.links()
    assert found["moved"]["contact_id"] == second
    assert found["removed"]["contact_id"] is None


def test_who_expired_since_was_somebody_all_the_same():
    """Genesys forgets the ephemeral after two months; a day read again then must not lose its customers to that."""
    world = World()
    person = world.contact()
    world.external_contact(uid(1), person, received_at=NOON)
    world.external_contact(uid(1), None, is_deleted=True, received_at=NOON + minutes(1))
    world.external_contact(uid(2), None, is_deleted=True)
    world.interaction("known once", external_contact_id=uid(1))
    world.interaction("never known", external_contact_id=uid(2))
    found = world.links()
    assert found["known once"]["contact_id"] == person
    assert found["never known"]["contact_id"] is None


@pytest.mark.shows("S0-47")
def test_a_contact_that_salesforce_merged_away_is_its_survivor():
    world = World()
    survivor = world.contact(1)
    world.external_contact(uid(1), world.contact(2, ended=NOON, surviving_id=survivor))
    world.interaction(external_contact_id=uid(1))
    assert world.link()["contact_id"] == survivor


@pytest.mark.shows("S0-40", "S0-41")
def test_a_contact_of_another_org_is_set_aside():
    world = World()
    world.contact(1)
    world.external_contact(uid(1), an_id("contact", 9))
    world.interaction(external_contact_id=uid(1))
    link = world.link()
    assert link["link_method"] is None
    assert reasons(link) == [("unknown_crm_id", an_id("contact", 9), "external contact")]


@pytest.mark.shows("S0-41", "S0-70")
def test_an_external_contact_of_somebody_else_contradicts_a_told_case():
    world = World()
    owner, stranger = (world.contact(number, account_id=world.account(number)) for number in (1, 2))
    told = world.case(contact_id=owner, account_id=an_id("account", 1))
    world.external_contact(uid(1), stranger)
    world.external_contact(uid(2), owner)
    world.interaction("stranger", crm_case_id=told, external_contact_id=uid(1))
    world.interaction("owner", crm_case_id=told, external_contact_id=uid(2))
    found = world.links()
    assert (found["stranger"]["contact_id"], found["stranger"]["case_id"]) == (stranger, None)
    assert ("relationship_mismatch", told, "external contact") in reasons(found["stranger"])
    assert (found["owner"]["link_method"], found["owner"]["case_id"]) == ("case_attribute", told)


ADA, BOB = an_id("contact", 1), an_id("contact", 2)
DAYS = [D, NEXT, NEXT + timedelta(days=1)]


class Centre:
    """A lake in which conversations and answers about their external contacts are landed day by day."""

    def __init__(self, root: Path) -> None:
        self.lake = SmallLake(root, FIRST)
        versions = [
            {
                "version_key": one,
                "contact_id": one,
                "surviving_id": one,
                "is_current": True,
                "is_deleted": False,
                "change_source": "created",
            }
            | {"created_at": READ_AT - timedelta(days=9), "valid_from": READ_AT - timedelta(days=9), "phones": [], "emails": []}
            for one in (ADA, BOB)
        ]
        rows = pa.Table.from_pylist(versions, schema=body_schema(salesforce_contact.TABLE))
        builder = self.lake.builder
        builder.publish(builder.aside(salesforce_contact.TABLE, Body(reads=(), python=lambda _session, _day: rows), None))

    def told(self, day: date, conversations: dict[str, tuple[date, str]], hours: int) -> None:
        """Land a raw day: of each conversation when it began and its external contact."""
        records = [
            builders.record(
                conversationId=name,
                conversationStart=builders.at("10:00", began.isoformat()),
                conversationEnd=builders.at("10:06", began.isoformat()),
                participants=[builders.customer(externalContactId=who)],
            )
            for name, (began, who) in conversations.items()
        ]
        self.lake.land(genesys_interactions.TABLE, day, [lakes.page(1, "conversation_jobs", records, at(hours), until=at(hours))])
        self.lake.split(day)

    def answered(self, day: date, book: dict[str, str | None], hours: int) -> None:
        """Land and stage what Genesys says that day of these contacts: the Contact each names, or that it knows it no more."""
        records = {one: contact(1, named) | {"id": one} for one, named in book.items() if named is not None}
        self.lake.land(raw.TABLE, day, contact_pages.pages(list(book), records, at(hours)))
        self.lake.build(STAGED, genesys_external_contacts.BODY, day)

    def settle(self) -> None:
        """Build what lags of staged conversations and links."""
        for table, body in ((genesys_metrics.TABLE, genesys_metrics.BODY), (interaction_links.TABLE, interaction_links.BODY)):
            for day in lag.lagging(self.lake.storage, table, body):
                self.lake.build(table, body, day)

    def links(self) -> dict[str, tuple[str | None, str | None]]:
        rows = self.lake.rows(interaction_links.TABLE)
        return {row["interaction_id"]: (row["link_method"], row["contact_id"]) for row in rows}

    def lagging(self) -> list[date]:
        return lag.lagging(self.lake.storage, interaction_links.TABLE, interaction_links.BODY)


def at(hours: int) -> datetime:
    return READ_AT + timedelta(hours=hours)


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    return Centre(tmp_path)


def test_links_stand_without_external_contacts_and_are_built_again_when_they_come(centre: Centre):
    """Exactly the days whose conversations were told on the day that was asked about."""
    centre.told(D, {"a": (D, uid(1))}, 1)
    centre.told(NEXT, {"b": (NEXT, uid(2))}, 1)
    centre.settle()
    assert centre.links() == {"a": (None, None), "b": (None, None)}
    centre.answered(NEXT, {uid(2): BOB}, 2)
    assert centre.lagging() == [NEXT]
    centre.settle()
    assert centre.lagging() == []
    assert centre.links() == {"a": (None, None), "b": ("external_contact", BOB)}


def test_who_was_associated_days_later_is_found_on_the_day_that_told_it(centre: Centre):
    """The telling that wins a staged day may be of any later raw day, and its external contact was asked about on that one."""
    last = DAYS[-1]
    centre.told(D, {"a": (D, "")}, 1)
    centre.answered(D, {}, 1)
    centre.settle()
    centre.told(last, {"a": (D, uid(1)), "c": (last, uid(3))}, 2)
    centre.answered(last, {uid(1): ADA, uid(3): None}, 3)
    assert centre.lagging() == [D]
    centre.settle()
    assert centre.links() == {"a": ("external_contact", ADA), "c": (None, None)}
    centre.answered(last, {uid(1): BOB, uid(3): None}, 4)
    assert centre.lagging() == [D], "about the last day's own contact the answer is the same"


def test_the_same_answers_read_again_change_no_link(centre: Centre):
    centre.told(D, {"a": (D, uid(1))}, 1)
    centre.answered(D, {uid(1): ADA}, 1)
    centre.settle()
    centre.answered(D, {uid(1): ADA}, 2)
    assert centre.lagging() == []


def test_a_day_reads_the_answers_of_the_days_that_told_it_only(centre: Centre):
    """One more day costs the same in an old lake; and what was not declared as read cannot change a link behind its back (P9)."""
    for number, day in enumerate(DAYS):
        centre.told(day, {f"of {day}": (day, uid(1)), **({"of another day": (DAYS[1], uid(1))} if number == 2 else {})}, number)
        centre.answered(day, {uid(1): ADA}, number)
    held = [lag.holding(centre.lake.storage, STAGED, day) for day in DAYS]
    assert held == [[DAYS[0]], [DAYS[2]], [DAYS[2]]], "two days answer alike for the second; the later one speaks"


def test_a_conversation_told_every_day_makes_no_link_lag_while_its_contact_stays_the_same(centre: Centre):
    """Messages without an end are told for ever, whoever else is met and answered about on those days (P9)."""
    for number, day in enumerate(DAYS):
        centre.told(day, {"endless": (D, uid(1)), f"of {day}": (day, uid(2 + number))}, number)
        centre.answered(day, {uid(1): ADA, uid(2 + number): (BOB, None, ADA)[number]}, number)
        # On the second day less is told of the first than on the first; from then on the same.
        assert (D in centre.lagging()) == (number == 1)
        centre.settle()
    centre.answered(DAYS[2], {uid(1): BOB, uid(4): ADA}, 9)
    assert centre.lagging() == [D]


def test_only_answers_that_a_days_own_conversations_asked_for_speak_for_it(centre: Centre):
    """Else a link could change with an answer that its fingerprint does not know of (P3)."""
    centre.told(D, {"a": (D, uid(1)), "b": (D, uid(2))}, 1)
    centre.answered(D, {uid(1): ADA, uid(2): None}, 1)
    centre.told(NEXT, {"b": (D, uid(2)), "c": (NEXT, uid(1))}, 2)
    centre.answered(NEXT, {uid(1): BOB, uid(2): None}, 2)
    centre.settle()
    assert centre.links() == {"a": ("external_contact", ADA), "b": (None, None), "c": ("external_contact", BOB)}


WORLD = {
    DAYS[0]: ({"a": (DAYS[0], uid(1)), "b": (DAYS[0], uid(2))}, {uid(1): ADA, uid(2): ADA}, 1),
    DAYS[1]: ({"b": (DAYS[0], uid(3)), "c": (DAYS[1], uid(1))}, {uid(3): BOB, uid(1): BOB}, 5),
    DAYS[2]: ({"a": (DAYS[0], uid(1)), "c": (DAYS[1], uid(1)), "d": (DAYS[2], uid(2))}, {uid(1): None, uid(2): BOB}, 3),
}
"""Of three raw days what was told, what was answered, and when: the second was read last."""


@pytest.mark.shows("S0-15", "S1-25")
@pytest.mark.parametrize("order", [*permutations(DAYS)])
def test_in_whatever_order_days_are_landed_the_links_are_the_same(order: tuple[date, ...], centre: Centre):
    """P3, with everything that lags built after every day. By hand: of the first day `a` was told on the first and the third, and the
    third knew its contact no more, so the first speaks; `b` was told last on the second, with another contact; of the second day `c` was
    told on the second, which was read last.
    """
    for day in order:
        conversations, answers, hours = WORLD[day]
        centre.told(day, conversations, hours)
        centre.answered(day, answers, hours)
        centre.settle()
    assert centre.lagging() == []
    assert centre.links() == {
        "a": ("external_contact", ADA),
        "b": ("external_contact", BOB),
        "c": ("external_contact", BOB),
        "d": ("external_contact", BOB),
    }


def test_the_view_of_days_says_which_links_lag_behind_external_contacts(tmp_path: Path):
    """As the code that rebuilds: what is answered, that it is answered otherwise, and that it is answered in another order."""
    days = Days(tmp_path, told={D: [builders.record()], NEXT: [builders.record(qa=1)]})
    warehouse, lake = days.warehouse(), days.lake
    names = {
        interaction_links.TABLE.name: (interaction_links.TABLE, interaction_links.BODY),
        STAGED.name: (STAGED, genesys_external_contacts.BODY),
    }

    def behind() -> set[tuple[str, date]]:
        found = {(name, day) for name, one in names.items() for day in lag.lagging(lake.storage, *one)}
        with warehouse.open() as reader:
            shown = dict(reader.execute(f"select day_utc, lagging_tables from {data_status.TABLE.qualified}").fetchall())
        assert {(name, day) for day, tables in shown.items() for name in tables if name in names} == found
        return found

    def answered(day: date, named: str, hours: int) -> None:
        lake.land(raw.TABLE, day, contact_pages.pages([CALLER], {CALLER: contact(1, named) | {"id": CALLER}}, at(hours)))
        assert (STAGED.name, day) in behind()
        lake.build(STAGED, genesys_external_contacts.BODY, day)

    assert behind() == set()
    answered(D, ADA, 1)
    assert behind() == {(interaction_links.TABLE.name, D)}
    lake.settle()
    assert behind() == set()
    answered(NEXT, BOB, 2)
    assert behind() == {(interaction_links.TABLE.name, D)}, "the next day told the same conversation"
    lake.settle()
    lake.land(raw.TABLE, D, contact_pages.pages([CALLER], {CALLER: contact(1, ADA) | {"id": CALLER}}, at(3)))
    lake.build(STAGED, genesys_external_contacts.BODY, D)
    assert behind() == {(interaction_links.TABLE.name, D)}, "now the first day was read last"
    lake.settle()
    assert behind() == set()
    assert lake.storage.exists(layout.object_key(STAGED, D))

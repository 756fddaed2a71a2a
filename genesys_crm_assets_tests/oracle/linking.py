"""Who and which case an interaction was about (§6.2, §6.3), and what a person must look at (§6.5): `interaction_links`.

Times are UTC, offsets in milliseconds, case minus interaction start. Not here: how versions come about (`history`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .crm import RULES, Crm, Settings
from .values import Row, milliseconds

NOTHING = timedelta(0)


@dataclass(frozen=True)
class Customer:
    """Who, and how found; `ambiguous` says that a method tried found more than one."""

    method: str | None
    contact: str | None
    account: str | None
    ambiguous: bool


@dataclass(frozen=True)
class Match:
    """A case in reach: the rule, and the distances that decide within it."""

    rule: str
    distance: timedelta
    distance_of_creation: timedelta
    case: Row

    @property
    def rank(self) -> tuple[int, timedelta, timedelta, datetime, str]:
        """Lower is better."""
        return (RULES.index(self.rule), self.distance, self.distance_of_creation, self.case["created_at"], self.case["case_id"])


def link(interaction: Row, crm: Crm, settings: Settings) -> Row:
    """The row of `interaction_links` of one row of `staging_genesys_metrics`."""
    blind = blind_customer(interaction, crm, settings)
    cases = crm.cases_of(blind.contact, blind.account)
    matches = [match for match in (match_case(interaction, case, crm, settings) for case in cases) if match is not None]
    best = min(matches, key=lambda match: match.rank, default=None)
    told = crm.resolve("cases", interaction["crm_case_id"])
    holds = told is not None and not contradicted(interaction, crm.cases[told], crm)
    method: str | None
    rule: str | None
    case: Row | None
    if holds and told is not None and "case_attribute" in settings.match_rules:
        method, rule, case = "case_attribute", "case_attribute", crm.cases[told]
        contact = contact_of_told(interaction, crm.cases[told], crm)
    else:
        holds = False
        method, rule, case = blind.method, None if best is None else best.rule, None if best is None else best.case
        contact = blind.contact
    account = account_of(interaction, contact, case, crm) if method else None
    nearest = nearest_case(interaction, cases) if case is None else None
    start = interaction["conversation_start"]
    return {
        "interaction_id": interaction["conversation_id"],
        "crm_case_id": interaction["crm_case_id"],
        "crm_account_id": interaction["crm_account_id"],
        "crm_contact_id": interaction["crm_contact_id"],
        "external_contact_id": interaction["external_contact_id"],
        "link_method": method,
        "case_match_rule": rule,
        "match_offset_ms": None if case is None else milliseconds(case["created_at"] - start),
        "match_candidates": len(matches),
        "crm_customer_key": contact or account,
        "case_id": None if case is None else case["case_id"],
        "contact_id": contact,
        "account_id": account,
        "blind_link_method": blind.method,
        "blind_case_match_rule": None if best is None else best.rule,
        "blind_case_id": None if best is None else best.case["case_id"],
        "nearest_case_id": None if nearest is None else nearest["case_id"],
        "nearest_case_offset_ms": None if nearest is None else milliseconds(nearest["created_at"] - start),
        "reasons": reasons(interaction, crm, blind, cases, linked=case is not None, holds=holds),
    }


def blind_customer(interaction: Row, crm: Crm, settings: Settings) -> Customer:
    """The first method that finds exactly one customer, as though no case had been told."""
    contact = crm.resolve("contacts", interaction["crm_contact_id"])
    if contact is not None:
        return Customer("contact_attribute", contact, None, ambiguous=False)
    contact = crm.resolve("contacts", crm.external_contact(interaction["external_contact_id"]))
    if contact is not None:
        return Customer("external_contact", contact, None, ambiguous=False)
    account = crm.resolve("accounts", interaction["crm_account_id"])
    if account is not None:
        return Customer("account_attribute", None, account, ambiguous=False)
    number = interaction["customer_phone"]
    by_phone = [] if number is None or settings.is_own(number) else crm.contacts_with("phones", number)
    if len(by_phone) == 1:
        return Customer("phone", by_phone[0], None, ambiguous=False)
    address = interaction["customer_email"]
    by_email = [] if address is None else crm.contacts_with("emails", address)
    if len(by_email) == 1:
        return Customer("email", by_email[0], None, ambiguous=len(by_phone) > 1)
    return Customer(None, None, None, ambiguous=len(by_phone) > 1 or len(by_email) > 1)


def contradicted(interaction: Row, case: Row, crm: Crm) -> bool:
    """Does what else was told, or a parent that no table knows, speak against the told case?"""
    given_contact, given_account = case["contact_id"], case["account_id"]
    for kind, given in (("contacts", given_contact), ("accounts", given_account)):
        if given is not None and kind not in crm.absent and not crm.knows(kind, given):
            return True
    if given_contact is None and given_account is None:
        return False
    case_contact, case_account = crm.parent("contacts", given_contact), crm.parent("accounts", given_account)
    for told in (interaction["crm_contact_id"], crm.external_contact(interaction["external_contact_id"])):
        contact = crm.resolve("contacts", told)
        belongs = case_account is not None and crm.account_of_contact(contact) == case_account
        if contact is not None and contact != case_contact and not belongs:
            return True
    account = crm.resolve("accounts", interaction["crm_account_id"])
    return account is not None and account != case_account


def contact_of_told(interaction: Row, case: Row, crm: Crm) -> str | None:
    """The contact of a told case that holds; where it has none, the told one, else the external contact's, both of which fit."""
    own = crm.resolve("contacts", case["contact_id"])
    told = crm.resolve("contacts", interaction["crm_contact_id"])
    return own or told or crm.resolve("contacts", crm.external_contact(interaction["external_contact_id"]))


def account_of(interaction: Row, contact: str | None, case: Row | None, crm: Crm) -> str | None:
    """The contact's account now, else the case's, else the told one."""
    of_contact = None if contact is None else crm.resolve("accounts", crm.contacts[contact]["account_id"])
    of_case = None if case is None else crm.resolve("accounts", case["account_id"])
    return of_contact or of_case or crm.resolve("accounts", interaction["crm_account_id"])


def window(interaction: Row) -> tuple[datetime, datetime]:
    """`[s, e]`: e is s while open, and at most 24 hours later."""
    start = interaction["conversation_start"]
    end = interaction["conversation_end"] or start
    return start, min(end, start + timedelta(hours=24))


def distance(moment: datetime, start: datetime, end: datetime) -> timedelta:
    """How far a moment lies outside `[s, e]`."""
    return max(start - moment, moment - end, NOTHING)


def match_case(interaction: Row, case: Row, crm: Crm, settings: Settings) -> Match | None:
    """By which of the rules 2 to 5 a case is in reach, if any that may link."""
    start, end = window(interaction)
    tolerance = settings.tolerance(start)
    born, closed = case["created_at"], case["closed_at"]
    worked = [moment for moment in crm.worked.get(case["case_id"], []) if start - tolerance <= moment <= end + tolerance]
    still_open = closed is None or closed >= start - tolerance
    of_creation = distance(born, start, end)
    apart = of_creation
    if start - tolerance <= born <= end + tolerance:
        rule = "created_with"
    elif born >= start - tolerance:
        return None
    elif still_open and worked:
        rule, apart = "touched_with", min(distance(moment, start, end) for moment in worked)
    elif still_open:
        rule = "open_case"
    elif born >= start - timedelta(hours=settings.match_lookback_hours):
        rule = "lookback"
    else:
        return None
    return Match(rule, apart, of_creation, case) if rule in settings.match_rules else None


def nearest_case(interaction: Row, cases: list[Row]) -> Row | None:
    """The customer's case whose creation lies nearest to `[s, e]`."""
    start, end = window(interaction)
    return min(cases, key=lambda case: (distance(case["created_at"], start, end), case["created_at"], case["case_id"]), default=None)


def reasons(interaction: Row, crm: Crm, blind: Customer, cases: list[Row], *, linked: bool, holds: bool) -> list[Row]:
    """Why a person must look at the interaction, in the order of §6.5."""
    found: list[Row] = []
    if not linked and blind.method is not None:
        found.append({"reason": "no_case_in_window" if cases else "customer_without_case", "told_id": None})
    unknown = unknown_id(interaction, crm)
    if unknown is not None:
        found.append({"reason": "unknown_crm_id", "told_id": unknown})
    told = crm.resolve("cases", interaction["crm_case_id"])
    if told is not None and contradicted(interaction, crm.cases[told], crm):
        found.append({"reason": "relationship_mismatch", "told_id": interaction["crm_case_id"]})
    if blind.ambiguous and not holds:
        found.append({"reason": "ambiguous_identity", "told_id": None})
    return found


def unknown_id(interaction: Row, crm: Crm) -> str | None:
    """The first told id that no CRM table knows."""
    told = (
        ("cases", interaction["crm_case_id"]),
        ("contacts", interaction["crm_contact_id"]),
        ("contacts", crm.external_contact(interaction["external_contact_id"])),
        ("accounts", interaction["crm_account_id"]),
    )
    return next((record for kind, record in told if record is not None and not crm.knows(kind, record)), None)


def links(
    interactions: list[Row],
    dimensions: dict[str, list[Row]],
    history: list[Row],
    settings: Settings,
    named: dict[str, str] | None = None,
) -> list[Row]:
    """All rows of `interaction_links`, in the order of the interactions; `dimensions` by `case`, `contact`, `account`.

    `named` says which Contact an external contact names (`contacts.contacts_named`).
    """
    crm = Crm(dimensions, history, settings.sources_absent, named)
    return [link(interaction, crm, settings) for interaction in interactions]

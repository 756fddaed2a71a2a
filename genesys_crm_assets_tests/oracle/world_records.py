"""The records of a drawn CRM, object by object: users, accounts, contacts, cases; `draw_crm` draws all of them, merged and read.

Not here: how a record lives (`world_crm`), and opportunities (`world_opportunities`).
"""

import random
from datetime import date
from typing import Any

from .values import Row, phone
from .world_crm import STATUSES, TIERS, TOLD_EMAILS, TOLD_NUMBERS, CrmDraw, Life, live, merge


def numbers(state: Row, region: str) -> list[Row]:
    """A contact's numbers in the mapping's order, those that were told."""
    fields = {"Phone": state["phone"], "MobilePhone": state["mobile"]}
    return [{"field": name, "told": value, "normalised": phone(value, region)} for name, value in fields.items() if value is not None]


def addresses(state: Row) -> list[Row]:
    """A contact's addresses likewise, trimmed and lower-cased."""
    return [] if state["email"] is None else [{"field": "Email", "told": state["email"], "normalised": state["email"].strip().lower()}]


def contact_told(state: Row) -> Row:
    """The columns of a contact's telling."""
    tracked = {name: state[name] for name in ("account_id", "owner_id", "email", "phone")}
    return {**tracked, "phones": numbers(state, "US"), "emails": addresses(state)}


def case_told(state: Row) -> Row:
    """The columns of a case's telling: closed at the moment it was told closed."""
    tracked = {name: state[name] for name in ("status", "priority", "type", "owner_id", "contact_id", "account_id")}
    closed_at = state["stamp"] if state["status"] == "Closed" else None
    others = {"case_number": state["number"], "origin": "Phone", "closed_at": closed_at, "is_escalated": state["status"] == "Escalated"}
    return {**tracked, **others}


def account_told(state: Row) -> Row:
    """The columns of an account's telling."""
    return {
        **{name: state[name] for name in ("name", "owner_id", "customer_tier", "industry")},
        "annual_revenue": 1000.0,
        "ltv_usd": state["ltv"],
    }


def user_told(state: Row) -> Row:
    """The columns of a user's telling."""
    return {name: state[name] for name in ("name", "is_active")}


def draw_user(crm: CrmDraw, user: str) -> None:
    """A user, who may be renamed and leave."""
    start = {"name": f"User {user[-4:]}", "is_active": True}
    choices: dict[str, list[Any]] = {"name": ["Ada", "Bob", "Eve"], "is_active": [True, False]}
    live(crm, Life("User", user, crm.moment(), start, choices, user_told), set(choices))


def draw_account(crm: CrmDraw, account: str, owners: list[str]) -> None:
    """An account, whose industry no history tracks."""
    start = {"name": "Acme", "owner_id": crm.rng.choice(owners), "customer_tier": crm.rng.choice(TIERS), "industry": None}
    choices: dict[str, list[Any]] = {
        "name": ["Acme", "Zoë & Co", "Umbra"],
        "owner_id": owners,
        "customer_tier": TIERS,
        "industry": ["Retail", None],
    }
    life = Life("Account", account, crm.moment(), {**start, "ltv": crm.rng.randrange(9000) / 2}, choices, account_told)
    live(crm, life, {"industry"})


def draw_contact(crm: CrmDraw, contact: str, owners: list[str], accounts: list[str]) -> None:
    """A contact, whose number is often somebody else's too."""
    parents, own = [*accounts, None], f"+1202555{crm.rng.randrange(1000, 10000)}"
    start = {"account_id": crm.rng.choice(parents), "owner_id": crm.rng.choice(owners)}
    start |= {"email": crm.rng.choice([*TOLD_EMAILS, None, f"{contact[-4:]}@example.net"])}
    start |= {"phone": crm.rng.choice([*TOLD_NUMBERS, None]), "mobile": crm.rng.choice([*TOLD_NUMBERS, None, own])}
    choices: dict[str, list[Any]] = {
        "account_id": parents,
        "owner_id": owners,
        "email": [*TOLD_EMAILS, None],
        "phone": [*TOLD_NUMBERS, None],
    }
    live(crm, Life("Contact", contact, crm.moment(), start, choices, contact_told), {"phone"})


def draw_case(crm: CrmDraw, number: int, owners: list[str], parents: tuple[list[str], list[str]]) -> None:
    """A case of one of few customers, or of nobody, or of somebody whom no table knows."""
    contacts, accounts = [*parents[0], None], [*parents[1], None]
    start = {"status": "New", "priority": "Low", "type": None, "owner_id": crm.rng.choice(owners), "number": f"{number:08d}"}
    start["contact_id"] = crm.rng.choice(contacts * 4 + [crm.new_id("003")])
    start["account_id"] = crm.rng.choice(accounts * 4 + [crm.new_id("001")])
    choices: dict[str, list[Any]] = {"status": STATUSES, "priority": ["Low", "High"], "type": ["Billing", "Repair", None]}
    choices |= {"owner_id": owners, "contact_id": contacts, "account_id": accounts}
    life = Life("Case", crm.new_id("500"), crm.moment(), start, choices, case_told)
    live(crm, life, {"priority"} if crm.maybe(0.5) else {"status"})


def draw_crm(rng: random.Random, days: list[date], size: int) -> CrmDraw:
    """A CRM for about that many conversations: users, accounts, contacts, cases; then merges, then who read what when."""
    crm = CrmDraw(rng, days)
    users = [crm.new_id("005") for _ in range(3)]
    owners = [*users, crm.new_id("00G")]
    accounts = [crm.new_id("001") for _ in range(max(2, size // 6))]
    contacts = [crm.new_id("003") for _ in range(max(3, size // 2))]
    for user in users:
        draw_user(crm, user)
    for account in accounts:
        draw_account(crm, account, owners)
    for contact in contacts:
        draw_contact(crm, contact, owners, accounts)
    for number in range(size * 2):
        draw_case(crm, number, owners, (contacts[:3] * 3 + contacts[3:6], accounts[:2]))
    for kind in ("Account", "Contact", "Case"):
        merge(crm, kind)
    crm.draw_reads()
    for rows in (*crm.tellings.values(), crm.history):
        rng.shuffle(rows)
    return crm

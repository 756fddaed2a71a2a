"""Opportunities of a drawn CRM: reopened, moved between accounts, deleted and brought back; amounts spelt in every way.

Drawn after everything else, so that the rest of a world does not depend on them. Not here: what should be made of them.
"""

from datetime import date
from typing import Any

from .values import Row
from .world_crm import CrmDraw, Life, live

STAGES = ["Prospecting", "Proposal", "Closed Won", "Closed Lost", "Closed Won"]
AMOUNTS: list[float | None] = [None, 0.0, 1200.0, 12000.5, 98000.0]
DAYS: list[date | None] = [date(2026, 1, 31), date(2026, 3, 1), None]


def opportunity_told(state: Row) -> Row:
    """The columns of an opportunity's telling."""
    return {name: state[name] for name in ("stage_name", "amount", "close_date", "owner_id", "account_id")}


def draw_opportunity(crm: CrmDraw, owners: list[str], accounts: list[str]) -> None:
    """One opportunity; the org tracks its stage and amount, the rest only sometimes."""
    choices: dict[str, list[Any]] = {
        "stage_name": STAGES,
        "amount": AMOUNTS,
        "close_date": DAYS,
        "owner_id": owners,
        "account_id": [*accounts, None, crm.new_id("001")],
    }
    start = {column: crm.rng.choice(values) for column, values in choices.items()}
    untracked = {"close_date", "account_id"} if crm.maybe(0.5) else {"stage_name"} if crm.maybe(0.3) else set()
    live(crm, Life("Opportunity", crm.new_id("006"), crm.moment(), start, choices, opportunity_told), untracked)


def draw_opportunities(crm: CrmDraw, count: int) -> None:
    """About that many opportunities, of the accounts that cases and contacts are of."""
    owners = sorted({each["user_id"] for each in crm.tellings["User"]})
    accounts = sorted({each["account_id"] for each in crm.tellings["Account"]})
    for _ in range(count):
        draw_opportunity(crm, owners, accounts)
    crm.rng.shuffle(crm.tellings["Opportunity"])
    crm.rng.shuffle(crm.history)

"""The CRM's people: users, accounts with tier and lifetime value, contacts with the numbers they call from, merges and deletions.

Not here: their cases (`cases.py`) and what they call about (`stories.py`).
"""

import random
from dataclasses import dataclass, field
from typing import Any

from genesys_crm_assets.sandbox import clock
from genesys_crm_assets.sandbox.identifiers import chance, dice, fixed_uuid, salesforce_id
from genesys_crm_assets.sandbox.records import PREFIXES, Crm, Record, Row

_FIRST = (
    "Ada",
    "Ben",
    "Chloe",
    "Dev",
    "Elena",
    "Farid",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Keiko",
    "Liam",
    "Mara",
    "Noor",
    "Otto",
    "Priya",
    "Quinn",
    "Rosa",
)
_LAST = (
    "Abbott",
    "Brandt",
    "Costa",
    "Dubois",
    "Eriksen",
    "Fischer",
    "Garcia",
    "Haddad",
    "Ito",
    "Jensen",
    "Kaur",
    "Lopez",
    "Moreau",
    "Novak",
    "Okafor",
    "Patel",
)
_WORDS = ("Northwind", "Harbour", "Cedar", "Quartz", "Lumen", "Atlas", "Willow", "Copper", "Meridian", "Falcon", "Orchard", "Summit")
_FORMS = ("Logistics", "Foods", "Energy", "Health", "Systems", "Retail", "Insurance", "Textiles")
_INDUSTRIES = ("Retail", "Energy", "Healthcare", "Insurance", "Technology", "Transportation", None)
_TIERS = {"Enterprise": 14, "Mid-Market": 28, "Small Business": 44, None: 14}
_WORTH = {"Enterprise": 400_000, "Mid-Market": 90_000, "Small Business": 15_000, None: 20_000}

HISTORY_DAYS = 180
TIER_TRACKED_DAYS = 45
# A fifth more than the tenth that is promised, so that a small world holds it too.
SHARED_QUOTA = 0.14


@dataclass(slots=True, eq=False)
class Contact:
    """A contact as the world knows it: the record and what it can be reached or recognised by."""

    record: Record
    # Since when (epoch seconds) the contact belongs to which account, in order of time.
    homes: list[tuple[int, Record]]
    numbers: tuple[str, ...]
    email: str
    external_id: str
    aliases: list[tuple[str, int]] = field(default_factory=list)
    # Further external contacts, each until it was merged away (epoch milliseconds).
    duplicates: list[tuple[str, int]] = field(default_factory=list)
    cases: list[Any] = field(default_factory=list)
    # Of these the ones that were open lately, so that nobody looks through the cases of a year.
    lately: list[Any] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The record that lives."""
        return self.record.id

    def take(self, case: Any) -> None:
        """Add a case that conversations may be about."""
        self.cases.append(case)
        self.lately.append(case)

    def drop(self, case: Any) -> None:
        """Take it back: no conversation shall be about it."""
        self.cases.remove(case)
        self.lately.remove(case)

    def home_at(self, at: int) -> Record:
        """The account that the contact belongs to at that CRM time."""
        return next((account for since, account in reversed(self.homes) if since <= at), self.homes[0][1])

    def tier_at(self, at: int) -> str | None:
        """The tier of that account at that CRM time."""
        tier: str | None = self.home_at(at).value("Account_Tier__c", at)
        return tier

    def id_at(self, at: int, rng: random.Random) -> str:
        """An id the centre may know the contact by at that CRM time: until a merge, sometimes that of the duplicate."""
        known = [alias for alias, merged in self.aliases if at < merged]
        return rng.choice(known) if known and chance(rng, 0.5) else self.id

    def external_id_at(self, at: int, conversation_id: str) -> str:
        """The external id a conversation that begins then has for its customer: mostly that of a duplicate, while there is one."""
        known = [duplicate for duplicate, merged in self.duplicates if at < merged]
        draw = int(conversation_id[:4], 16)
        return known[draw // 4 % len(known)] if known and draw % 4 else self.external_id


@dataclass(slots=True)
class People:
    """Everybody in the CRM; `contacts` are those who may call."""

    users: list[str]
    accounts: list[Record]
    contacts: list[Contact]


def number(index: int) -> str:
    """The `index`-th number of the fictional range, in E.164."""
    return f"+1{200 + index % 799}555{100 + index // 799:04d}"


def _written(rng: random.Random, e164: str) -> str:
    area, office, line = e164[2:5], e164[5:8], e164[8:]
    return rng.choice(
        (
            e164,
            f"({area}) {office}-{line}",
            f"{area}.{office}.{line}",
            f"+1 {area}-{office}-{line}",
            f"{area}{office}{line}",
            f"1-{area}-{office}-{line}",
        )
    )


class _Town:
    """Draws everybody, in one order, from dice of its own."""

    def __init__(self, crm: Crm, seed: int, per_day: int, start: int) -> None:
        self.crm, self.seed = crm, seed
        self.rng = dice(seed, "people")
        # Epoch seconds of the CRM's clock.
        self.start = start // clock.SECOND
        self.births = self.start - HISTORY_DAYS * 86_400
        self.wanted = max(40, per_day * 3 // 2)
        self.people = People([], [], [])
        self.shared = 0
        crm.tracked_since["Account", "Account_Tier__c"] = self.start - TIER_TRACKED_DAYS * 86_400

    def record(self, kind: str, key: object, values: Row) -> Record:
        rng = self.rng
        created = self.births - rng.randrange(400 * 86_400)
        by = rng.choice(self.people.users) if self.people.users else salesforce_id("005", self.seed, "admin")
        return self.crm.add(Record(kind, salesforce_id(PREFIXES[kind], self.seed, kind, key), created, by, values))

    def sometime(self) -> int:
        """A moment of change: half of them from the days before the window on."""
        near = chance(self.rng, 0.5)
        return self.start + self.rng.randrange(-2 * 86_400, 8 * 86_400) if near else self.rng.randrange(self.births, self.start)

    def users(self, count: int) -> None:
        for index in range(count):
            name = f"{self.rng.choice(_FIRST)} {self.rng.choice(_LAST)}"
            user = self.record("User", index, {"Name": name, "Email": f"user{index}@example.org", "IsActive": True})
            if index % 9 == 8:  # noqa: PLR2004 - every ninth has left
                user.change(self.sometime(), {"IsActive": False})
            self.people.users.append(user.id)

    def account(self, index: int) -> Record:
        rng = self.rng
        tier = rng.choices(tuple(_TIERS), tuple(_TIERS.values()))[0]
        worth = _WORTH[tier] * rng.lognormvariate(0, 0.5)
        values: Row = {
            "Name": f"{rng.choice(_WORDS)} {rng.choice(_FORMS)} {index + 1}",
            "OwnerId": rng.choice(self.people.users),
            "Industry": rng.choice(_INDUSTRIES),
            "Account_Tier__c": tier,
            "AnnualRevenue": round(worth * 40, 0),
            "Customer_LTV_USD__c": None if chance(rng, 0.05) else round(worth, 2),
            "Type": rng.choice(("Customer", "Customer", "Prospect")),
            "IsDeleted": False,
            "MasterRecordId": None,
        }
        account = self.record("Account", index, values)
        self._account_changes(account)
        self.people.accounts.append(account)
        return account

    def _account_changes(self, account: Record) -> None:
        rng = self.rng
        if chance(rng, 0.10):
            account.change(self.sometime(), {"Account_Tier__c": rng.choice(("Enterprise", "Mid-Market", "Small Business"))})
        if chance(rng, 0.08):
            account.change(self.sometime(), {"OwnerId": rng.choice(self.people.users)})
        if chance(rng, 0.03):
            account.change(self.sometime(), {"Name": f"{account.values['Name']} Group"})
        if chance(rng, 0.04):
            account.change(
                self.sometime(), {"Industry": rng.choice(_INDUSTRIES), "Customer_LTV_USD__c": round(rng.uniform(1_000, 90_000), 2)}
            )
        if chance(rng, 0.05):
            account.change(self.sometime(), {})

    def household(self, account: Record, size: int) -> None:
        """The contacts of an account; while the quota lasts, all of one account share the switchboard's number."""
        shares = size > 1 and self.shared < SHARED_QUOTA * (len(self.people.contacts) + size)
        office = number(len(self.people.contacts) * 2 + 1) if shares else None
        self.shared += size if shares else 0
        for _ in range(size):
            self.contact(account, office)

    def contact(self, account: Record, office: str | None) -> None:
        rng, index = self.rng, len(self.people.contacts)
        first, last = rng.choice(_FIRST), rng.choice(_LAST)
        own = number(index * 2)
        mobile = own if office is None or chance(rng, 0.3) else None
        phone = office or (number(index * 2 + 1) if chance(rng, 0.4) else None)
        email = f"{first}.{last}{index}@example.com".lower()
        values: Row = {
            "AccountId": account.id,
            "OwnerId": account.values["OwnerId"],
            "FirstName": first,
            "LastName": last,
            "Name": f"{first} {last}",
            "Email": rng.choice((email, email, email, email.title())),
            "Phone": _written(rng, phone) if phone else None,
            "MobilePhone": _written(rng, mobile) if mobile else None,
            "HomePhone": None,
            "OtherPhone": _written(rng, mobile) if mobile and chance(rng, 0.03) else None,
            "IsDeleted": False,
            "MasterRecordId": None,
        }
        record = self.record("Contact", index, values)
        known = Contact(
            record,
            [(record.created, account)],
            tuple(entry for entry in (mobile, phone) if entry),
            email,
            # Some centres load their contacts under the CRM's own id.
            record.id if index % 50 == 7 else fixed_uuid(self.seed, "external contact", index),  # noqa: PLR2004 - one in fifty
        )
        self.people.contacts.append(known)
        self._contact_changes(known)

    def _contact_changes(self, contact: Contact) -> None:
        rng = self.rng
        if chance(rng, 0.03):
            contact.record.change(self.sometime(), {"HomePhone": _written(rng, contact.numbers[0])})
        if chance(rng, 0.02):
            contact.record.change(self.sometime(), {"OwnerId": rng.choice(self.people.users)})
        if chance(rng, 0.03):
            contact.record.change(self.sometime(), {"Email": contact.email.upper()})
        if chance(rng, 0.04):
            contact.record.change(self.sometime(), {})

    def merges(self) -> None:
        """Duplicates that were merged away; every third of them through a second duplicate (A into B into C)."""
        for count, contact in enumerate(self.rng.sample(self.people.contacts, max(3, len(self.people.contacts) // 120))):
            merged = self.sometime()
            duplicate = self._duplicate(contact, count)
            if count % 3 == 0:
                other = self._duplicate(contact, f"{count}b")
                self._merge(duplicate, other.id, merged)
                self._merge(other, contact.id, merged + 3_600)
                contact.aliases += [(duplicate.id, merged), (other.id, merged + 3_600)]
            else:
                self._merge(duplicate, contact.id, merged)
                contact.aliases.append((duplicate.id, merged))
        survivor, merged = self.people.accounts[0], self.sometime()
        twin = self.record("Account", "twin", {**survivor.values, "Name": f"{survivor.values['Name']} (old)"})
        self._merge(twin, survivor.id, merged)
        survivor.change(merged, {}, event="accountMerged")

    def _duplicate(self, contact: Contact, key: object) -> Record:
        return self.record("Contact", f"duplicate {key}", {**contact.record.values, "HomePhone": None})

    @staticmethod
    def _merge(loser: Record, winner: str, at: int) -> None:
        loser.change(at, {"IsDeleted": True, "MasterRecordId": winner})

    def deletions(self) -> None:
        """Contacts who are gone, and every fourth of them back again; nobody of them calls."""
        for index in range(max(4, self.wanted // 150)):
            name = f"{self.rng.choice(_FIRST)} {self.rng.choice(_LAST)}"
            sample = self.rng.choice(self.people.contacts).record.values
            gone = self.record(
                "Contact",
                f"gone {index}",
                {**sample, "Name": name, "Email": f"gone{index}@example.com", "Phone": None, "MobilePhone": None, "OtherPhone": None},
            )
            at = self.sometime()
            gone.change(at, {"IsDeleted": True})
            if index % 4 == 0:
                gone.change(at + 7_200, {"IsDeleted": False})


def settle(crm: Crm, seed: int, per_day: int, start: int) -> People:
    """Everybody who is in the CRM when the window begins (`start` in epoch milliseconds), and what will change about them."""
    town = _Town(crm, seed, per_day, start)
    town.users(max(8, per_day // 60))
    while len(town.people.contacts) < town.wanted:
        account = town.account(len(town.people.accounts))
        town.household(account, town.rng.choices((1, 2, 3, 4, 6), (30, 25, 20, 15, 10))[0])
    town.merges()
    town.deletions()
    return town.people

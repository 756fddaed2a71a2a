"""What happens inside every window, however small: records deleted and undeleted, moved to another parent, merged in chains.

Random lives (`people.py`, `cases.py`) may bring the same; here it is certain. The cases here are nobody's true case, so truth stays simple.
A merge cycle cannot happen in Salesforce, and none does. Times are epoch seconds of the CRM's clock.
"""

from genesys_crm_assets.sandbox import clock
from genesys_crm_assets.sandbox.cases import DAY, ENDLESS, HOUR, Case, Desk
from genesys_crm_assets.sandbox.identifiers import dice, salesforce_id
from genesys_crm_assets.sandbox.people import Contact, People
from genesys_crm_assets.sandbox.records import PREFIXES, Crm, Record, Row

# Of a longer window the first week holds it all.
LONGEST = 7


class Upheaval:
    """The first days of a window that begins at `start`, seen from its CRM's recycle bin."""

    def __init__(self, crm: Crm, people: People, desk: Desk, seed: int) -> None:
        self._crm, self._people, self._desk, self._seed = crm, people, desk, seed
        self._rng = dice(seed, "upheavals")
        self._start, self._span = 0, 0

    def befall(self, start: int, days: int) -> None:
        """Everything, within the window's days."""
        self._start, self._span = start, min(days, LONGEST) * DAY
        self._gone_and_back()
        self._moved()
        self._merged_contacts()
        self._merged_accounts()
        self._merged_cases()

    def _moment(self, share: float) -> int:
        """A moment after that share of the time; shares at least 0.1 apart keep their order."""
        return self._start + int(self._span * (share + self._rng.uniform(0, 0.08)))

    def _copy(self, of: Record, key: str, **changed: object) -> Record:
        """A second record much like one, from before the window."""
        rng = self._rng
        created = max(of.created, self._start - 90 * DAY) + rng.randrange(DAY, 20 * DAY)
        values: Row = {**of.values, **changed}
        return self._crm.add(
            Record(of.kind, salesforce_id(PREFIXES[of.kind], self._seed, "upheaval", key), created, rng.choice(self._people.users), values)
        )

    def _stranger(self, key: str, account: Record) -> Record:
        """A contact who never calls."""
        nobody: Row = dict.fromkeys(("Phone", "MobilePhone", "HomePhone", "OtherPhone"))
        caller = self._rng.choice(self._people.contacts).record
        return self._copy(caller, key, **nobody, Name=f"Robin {key.title()}", Email=f"{key}@example.com", AccountId=account.id)

    def _case(self, contact: Contact) -> Case:
        """An open case of a caller that no conversation is about."""
        case = self._desk.open(self._rng, contact, self._start - self._rng.randrange(50 * DAY, 80 * DAY), ENDLESS)
        contact.drop(case)
        return case

    def _caller(self) -> Contact:
        return self._rng.choice(self._people.contacts)

    def _gone_and_back(self) -> None:
        account = self._rng.choice(self._people.accounts)
        former = self._copy(account, "returning", Name=f"{account.values['Name']} Holding")
        for record in (self._case(self._caller()).record, self._stranger("returning", account), former):
            record.change(self._moment(0.15), {"IsDeleted": True})
            record.change(self._moment(0.55), {"IsDeleted": False})

    def _moved(self) -> None:
        """Every hundredth caller goes to another account, and a case of one caller to another."""
        rng, accounts = self._rng, self._people.accounts
        for contact in rng.sample(self._people.contacts, max(1, len(self._people.contacts) // 100)):
            at = self._moment(0.35)
            home = rng.choice([account for account in accounts if account is not contact.homes[-1][1]])
            contact.record.change(at, {"AccountId": home.id})
            contact.homes.append((at, home))
        first, second = rng.sample(self._people.contacts, 2)
        at = self._moment(0.45)
        self._case(first).record.change(at, {"ContactId": second.id, "AccountId": second.home_at(at).id})

    def _merged_contacts(self) -> None:
        """One duplicate into a second, later the second into the caller, whose case follows all the way."""
        caller = self._caller()
        first, second = (self._copy(caller.record, f"duplicate {place}", HomePhone=None) for place in "ab")
        earlier, later = self._moment(0.25), self._moment(0.65)
        case = self._case(caller).record
        case.values["ContactId"] = first.id
        case.change(earlier, {"ContactId": second.id})
        case.change(later, {"ContactId": caller.id})
        _merge(first, second, earlier)
        _merge(second, caller.record, later)
        caller.aliases += [(first.id, earlier), (second.id, later)]

    def _merged_accounts(self) -> None:
        survivor = self._rng.choice(self._people.accounts)
        first, second = (self._copy(survivor, f"twin {place}", Name=f"{survivor.values['Name']} {place.upper()}") for place in "ab")
        child = self._stranger("inherited", first)
        for loser, winner, at in ((first, second, self._moment(0.25)), (second, survivor, self._moment(0.75))):
            _merge(loser, winner, at)
            winner.change(at, {}, event="accountMerged")
            child.change(at, {"AccountId": winner.id})

    def _merged_cases(self) -> None:
        """Two pairs of cases: one loser stays, closed; the other goes to the bin. Both name the case they live on in."""
        for kept, share in ((True, 0.5), (False, 0.6)):
            caller, at = self._caller(), self._moment(share)
            loser, winner = self._case(caller).record, self._case(caller).record
            ended = {"Status": "Closed", "IsClosed": True, "ClosedDate": clock.crm(at)} if kept else {"IsDeleted": True}
            loser.forget_after(at - HOUR)
            loser.change(at, {**ended, "MasterRecordId": winner.id})


def _merge(loser: Record, winner: Record, at: int) -> None:
    loser.change(at, {"IsDeleted": True, "MasterRecordId": winner.id})

"""Nasty conversations about a drawn CRM: every odd shape of §6.1, tellings that overrule each other, and records that cannot be staged.

Not here: on which raw days and pages they are told (`world_tellings`), and what should be made of them.
"""

import random
from datetime import datetime, timedelta
from typing import Any

from .values import MILLISECOND, Row, iso, midnight
from .world_crm import DAY, MINUTE, NUMBERS, CrmDraw

QUEUES = ["q-a", "q-b", "q-c"]
USERS = ["u-1", "u-2", "u-3"]
SKILLS = ["k-1", "k-2", "k-3"]
TEAMS = ["t-1", "t-2"]
CODES = ["w-1", "w-2"]
EXTERNALS = [f"8c3f0c1e-0000-4000-8000-{number:012d}" for number in range(1, 13)]
ADDRESSES = [
    *NUMBERS,
    *(f"tel:{number}" for number in NUMBERS),
    "TEL:+12025550101",
    "(202) 555-0102",
    "555-0101",
    "sip:+12025550101@example.com",
    "sip:ada@example.com",
    "Ada@Example.com",
    "bob@example.com",
    "two words@example.com",
    "eve@",
    "anonymous",
]
OFFSETS = [
    *(sign * minutes * MINUTE for minutes in (0, 5, 15, 60) for sign in (1, -1)),
    *(sign * (15 * MINUTE + MILLISECOND) for sign in (1, -1)),
    *(48 * 60 * MINUTE + each for each in (-MILLISECOND, timedelta(0), MILLISECOND)),
    24 * 60 * MINUTE,
]


class ConversationDraw:
    """Draws one conversation after another about the same CRM."""

    def __init__(self, rng: random.Random, crm: CrmDraw) -> None:
        self.rng = rng
        self.crm = crm
        self.count = 0
        self.cases = crm.tellings["Case"]
        self.moments = [each["created_at"] for each in self.cases] + [each["created_at"] for each in crm.history]
        known = {each["contact_id"] for each in crm.tellings["Contact"]}
        self.customers = [each["contact_id"] for each in self.cases if each["contact_id"] in known]
        self.customers += sorted(known)
        self.addresses = [*ADDRESSES]
        for contact in crm.tellings["Contact"]:
            self.addresses += [each["told"] for each in (*contact["phones"], *contact["emails"])]
        self.moments += [each["closed_at"] for each in self.cases if each["closed_at"] is not None]

    def maybe(self, chance: float) -> bool:
        """True that often."""
        return self.rng.random() < chance

    def start(self) -> datetime:
        """A start that stands in a telling relation to something in the CRM, within the days or one before them."""
        days = self.crm.days
        begin, end = midnight(days[0]), midnight(days[-1]) + DAY - MILLISECOND
        wanted: list[datetime] = [self.rng.choice(self.moments) + self.rng.choice(OFFSETS) for _ in range(5)]
        within = [moment for moment in wanted if begin <= moment <= end]
        return within[0] if within and self.maybe(0.95) else begin - 6 * 60 * MINUTE

    def told(self, kind: str, record: str | None) -> str | None:
        """An id as an integration tells it: right, short, of something else, unknown, or spoilt."""
        key = {"Case": "case_id", "Contact": "contact_id", "Account": "account_id"}[kind]
        anyone = self.rng.choice(self.crm.tellings[kind])[key]
        full = record if record and self.maybe(0.6) else anyone
        forms = [full] * 5 + [full[:15]] * 3 + [full[:15] + "AA!", full + " ", full.swapcase(), "", "null", self.crm.new_id(full[:3])]
        return self.rng.choice(forms) if self.maybe(0.9) else None

    def attributes(self) -> Row:
        """What an integration wrote on a participant."""
        case = self.rng.choice(self.cases)
        found: Row = {"Intent": "billing"}
        if self.maybe(0.25):
            found["sfCaseId"] = self.told("Case", case["case_id"])
        if self.maybe(0.3):
            found["sfContactId"] = self.told("Contact", self.rng.choice([case["contact_id"], *self.customers]))
        if self.maybe(0.15):
            found["sfAccountId"] = self.told("Account", case["account_id"])
        if self.maybe(0.3):
            found[self.rng.choice(["escalated", "botHandled", "Escalated"])] = self.rng.choice(["true", "TRUE", "false", "yes", ""])
        return found

    def clock(self, base: datetime) -> str:
        """A moment near the base, sometimes in another zone or to the second."""
        moment = base + self.rng.choice([0, 1, 2, 3, 5, 20, 90]) * MINUTE + self.rng.choice([0, 0, 250, 999]) * MILLISECOND
        if self.maybe(0.1):
            return iso(moment + 330 * MINUTE).replace("Z", "+05:30")
        return iso(moment.replace(microsecond=0)).replace(".000Z", "Z") if self.maybe(0.1) else iso(moment)

    def metrics(self, base: datetime, names: list[str]) -> list[Row]:
        """Metric entries, some without emit time, some of kinds nobody counts."""
        chosen = self.rng.choices([*names, "oExternalMediaCount", "nBrandNew"], k=self.rng.randrange(6))
        entries = [
            {"name": name, "value": self.rng.choice([0, 1, 1000, 61_000, 5_097_600_919]), "emitDate": self.clock(base)} for name in chosen
        ]
        return [{key: value for key, value in each.items() if key != "emitDate" or self.maybe(0.9)} for each in entries]

    def segment(self, base: datetime, kinds: list[str]) -> Row:
        """A segment, with or without times, queue and code."""
        found: Row = {"segmentType": self.rng.choice([*kinds, "futureKind"]), "conference": False}
        if self.maybe(0.9):
            found["segmentStart"] = self.clock(base)
        if self.maybe(0.8):
            found["segmentEnd"] = self.clock(base)
        if self.maybe(0.6):
            found["queueId"] = self.rng.choice([*QUEUES, None])
        if found["segmentType"] == "wrapup" and self.maybe(0.8):
            found["wrapUpCode"] = self.rng.choice([*CODES, "ININ-WRAP-UP-TIMEOUT", ""])
        if self.maybe(0.4):
            found["requestedRoutingSkillIds"] = self.rng.choices(SKILLS, k=self.rng.randrange(3))
        return found

    def session(self, base: datetime, purpose: str) -> Row:
        """A session of a participant of that purpose."""
        of_agents = [
            "tHandle",
            "tTalk",
            "tTalk",
            "tHeld",
            "tAcw",
            "tTalkComplete",
            "tHeldComplete",
            "nOverSla",
            "nTransferred",
            "nBlindTransferred",
            "tAnswered",
        ]
        names = (
            of_agents if purpose in ("agent", "user") else ["nOffered", "nOverSla", "tAcd", "tAbandon", "nConnected", "nConsultTransferred"]
        )
        kinds = ["interact", "hold", "wrapup", "alert"] if purpose in ("agent", "user") else ["interact", "ivr", "wrapup", "system"]
        found: Row = {"metrics": self.metrics(base, names)}
        if self.maybe(0.97):
            found["sessionId"] = self.rng.choice(["s-again", *(f"s-{self.rng.randrange(10**6)}" for _ in range(20))])
        found["segments"] = [self.segment(base, kinds) for _ in range(self.rng.randrange(4))]
        if self.maybe(0.8):
            found["mediaType"] = self.rng.choice(["voice", "email", "message", "callback", "hologram"])
        if self.maybe(0.8):
            found["direction"] = self.rng.choice(["inbound", "outbound"])
        if purpose in ("customer", "external"):
            for name in self.rng.sample(["ani", "dnis", "addressFrom", "addressTo"], k=self.rng.randrange(5)):
                found[name] = self.rng.choice(self.addresses)
        return found

    def participant(self, base: datetime) -> Row:
        """A participant: customer, agent or machine."""
        purpose = self.rng.choice(["customer", "customer", "external", "agent", "agent", "user", "acd", "ivr", "oracle"])
        found: Row = {"participantId": f"p-{self.rng.randrange(10**6)}", "purpose": purpose, "participantName": "Zoë"}
        found["sessions"] = [self.session(base, purpose) for _ in range(self.rng.randrange(3))]
        if purpose in ("agent", "user") and self.maybe(0.9):
            found["userId"] = self.rng.choice(USERS)
            found["teamId"] = self.rng.choice([*TEAMS, None])
        if purpose in ("customer", "external") and self.maybe(0.4):
            contact = self.rng.choice(self.customers)
            forms = [*(self.rng.choice(EXTERNALS) for _ in range(3)), contact, contact[:15], self.crm.new_id("003"), None]
            found["externalContactId"] = self.rng.choice(forms)
        if self.maybe(0.7):
            found["attributes"] = self.attributes()
        return found

    def scores(self, base: datetime) -> Row:
        """Evaluations and surveys, late, missing, withdrawn."""
        evaluations = [
            {
                "oTotalScore": self.rng.choice([None, 0, 50, 88]),
                "released": self.rng.choice([True, True, False, None]),
                "deleted": self.rng.choice([None, False, False, True]),
                "calibrationId": self.rng.choice([None, None, "c-1"]),
                "eventTime": self.rng.choice([None, self.clock(base), self.clock(base)]),
            }
            for _ in range(self.rng.randrange(4))
        ]
        whens = [None, self.clock(base), self.clock(base)]
        surveys = [
            {"oSurveyTotalScore": self.rng.choice([None, 0, 90]), "surveyCompletedDate": self.rng.choice(whens)}
            for _ in range(self.rng.randrange(3))
        ]
        return {"evaluations": evaluations, "surveys": surveys}

    def conversation(self) -> Row:
        """A conversation that can be staged."""
        self.count += 1
        start = self.start()
        length = self.rng.choice([None, timedelta(0), 3 * MINUTE, 40 * MINUTE, 26 * 60 * MINUTE])
        found: Row = {
            "conversationId": f"c-{self.count:04d}",
            "conversationStart": iso(start),
            "conversationEnd": None if length is None else iso(start + length),
            "participants": [self.participant(start) for _ in range(self.rng.randrange(6))],
            "somethingNew": {"nested": [1]},
        }
        if self.maybe(0.8):
            found["originatingDirection"] = self.rng.choice(["inbound", "outbound"])
        if self.maybe(0.5):
            found["divisionIds"] = self.rng.sample(["d-2", "d-1", "d-3"], k=2)
        return {**found, **(self.scores(start) if self.maybe(0.6) else {})}

    def broken(self, record: Row) -> Any:
        """The record, spoilt in one or two ways that forbid staging, or so little that they do not."""
        spoilt: Row = {**record, "participants": [dict(each) for each in record["participants"]]}
        for _ in range(self.rng.choice([1, 1, 2])):
            spoil = self.rng.choice(SPOILS)
            if spoil in ("list", "text"):
                return [record] if spoil == "list" else "conversation"
            if isinstance(spoil, tuple):
                spoilt[spoil[0]] = spoil[1]
            elif spoilt["participants"] and isinstance(spoilt["participants"], list):
                spoilt["participants"][0] = {**spoilt["participants"][0], **(spoil if isinstance(spoil, dict) else {})}
        return spoilt


SPOILS: list[Any] = [
    "list",
    "text",
    ("conversationId", None),
    ("conversationId", 7),
    ("conversationStart", None),
    ("conversationStart", "2026-01-06T10:00:00"),
    ("conversationStart", 1_767_600_000_000),
    ("conversationStart", "2030-01-01T00:00:00Z"),
    ("conversationEnd", "2020-01-01T00:00:00Z"),
    ("conversationEnd", "soon"),
    ("participants", None),
    ("participants", {}),
    ("participants", []),
    ("divisionIds", "d-1"),
    ("divisionIds", [1]),
    ("evaluations", {}),
    ("surveys", [{"oSurveyTotalScore": "90"}]),
    ("conversationStart", "2030-01-01T00:00:00Z"),
    ("conversationEnd", "2020-01-01T00:00:00Z"),
    {"attributes": {"Intent": 5}},
    {"attributes": {"Intent": None}},
    {"attributes": ["Intent"]},
    {"sessions": [{"metrics": [{"name": "tHandle", "value": "5"}]}]},
    {"sessions": [{"metrics": [{"name": "tHandle", "value": True}]}]},
    {"sessions": [{"metrics": [{"name": "tHandle", "value": 1.5}]}]},
    {"sessions": [{"segments": [{"segmentStart": "yesterday"}]}]},
    {"sessions": [{"segments": [{"queueId": 9}]}]},
    {"purpose": 1},
    {"userId": ["u-1"]},
]

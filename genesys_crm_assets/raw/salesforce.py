"""The Salesforce objects as they were told: a table of objects with one body, since the rows say all that differs.

Each is read by SystemModstamp (history by CreatedDate), deleted records too, explicit columns only; the first partition is the baseline,
every record as first read, and is landed first by whichever run finds it missing. Not here: what a field means.
"""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import dagster as dg

from genesys_crm_assets import graph, mapping, partitions, walk
from genesys_crm_assets.lake import layout, parquet
from genesys_crm_assets.lake.body import Body
from genesys_crm_assets.lake.build import Builder
from genesys_crm_assets.lake.table import Table
from genesys_crm_assets.raw import licences, records, schema, windows
from genesys_crm_assets.resources import Lake, Salesforce
from genesys_crm_assets.sources.errors import PermissionMissing, RequestRejected
from genesys_crm_assets.sources.salesforce import soql
from genesys_crm_assets.sources.salesforce.org import SalesforceOrg

_ABOUT = """One row per telling of a {thing}: a record and the moment it last changed, verbatim, deleted ones too.

Read daily from Salesforce by {moment}, up to what Salesforce says is complete. A record that changes again has left the vendor's answer
for the old day, so a day only gains; the first partition is the baseline, every {thing} as it stood when first read.
States between two readings are absent. Do not read the present from here; the dimensions know which telling is the last."""

_PREFIX = "raw_salesforce_"
_COVERING = {"Case": "cases", "Account": "accounts", "Contact": "contacts", "Opportunity": "opportunities", "User": "users"}
_BASELINE = "baseline"
"""The paper of a first day that names the objects it was read of as a baseline."""
_COVERED_SINCE = timedelta(hours=2)
_HISTORIES = (
    ("CaseHistory", "CaseId", "cases"),
    ("AccountHistory", "AccountId", "accounts"),
    ("ContactHistory", "ContactId", "contacts"),
    ("OpportunityFieldHistory", "OpportunityId", "opportunities"),
)
"""Of each history the sObject, its field for the record that changed, and that record's source. `OpportunityHistory` is another thing."""


def _contract(plural: str, thing: str, moment: str) -> Table:
    about = _ABOUT.format(thing=thing, moment=moment)
    return Table(
        name=f"raw_salesforce_{plural}", layer="raw", description=about, key=("object", "id", "changed_at"), columns=records.COLUMNS
    )


CASES = _contract("cases", "Case", "SystemModstamp")
ACCOUNTS = _contract("accounts", "Account", "SystemModstamp")
CONTACTS = _contract("contacts", "Contact", "SystemModstamp")
OPPORTUNITIES = _contract("opportunities", "Opportunity", "SystemModstamp")
USERS = _contract("users", "User", "SystemModstamp")
FIELD_HISTORY = _contract("field_history", "field history row of Case, Account, Contact or Opportunity", "CreatedDate")
DESCRIBED = (CASES, ACCOUNTS, CONTACTS, OPPORTUNITIES, USERS)
"""The tables of one sObject each, whose fields are held against the mapping before they are asked for."""
BODY = Body(reads=(), proofs=(records.EVERY_RECORD_TOLD_IS_KEPT,))


@dataclass(frozen=True, slots=True)
class Source:
    """One sObject of a raw table: its name, the fields asked for, and the field that says when a record changed."""

    sobject: str
    fields: tuple[str, ...]
    moment: str = "SystemModstamp"


def sources(table: Table, words: mapping.Mapping, absent: Collection[str] = ()) -> list[Source]:
    """The sObjects a raw table is read from, with the fields the mapping asks for (S0-37, S0-38).

    The history of an object whose source is absent is not among them: who may not read the one may not read the other.
    """
    if table is FIELD_HISTORY:
        standing = ("Field", "OldValue", "NewValue", "CreatedDate", "IsDeleted")
        return [Source(sobject, ("Id", parent, *standing), "CreatedDate") for sobject, parent, source in _HISTORIES if source not in absent]
    (sobject,) = [sobject for sobject, source in _COVERING.items() if table.name == _PREFIX + source]
    return [Source(sobject, words.fields(sobject))]


@dataclass(frozen=True, slots=True)
class Reading:
    """One run's reading of the org: whom it asks, what time it is, and up to when the org says that what it tells is complete."""

    lake: Lake
    client: SalesforceOrg
    now: datetime
    covered: datetime
    discoveries: dict[str, schema.Discovery] = field(default_factory=dict)

    @classmethod
    def begun(cls, lake: Lake, client: SalesforceOrg) -> "Reading":
        """Ask for the least `latestDateCovered` of the objects; where none is told, 15 minutes ago."""
        now = lake.environment.now()
        found = [now - windows.CUTOFF]
        for sobject, source in _COVERING.items():
            if source in lake.absent:
                continue
            with suppress(RequestRejected, PermissionMissing):
                found.append(client.latest_date_covered(sobject, start=now - _COVERED_SINCE, end=now))
        return cls(lake, client, now, min(found))

    def land(self, builder: Builder, table: Table, day: date) -> walk.Made:
        """Read one day of a table, or its baseline where the first day does not hold it yet.

        A source that `SOURCES_ABSENT` names is not asked: its days land empty and closed (§5.2).
        """
        first = day == self.lake.first_day and lacks_baseline(self.lake, table)
        window = windows.of_day(day, self.now, covered=self.covered)
        source = table.name.removeprefix(_PREFIX)
        said = licences.papers(source, self.lake.absent)
        is_asked = not said and (first or not window.is_empty)
        until = self.covered if first else window.end
        with licences.needed(source):
            asked, discovery = self._asked(table) if is_asked else ([], None)
            questions = [self._question(one, None if first else window) for one in asked]
            read = {_BASELINE: ",".join(one.sobject for one in asked)} if first else _baseline_of(self.lake, table, day)
            papers = {**said, **read, **(discovery.paper if discovery else {})}
            made = records.gain(self.lake, builder, table, day, questions, read_until=until, is_baseline=first, papers=papers)
        return replace(made, figures={**made.figures, **(discovery.figures if discovery else {})})

    def _asked(self, table: Table) -> tuple[list[Source], schema.Discovery | None]:
        """What a table is read from, without the fields that the org lacks; each object is discovered once per run."""
        words = self.lake.environment.words()
        wanted = sources(table, words, self.lake.absent)
        if table is FIELD_HISTORY:
            return wanted, None
        (source,) = wanted
        if source.sobject not in self.discoveries:
            before = schema.last_said(self.lake.storage, table)
            self.discoveries[source.sobject] = schema.discover(self.client, words, source.sobject, before)
        discovery = self.discoveries[source.sobject]
        return [replace(source, fields=tuple(name for name in source.fields if name not in discovery.missing))], discovery

    def _question(self, source: Source, window: windows.Window | None) -> records.Question:
        where = soql.window(source.moment, window.start, window.end) if window is not None else ()
        text = soql.select(source.sobject, source.fields, where=where, order_by=(source.moment, "Id"))
        return records.Question(source.sobject, source.moment, lambda: self.client.query(text, include_deleted=True))


def lacks_baseline(lake: Lake, table: Table) -> bool:
    """Whether the first day was never read as a baseline, or without an object that was declared absent then and is not any more."""
    if not lake.storage.exists(layout.object_key(table, lake.first_day)):
        return True
    read = _baseline_of(lake, table, lake.first_day).get(_BASELINE, "").split(",")
    is_absent = table.name.removeprefix(_PREFIX) in lake.absent
    return not is_absent and any(one.sobject not in read for one in sources(table, lake.environment.words(), lake.absent))


def _baseline_of(lake: Lake, table: Table, day: date) -> dict[str, str]:
    key = layout.object_key(table, day)
    said = parquet.papers(lake.storage.url(key)).get(_BASELINE) if lake.storage.exists(key) else ""
    return {_BASELINE: said} if said else {}


def landed(context: dg.AssetExecutionContext, lake: Lake, salesforce: Salesforce, table: Table) -> dg.MaterializeResult:
    """Land a table's days, the baseline first where it is missing (§4)."""
    todo = set(partitions.days_of(context))
    if todo and lacks_baseline(lake, table):
        todo.add(lake.first_day)
    with salesforce.client() as client:
        reading = Reading.begun(lake, client)

        def step(builder: Builder, day: date) -> list[walk.Made]:
            return [reading.land(builder, table, day)]

        (result,) = walk.days(context, lake, [table], todo, step)
    return result


@graph.asset(CASES, BODY, kinds={"salesforce", "parquet"})
def raw_salesforce_cases(context: dg.AssetExecutionContext, lake: Lake, salesforce: Salesforce) -> dg.MaterializeResult:
    """See `CASES`."""
    return landed(context, lake, salesforce, CASES)


@graph.asset(ACCOUNTS, BODY, kinds={"salesforce", "parquet"})
def raw_salesforce_accounts(context: dg.AssetExecutionContext, lake: Lake, salesforce: Salesforce) -> dg.MaterializeResult:
    """See `ACCOUNTS`."""
    return landed(context, lake, salesforce, ACCOUNTS)


@graph.asset(CONTACTS, BODY, kinds={"salesforce", "parquet"})
def raw_salesforce_contacts(context: dg.AssetExecutionContext, lake: Lake, salesforce: Salesforce) -> dg.MaterializeResult:
    """See `CONTACTS`."""
    return landed(context, lake, salesforce, CONTACTS)


@graph.asset(OPPORTUNITIES, BODY, kinds={"salesforce", "parquet"})
def raw_salesforce_opportunities(context: dg.AssetExecutionContext, lake: Lake, salesforce: Salesforce) -> dg.MaterializeResult:
    """See `OPPORTUNITIES`."""
    return landed(context, lake, salesforce, OPPORTUNITIES)


@graph.asset(USERS, BODY, kinds={"salesforce", "parquet"})
def raw_salesforce_users(context: dg.AssetExecutionContext, lake: Lake, salesforce: Salesforce) -> dg.MaterializeResult:
    """See `USERS`."""
    return landed(context, lake, salesforce, USERS)


@graph.asset(
    FIELD_HISTORY,
    BODY,
    kinds={"salesforce", "parquet"},
    deps=[raw_salesforce_cases, raw_salesforce_accounts, raw_salesforce_contacts, raw_salesforce_opportunities],
)
def raw_salesforce_field_history(context: dg.AssetExecutionContext, lake: Lake, salesforce: Salesforce) -> dg.MaterializeResult:
    """See `FIELD_HISTORY`. Read after the records, so that a telling's history has been read when it is judged (§4)."""
    return landed(context, lake, salesforce, FIELD_HISTORY)

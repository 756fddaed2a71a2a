"""A lake of two raw days built by hand, with the vendors' own totals beside it, and the warehouse over it.

Day D is `builders.DAY`; the calendar begins two days earlier with the CRM's baseline. Not here: what a test expects.
"""

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from genesys_crm_assets import catalogue
from genesys_crm_assets.audit import reconciliation
from genesys_crm_assets.definitions import ROOMS
from genesys_crm_assets.lake.warehouse import Catalogue, Warehouse
from genesys_crm_assets.raw import genesys_interactions, genesys_queue_totals, salesforce, salesforce_totals
from genesys_crm_assets.staging import salesforce_cases
from genesys_crm_assets_tests import builders, lakes

D = date.fromisoformat(builders.DAY)
NEXT = D + timedelta(days=1)
FIRST = D - timedelta(days=2)
READ_AT = datetime(2026, 11, 5, 2)  # noqa: DTZ001 - as DuckDB's timestamps are
CRM = (salesforce.CASES, salesforce.ACCOUNTS, salesforce.CONTACTS, salesforce.OPPORTUNITIES, salesforce.USERS, salesforce.FIELD_HISTORY)


def totals(**said: tuple[int, float | None]) -> dict[str, Any]:
    """One group of an aggregates answer: of each metric its count and, for times, its sum in milliseconds."""
    metrics = [{"metric": name, "stats": {"count": n} | ({} if total is None else {"sum": total})} for name, (n, total) in said.items()]
    return {"group": {"queueId": builders.QUEUE, "mediaType": "voice"}, "data": [{"interval": "", "metrics": metrics}]}


PLAIN = totals(nOffered=(1, None), tHandle=(1, 330_000.0), tAcw=(1, 30_000.0))
"""What Genesys says of `builders.conversation()` as it is."""


@dataclass
class Days:
    """Two raw days, told as a test says; `built` makes every table and view of them.

    Attributes:
        root: an empty folder.
        told: the records that each raw day tells.
        totals: the groups of the aggregates answer of D.
        counted: created and closed Cases of D as Salesforce counts them.
        cases: Case records of the baseline, as fields.
        until: `dataAvailabilityDate` told with the pages.
        crm_until: up to when the baseline was read.
        totals_read: when Genesys and Salesforce told their totals of D.
        settings: variables before the defaults.
    """

    root: Path
    told: dict[date, list[bytes]] = field(default_factory=lambda: {D: [builders.record()]})
    totals: list[dict[str, Any]] = field(default_factory=lambda: [PLAIN])
    counted: tuple[int, int] = (0, 0)
    cases: list[dict[str, Any]] = field(default_factory=list)
    until: datetime = READ_AT
    crm_until: datetime = READ_AT
    totals_read: datetime = READ_AT
    settings: dict[str, str] = field(default_factory=dict)

    @cached_property
    def lake(self) -> lakes.SmallLake:
        """Both days landed, built and reconciled."""
        lake = lakes.SmallLake(self.root, FIRST, self.settings)
        for day, records in self.told.items():
            lake.land(
                genesys_interactions.TABLE, day, [lakes.page(1, "conversation_jobs", records, READ_AT + timedelta(days=(day - D).days), until=self.until)]
            )  # fmt: skip
        for table in CRM:
            records = self.cases if table is salesforce.CASES else []
            rows = [lakes.record("Case", fields, READ_AT) for fields in records]
            lake.land(table, FIRST, rows, lakes.readings((True, READ_AT, self.crm_until)))
        lake.build(salesforce_cases.TABLE, salesforce_cases.BODY, FIRST)
        lake.land(genesys_queue_totals.TABLE, D, [self._answer()])
        lake.land(salesforce_totals.TABLE, D, [self._count(*one) for one in zip(("created", "closed"), self.counted, strict=True)])
        lake.settle()
        lake.build(reconciliation.TABLE, reconciliation.BODY, D)
        return lake

    def warehouse(self) -> Warehouse:
        """The door to all of it but the marts, whose views take longer to write than all others together."""
        below = tuple(entry for entry in catalogue.of(ROOMS).entries if entry[0].layer != "marts")
        warehouse = Warehouse(self.root / "warehouse.duckdb", self.lake.storage, Catalogue(below), self.lake.settings)
        warehouse.refresh()
        return warehouse

    def status(self, day: date = D) -> dict[str, Any]:
        """The row of `data_status` of a day."""
        with self.warehouse().open() as reader:
            found = reader.sql("select * from audit.data_status where day_utc = $day", params={"day": day}).to_arrow_table().to_pylist()
        assert len(found) == 1
        return dict(found[0])

    def reconciled(self) -> dict[tuple[str, str], dict[str, Any]]:
        """The rows of `reconciliation` of D by metric and statistic."""
        found = self.lake.rows(reconciliation.TABLE)
        assert {row["day_utc"] for row in found} <= {D}
        return {(row["metric"], row["statistic"]): row for row in found}

    def _answer(self) -> dict[str, Any]:
        body = json.dumps({"results": self.totals}).encode()
        return {**lakes.page(1, "aggregates_query", [], self.totals_read), "body": body, "record_count": len(self.totals)}

    def _count(self, statistic: str, total: int) -> dict[str, Any]:
        page = {**lakes.page(1, "salesforce_count", [], self.totals_read), "cursor": None}
        return {**page, "object": "Case", "statistic": statistic, "total": total, "observed_at": self.totals_read}

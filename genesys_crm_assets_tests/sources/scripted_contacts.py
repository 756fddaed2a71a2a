"""A Genesys that knows external contacts, behind httpx's transport: many at once in another order, single ones, troubles that pass."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from genesys_crm_assets_tests import contact_pages as made
from genesys_crm_assets_tests.sources.scripted_genesys import ScriptedGenesys, complaint

BULK = "/api/v2/externalcontacts/bulk/contacts"
SINGLE = "/api/v2/externalcontacts/contacts/"


@dataclass
class ScriptedContacts(ScriptedGenesys):
    """A centre with an address book.

    Attributes:
        book: the records it knows, by id.
        troubles: results that an id gets before it gets its own, each once.
        expanded: what a single record tells besides, by id.
        most: ids of one request that are not refused.
        silent: ids that are left out of every answer.
        dies_after: requests for contacts after which the process is killed; None for never.
        batches: the ids of every request for many.
        singles: the ids of every request for one.
    """

    book: dict[str, made.Record] = field(default_factory=dict)
    troubles: dict[str, list[made.Record]] = field(default_factory=dict)
    expanded: dict[str, dict[str, Any]] = field(default_factory=dict)
    most: int = 50
    silent: set[str] = field(default_factory=set)
    dies_after: int | None = None
    batches: list[list[str]] = field(default_factory=list)
    singles: list[str] = field(default_factory=list)

    def knows(self, *records: made.Record) -> "ScriptedContacts":
        """These records too."""
        self.book |= {record["id"]: record for record in records}
        return self

    def _authorised(self, request: httpx.Request, path: str) -> httpx.Response:
        if self.dies_after is not None and len(self.batches) + len(self.singles) == self.dies_after:
            raise KeyboardInterrupt
        if path == BULK:
            return self._bulk([one["id"] for one in json.loads(request.content)["entities"]])
        if path.startswith(SINGLE):
            return self._single(path.removeprefix(SINGLE))
        return super()._authorised(request, path)

    def _bulk(self, asked: list[str]) -> httpx.Response:
        self.batches.append(asked)
        if len(asked) > self.most:
            return complaint(400, "bad.request", "Too many entities")
        results = [self._result(one) for one in reversed(asked) if one not in self.silent]
        return httpx.Response(200, content=made.answer(results))

    def _result(self, contact_id: str) -> made.Record:
        if self.troubles.get(contact_id):
            return self.troubles[contact_id].pop(0)
        return made.found(self.book[contact_id]) if contact_id in self.book else made.failed(contact_id)

    def _single(self, contact_id: str) -> httpx.Response:
        self.singles.append(contact_id)
        if contact_id not in self.book:
            return complaint(404, "not.found", f"{contact_id} was not found")
        return httpx.Response(200, json=self.book[contact_id] | self.expanded.get(contact_id, {}))

"""External contacts, by their ids: many in one request, of which some may fail inside a success; one by one for what must be expanded.

Also how to read the answers: who was merged into whom, and where a record names a record of another system (Genesys: external contacts).
Not here: which contacts are asked for, or what another system's id means.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote, unquote

import msgspec

from genesys_crm_assets.sources import json_bytes
from genesys_crm_assets.sources.errors import BodyDamaged, Exchange, PermissionMissing, RequestRejected, ServerFault, one_line
from genesys_crm_assets.sources.genesys.jobs import Ask
from genesys_crm_assets.sources.genesys.wire import Request
from genesys_crm_assets.sources.http import Answer, Effort, RetryPolicy, decoded
from genesys_crm_assets.sources.paging import Page, request_text

FEED = "external_contacts"
SINGLE_FEED = "external_contact"
PERMISSION = "externalContacts:contact:view"
_CONTACTS = "/api/v2/externalcontacts/contacts"
_BULK = "/api/v2/externalcontacts/bulk/contacts"
_MOST = 50
"""Ids of one request. The public reference names no maximum; a number that is refused is halved."""

_TOO_MANY = frozenset({400, 413})
_GONE = 404
_RATE_LIMITED, _SERVER_TROUBLE, _FORBIDDEN = 429, 500, 403
_Shape = TypeVar("_Shape")
_ID_IN_A_URL = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?(?![0-9A-Za-z])")


class Contact(msgspec.Struct, rename="camel", frozen=True):
    """The parts of an external contact that say who it is. A part of another type than documented says nothing."""

    external_ids: Any = None
    external_data_sources: Any = None
    external_system_url: Any = None
    canonical_contact: Any = None
    merged_to: Any = None

    def merged_into(self) -> str | None:
        """The contact at the head of its merges, else the next one on the way there; null where nobody is told."""
        return _id_of(self.canonical_contact) or _id_of(self.merged_to)

    def foreign_ids(self, expanded: "Contact | None" = None) -> Iterator[str]:
        """What may be another system's id of this contact, in the order to be tried (§6.2).

        First its external ids, then what stands in the addresses of its Salesforce sources, which only `expanded` records tell, then in
        its own address.
        """
        for one in _objects(self.external_ids):
            yield from filter(None, [_text(one.get("value"))])
        for one in _objects(expanded.external_data_sources if expanded else self.external_data_sources):
            if _text(one.get("platform")).upper() == "SALESFORCE":
                yield from _ID_IN_A_URL.findall(unquote(_text(one.get("url"))))
        yield from _ID_IN_A_URL.findall(unquote(_text(self.external_system_url)))


class _Error(msgspec.Struct):
    code: Any = None
    status: Any = None
    retryable: Any = None
    entity: Any = None


class _Result(msgspec.Struct):
    id: Any = None
    success: Any = None
    status: Any = None
    entity: Contact | None = None
    error: _Error | None = None

    def of(self) -> str | None:
        """Whose result it is."""
        return _text(self.id) or _id_of(self.error.entity if self.error else None) or None

    def code(self) -> tuple[int, str]:
        """Status and code of a failure."""
        told = self.status if isinstance(self.status, int) else (self.error.status if self.error else None)
        return (told if isinstance(told, int) else 0), _text(self.error.code if self.error else None)

    def is_passing(self) -> bool:
        """Whether asking again may help."""
        status, _ = self.code()
        return bool(self.error and self.error.retryable is True) or status == _RATE_LIMITED or status >= _SERVER_TROUBLE


class _Results(msgspec.Struct):
    results: list[_Result] | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What pages told so far.

    Attributes:
        contacts: the last word about each id: its record, or None where Genesys knows it no more. Passing failures are no word.
    """

    contacts: dict[str, Contact | None] = field(default_factory=dict)

    def take(self, body: bytes) -> None:
        """Learn from a page of many; raises `ValueError` where it is none."""
        self._learn(_results(body))

    def merges(self) -> set[str]:
        """Ids that contacts were merged into and nothing is known of."""
        told = {into for contact in self.contacts.values() if contact and (into := contact.merged_into())}
        return told - self.contacts.keys()

    def survivor(self, contact_id: str) -> tuple[str, bool]:
        """The id a contact lives on under, merges followed as far as they are known; itself where they go round in a circle, and whether they do."""
        seen = [contact_id]
        while (contact := self.contacts.get(seen[-1])) is not None:
            into = contact.merged_into()
            if into is None or into == seen[-1]:
                return seen[-1], False
            if into in seen:
                return contact_id, True
            seen.append(into)
        return seen[-1], False

    def speaker(self, contact_id: str) -> str | None:
        """The id of the record that speaks for a contact: its survivor's, else its own; null where neither is there."""
        survivor, _ = self.survivor(contact_id)
        return next((one for one in (survivor, contact_id) if self.contacts.get(one) is not None), None)

    def _learn(self, results: Iterable[_Result]) -> None:
        for result in results:
            contact_id = result.of()
            if contact_id is None or (result.success is not True and result.is_passing()):
                continue
            self.contacts[contact_id] = result.entity if result.success is True else None


@dataclass(frozen=True, slots=True)
class Bulk:
    """The walk over many contacts.

    Attributes:
        ask: sends a request.
        policy: its waits and attempts hold for contacts that fail inside a success too.
        sleep: waits for so many seconds.
        random: draws from [0, 1).
    """

    ask: Ask
    policy: RetryPolicy
    sleep: Callable[[float], None]
    random: Callable[[], float]

    def pages(self, ids: Sequence[str], effort: Effort) -> Iterator[Page]:
        """Each page as it comes; contacts that passed out of reach are asked for again at the end. `effort` is what `ask` spends into.

        Raises:
            ServerFault: some cannot be had for as long as we are patient.
            RequestRejected: some are refused for good, other than by being unknown.
            PermissionMissing: the client may not read them.
        """
        todo, again = deque(dict.fromkeys(ids)), list[str]()
        most, number, rounds = _MOST, 0, 1
        while todo:
            batch = [todo.popleft() for _ in range(min(most, len(todo)))]
            try:
                answer, results = self.ask(Request("POST", _BULK, body=_asking(batch)), partial(_read, batch))
            except RequestRejected as refused:
                if refused.status not in _TOO_MANY or len(batch) == 1:
                    raise
                most = len(batch) // 2
                todo.extendleft(reversed(batch))
                continue
            except PermissionMissing as refused:
                raise _named(refused) from None
            passing = _passing(results, answer)
            again += [one for one in batch if one in passing]
            number += 1
            yield _page(answer, batch, number, effort.take(), is_last=not todo and not again)
            if not todo and again:
                effort.waited_s += self._pause(rounds, len(again), answer)
                rounds += 1
                todo, again = deque(again), []

    def _pause(self, rounds: int, failed: int, answer: Answer) -> float:
        if rounds >= self.policy.attempts:
            raise ServerFault(f"Genesys cannot tell {failed} external contacts, asked {rounds} times", at=answer.exchange())
        ceiling = min(self.policy.wait_max_s, self.policy.wait_initial_s * 2.0 ** min(rounds - 1, 30))
        delay = self.random() * ceiling
        self.sleep(delay)
        return delay


def single(contact_id: str, ask: Ask, expand: Sequence[str], effort: Effort) -> Page:
    """One contact by itself, expanded; a 404 is an answer too, with no record in it.

    Raises `PermissionMissing` where the client may not read it.
    """
    query = {"expand": ",".join(expand)} if expand else {}
    request = Request("GET", f"{_CONTACTS}/{quote(contact_id, safe='')}", query, also_good=frozenset({_GONE}))
    try:
        answer, records = ask(request, _count)
    except PermissionMissing as refused:
        raise _named(refused) from None
    spent = effort.take()
    return Page(
        number=1,
        feed=SINGLE_FEED,
        request=request_text(request.method, request.path, query),
        cursor=contact_id,
        body=answer.body,
        record_count=records,
        received_at=answer.received_at,
        attempts=spent.attempts,
        waited_ms=spent.waited_ms,
        data_available_until=None,
        checkpoint=None,
        is_last=True,
    )


def asked_for(request: str) -> list[str]:
    """The ids that a page of many was asked for, from the request as kept beside it."""
    told = msgspec.json.decode(request)
    return [one["id"] for one in told["body"]["entities"]]


def contact_of(body: bytes) -> Contact:
    """The contact of a single answer; raises `ValueError` where it is no JSON object."""
    try:
        return msgspec.json.decode(body, type=Contact)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _converted(body, Contact)


def _asking(batch: Sequence[str]) -> dict[str, Any]:
    return {"entities": [{"id": one} for one in batch]}


def _read(batch: Sequence[str], answer: Answer) -> list[_Result]:
    try:
        # msgspec steps over what it does not read without looking whether it is UTF-8.
        answer.body.decode("utf-8")
        results = _results(answer.body)
    except ValueError:
        raise BodyDamaged("The body holds no results of contacts", at=answer.exchange()) from None
    if any(result.success is True and result.entity is None for result in results):
        raise BodyDamaged("A contact is told to be there and is not", at=answer.exchange())
    unanswered = len(set(batch) - {result.of() for result in results})
    if unanswered:
        raise BodyDamaged(f"{unanswered} of {len(batch)} contacts were not answered", at=answer.exchange())
    return results


def _passing(results: Sequence[_Result], answer: Answer) -> set[str | None]:
    """The ids to be asked for again; what else failed and is not merely unknown stops the walk."""
    failed = [result for result in results if result.success is not True]
    for status, code in (result.code() for result in failed if not result.is_passing()):
        at = Exchange(answer.method, answer.url, status or None, code or None)
        if status == _FORBIDDEN:
            raise _named(PermissionMissing("The OAuth client may not read some external contacts", permission=None, at=at))
        if status != _GONE:
            raise RequestRejected(f"Genesys refuses some external contacts with {status} {one_line(code, 80)}", at=at)
    return {result.of() for result in failed if result.is_passing()}


def _results(body: bytes) -> list[_Result]:
    try:
        told = msgspec.json.decode(body, type=_Results)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        told = _converted(body, _Results)
    if told.results is None:
        raise ValueError("a body without results")
    return told.results


def _converted(body: bytes, shape: type[_Shape]) -> _Shape:
    """The slow way, for bodies in which a field that nobody reads is too odd for the fast one (F-60, F-62)."""
    try:
        return msgspec.convert(json_bytes.value(body), shape)
    except msgspec.ValidationError as wrong:
        raise ValueError("a body of another shape") from wrong


def _count(answer: Answer) -> int:
    """How many contacts came: one, or none where Genesys itself says that it knows none."""
    decoded(answer, dict)
    return 0 if answer.status == _GONE else 1


def _named(refused: PermissionMissing) -> PermissionMissing:
    """The refusal with the permission's name, which Genesys may leave out."""
    if refused.permission is not None:
        return refused
    remedy = f"Grant {PERMISSION} to a role of the OAuth client in Genesys, or name external_contacts in SOURCES_ABSENT"
    return PermissionMissing(refused.what, permission=PERMISSION, at=refused.at, remedy=remedy)


def _page(answer: Answer, batch: Sequence[str], number: int, effort: Effort, *, is_last: bool) -> Page:
    """What follows is asked for by handing in the ids that are still unknown, so there is no checkpoint."""
    return Page(
        number=number,
        feed=FEED,
        request=request_text("POST", _BULK, {}, _asking(batch)),
        cursor=None if number == 1 else str(number),
        body=answer.body,
        record_count=len(_results(answer.body)),
        received_at=answer.received_at,
        attempts=effort.attempts,
        waited_ms=effort.waited_ms,
        data_available_until=None,
        checkpoint=None,
        is_last=is_last,
    )


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _id_of(reference: Any) -> str | None:
    return (_text(reference.get("id")) or None) if isinstance(reference, dict) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""

"""The doors to external contacts: one, many at once, all in a scan, and the sources their foreign ids come from.

Not here: which external contacts there are (`address_book.py`).
"""

import base64
import binascii
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from genesys_crm_assets.sandbox.address_book import WAYS, AddressBook, Card
from genesys_crm_assets.sandbox.clock import SECOND, ContentClock, iso
from genesys_crm_assets.sandbox.directory import Directory
from genesys_crm_assets.sandbox.doors import Door, Handler, json_body, whole_number, words
from genesys_crm_assets.sandbox.draft import Body
from genesys_crm_assets.sandbox.identifiers import dice, fixed_uuid, salesforce_id
from genesys_crm_assets.sandbox.refusals import Refusal, genesys, json_response

BASE = "/api/v2/externalcontacts"
BULK = 50
SHORTEST_SCAN, LONGEST_SCAN = 10, 200
CURSOR_SECONDS = 86_400.0
SOURCES = ("Salesforce", "Billing System", "Legacy CRM")
RECORD_URL = "https://example.lightning.force.com/lightning/r/{kind}/{id}/view"
SOURCE_URL = "https://example.my.salesforce.com/{id}"
_VIEW = "externalContacts:contact:view"
_VIEWS = ("relate:contact:view", _VIEW)
# One contact in so many cannot be had at the first attempt, and why.
_SHY, _PASSING = 37, {2: (503, "service.unavailable"), 20: (429, "too.many.requests.retry.after")}


class ExternalContacts:
    """What Genesys tells of external contacts by the content clock; cursors and passing troubles run on real time."""

    def __init__(self, book: AddressBook, directory: Directory, content: ContentClock, monotonic: Callable[[], float]) -> None:
        self._book, self._directory, self._content, self._monotonic = book, directory, content, monotonic
        self._asked: set[str] = set()
        self._order = sorted(book.cards)

    def doors(self) -> list[Door]:
        """The four of them."""
        doors: tuple[tuple[str, str, Handler, tuple[str, ...]], ...] = (
            ("POST", "bulk/contacts", self._bulk, (_VIEW,)),
            ("GET", "scan/contacts", self._scan, _VIEWS),
            ("GET", "externalsources", self._sources, ("externalContacts:externalSource:view", _VIEW)),
            ("GET", "contacts/{contact}", self._single, _VIEWS),
        )
        return [Door(method, f"{BASE}/{path}", handler, needed, ("external_contacts",)) for method, path, handler, needed in doors]

    async def _single(self, request: Request) -> Response:
        card = self._book.cards.get(request.path_params["contact"])
        if card is None:
            raise Refusal(genesys(404, _unknown(request.path_params["contact"]), "not.found"))
        return json_response(self._told(card, words(request, "expand")))

    async def _bulk(self, request: Request) -> Response:
        entities = (await json_body(request)).get("entities")
        if not isinstance(entities, list) or not all(isinstance(one, dict) and isinstance(one.get("id"), str) for one in entities):
            raise Refusal(genesys(400, "entities must be a list of objects with an id."))
        if not 0 < len(entities) <= BULK:
            raise Refusal(genesys(400, f"The number of entities must be between 1 and {BULK}."))
        wanted = [one["id"] for one in entities]
        results = [self._result(contact) for contact in wanted]
        dice(*wanted).shuffle(results)
        if wanted[1:] and [result["id"] for result in results] == wanted:
            results.reverse()
        failed = [place for place, result in enumerate(results) if not result["success"]]
        return json_response({"results": results, "errorCount": len(failed), "errorIndexes": failed})

    def _result(self, contact: str) -> Body:
        card = self._book.cards.get(contact)
        if card is None:
            return _failure(contact, 404, "not.found", _unknown(contact))
        if card.place % _SHY in _PASSING and contact not in self._asked:
            self._asked.add(contact)
            return _failure(contact, *_PASSING[card.place % _SHY], "The contact could not be fetched at this time.")
        return {"id": contact, "success": True, "status": 200, "entity": self._told(card, [])}

    async def _sources(self, _request: Request) -> Response:
        known = [self._source(name) | {"active": name != SOURCES[-1]} for name in SOURCES]
        return json_response({"entities": known, "selfUri": f"{BASE}/externalsources"})

    async def _scan(self, request: Request) -> Response:
        limit = whole_number(request, "limit", 100)
        if not SHORTEST_SCAN <= limit <= LONGEST_SCAN:
            raise Refusal(genesys(400, f"limit must be between {SHORTEST_SCAN} and {LONGEST_SCAN}."))
        first, rested = self._position(request.query_params.get("cursor"))
        # After the first page comes one without anybody, and the scan goes on.
        rests = first > 0 and not rested
        last = first if rests else min(first + limit, len(self._order))
        cards = [self._book.cards[contact] for contact in self._order[first:last]]
        body: Body = {"entities": [self._told(card, []) for card in cards], "selfUri": f"{BASE}/scan/contacts?limit={limit}"}
        if last < len(self._order):
            cursor = self._cursor(last, rested=rested or rests)
            body |= {"cursors": {"after": cursor}, "nextUri": f"{BASE}/scan/contacts?limit={limit}&cursor={cursor}"}
        return json_response(body)

    def _cursor(self, place: int, *, rested: bool) -> str:
        return base64.urlsafe_b64encode(f"scan~{place}~{rested:d}~{self._monotonic()}".encode()).decode().rstrip("=")

    def _position(self, cursor: str | None) -> tuple[int, bool]:
        """Where a scan goes on, and whether its empty page is behind it."""
        if not cursor:
            return 0, False
        try:
            kind, place, rested, issued = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split("~")
            found, since = int(place), float(issued)
        except (ValueError, binascii.Error) as error:
            raise Refusal(genesys(400, "Invalid cursor.")) from error
        if kind != "scan" or not 0 < found < len(self._order) or self._monotonic() - since >= CURSOR_SECONDS:
            raise Refusal(genesys(400, "Invalid cursor."))
        return found, rested == "1"

    def _told(self, card: Card, expand: list[str]) -> Body:
        """One external contact as it stands."""
        now, contact, merge = self._content.ms, card.contact, card.merged(self._content.ms)
        values = contact.record.values
        division = self._division(card, expand)
        told: Body = {"id": card.id, "division": division, "firstName": values.get("FirstName"), "lastName": values.get("LastName")}
        told["cellPhone"] = {"display": contact.numbers[0], "e164": contact.numbers[0], "countryCode": "US"}
        told |= {"workEmail": contact.email, "createDate": iso(card.created), "modifyDate": iso(merge.at if merge else card.created)}
        told |= {"type": "Identified" if card.way == "none" else "Curated", "surveyOptOut": False}
        told["externalOrganization"] = self._organization(contact.home_at(now // SECOND).id, expand)
        if "identifiers" in expand:
            known = (("Phone", contact.numbers[0]), ("Email", contact.email))
            told["identifiers"] = [{"type": kind, "value": value, "dateCreated": iso(card.created)} for kind, value in known]
        # What was merged away has handed over what it knew.
        told |= self._merges(card, now) if merge else self._named(card, expand) | self._merges(card, now)
        return told | _at(f"contacts/{card.id}")

    def _division(self, card: Card, expand: list[str]) -> Body:
        divisions = sorted(self._directory.things("divisions", self._content.ms))
        division, state = divisions[card.place % len(divisions)]
        named = {"name": state["name"]} if "division" in expand else {}
        return {"id": division, **named, "selfUri": f"/api/v2/authorization/divisions/{division}"}

    def _organization(self, account: str, expand: list[str]) -> Body:
        organization = fixed_uuid(self._book.seed, "organization", account)
        known = {"externalSystemUrl": RECORD_URL.format(kind="Account", id=account)} if "externalOrganization" in expand else {}
        return {"id": organization, **known, **_at(f"organizations/{organization}")}

    def _named(self, card: Card, expand: list[str]) -> Body:
        """Where the CRM's contact is named, if anywhere."""
        contact, told = card.contact.id, Body()
        if "externalDataSources" in expand:
            source = {"platform": "SALESFORCE", "url": SOURCE_URL.format(id=contact)}
            told["externalDataSources"] = [source] if card.way == "source" else []
        if card.way == "url":
            told["externalSystemUrl"] = RECORD_URL.format(kind="Contact", id=contact)
        values = self._foreign(card)
        if values:
            told["externalIds"] = [{"externalSource": self._source(source), "value": value} for source, value in values]
        return told

    def _foreign(self, card: Card) -> list[tuple[str, str]]:
        """Ids at other places, each with the place."""
        contact = card.contact.id
        if card.way == "second":
            # The other one is a customer's number, or an id of which somebody lost the case of a letter.
            mangled = (SOURCES[2], f"{contact[:15]}{'AAA' if contact[15:] != 'AAA' else 'AAB'}")
            return [(SOURCES[1], f"CUST-{card.place:06d}") if card.place // len(WAYS) % 2 else mangled, (SOURCES[0], contact)]
        told = {
            "value": contact,
            "short": contact[:15],
            "stranger": salesforce_id("003", self._book.seed, "another org", card.place),
        }
        return [(SOURCES[0], told[card.way])] if card.way in told else []

    def _merges(self, card: Card, now: int) -> Body:
        merge, others, canonical = card.merged(now), self._book.merges(card, now), self._book.canonical(card, now)
        told: Body = {"mergedTo": _reference(merge.into)} if merge else {}
        if others:
            told["mergedFrom"] = [_reference(other.id) for other in others]
        if canonical:
            told["canonicalContact"] = _reference(canonical)
            told["mergeSet"] = [_reference(contact) for contact in dict.fromkeys((canonical, card.id, *(other.id for other in others)))]
        return told

    def _source(self, name: str) -> Body:
        source = fixed_uuid(self._book.seed, "source", name)
        return {"id": source, "name": name, **_at(f"externalsources/{source}")}


def _at(path: str) -> Body:
    return {"selfUri": f"{BASE}/{path}"}


def _reference(contact: str) -> Body:
    return {"id": contact, **_at(f"contacts/{contact}")}


def _failure(contact: str, status: int, code: str, message: str) -> Body:
    error: dict[str, Any] = {"code": code, "message": message, "status": status, "retryable": status != 404}  # noqa: PLR2004 - the status
    return {"id": contact, "success": False, "status": status, "error": error}


def _unknown(contact: str) -> str:
    return f"The contact {contact} was not found."

"""The sObjects of the sandbox's org: their fields, types and lookups, and the describe that tells them.

An org's own schema is what a plan leaves of it: fields hidden by field-level security, told under another type, or added; objects without
licence. Not here: their rows (`records.py`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

_AUDIT = "CreatedDate:datetime LastModifiedDate:datetime SystemModstamp:datetime"
_CHANGE = "CreatedById:reference>User CreatedDate:datetime Field:picklist DataType:picklist OldValue:anyType NewValue:anyType"
_OBJECTS = {
    "Case": "Id:id IsDeleted:boolean MasterRecordId:reference>Case CaseNumber:string ContactId:reference>Contact AccountId:reference>Account "
    "OwnerId:reference>User Type:picklist Status:picklist Priority:picklist Origin:picklist Subject:string IsEscalated:boolean "
    f"IsClosed:boolean ClosedDate:datetime {_AUDIT}",
    "Account": "Id:id IsDeleted:boolean MasterRecordId:reference>Account Name:string OwnerId:reference>User Industry:picklist Type:picklist "
    f"Account_Tier__c:picklist AnnualRevenue:currency Customer_LTV_USD__c:currency {_AUDIT}",
    "Contact": "Id:id IsDeleted:boolean MasterRecordId:reference>Contact AccountId:reference>Account OwnerId:reference>User FirstName:string "
    f"LastName:string Name:string Email:email Phone:phone MobilePhone:phone HomePhone:phone OtherPhone:phone {_AUDIT}",
    "User": f"Id:id Name:string Email:email IsActive:boolean {_AUDIT}",
    # Opportunities are never merged: there is no MasterRecordId.
    "Opportunity": "Id:id IsDeleted:boolean AccountId:reference>Account OwnerId:reference>User Name:string StageName:picklist Amount:currency "
    f"CloseDate:date Probability:percent IsClosed:boolean IsWon:boolean {_AUDIT}",
    "Release__c": f"Id:id IsDeleted:boolean Name:string Product__c:picklist Released_At__c:datetime {_AUDIT}",
    "CaseHistory": f"Id:id IsDeleted:boolean CaseId:reference>Case {_CHANGE}",
    "AccountHistory": f"Id:id IsDeleted:boolean AccountId:reference>Account {_CHANGE}",
    "ContactHistory": f"Id:id IsDeleted:boolean ContactId:reference>Contact {_CHANGE}",
    "OpportunityFieldHistory": f"Id:id IsDeleted:boolean OpportunityId:reference>Opportunity {_CHANGE}",
}
_PREFIXES = {"Case": "500", "Account": "001", "Contact": "003", "User": "005", "Opportunity": "006", "Release__c": "a0R"}
_LENGTHS = {"id": 18, "reference": 18, "string": 255, "picklist": 255, "email": 80, "phone": 40}
_PRECISIONS = {"currency": (18, 2), "double": (18, 2), "percent": (3, 0)}
_SOAP = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "datetime": "xsd:dateTime",
    "date": "xsd:date",
    "currency": "xsd:double",
    "double": "xsd:double",
    "percent": "xsd:double",
    "anyType": "xsd:anyType",
}
_TYPES = frozenset(_SOAP) | frozenset(_LENGTHS)
_ALWAYS_FILLED = frozenset(
    {"Id", "IsDeleted", "CreatedDate", "SystemModstamp", "LastModifiedDate", "IsActive", "IsClosed", "IsEscalated", "IsWon"}
) | {"StageName", "CloseDate", "Field"}
# What an org without the licence or permission of that name cannot see.
_LICENCES = {
    "cases": ("Case", "CaseHistory"),
    "accounts": ("Account", "AccountHistory"),
    "contacts": ("Contact", "ContactHistory"),
    "users": ("User",),
    "opportunities": ("Opportunity", "OpportunityFieldHistory"),
    "releases": ("Release__c",),
    "field_history": ("CaseHistory", "AccountHistory", "ContactHistory", "OpportunityFieldHistory"),
}


class Field(NamedTuple):
    """A field: API name, type, and the object it looks up, if it does."""

    name: str
    type: str
    target: str

    @property
    def relationship(self) -> str:
        """The name under which the parent's fields are selected; empty where there is no parent."""
        return self.name.removesuffix("Id") if self.target else ""


# Names are not case-sensitive in SOQL: fields are found in lower case.
Fields = Mapping[str, Field]


def _parsed(text: str) -> dict[str, Field]:
    fields = {}
    for entry in text.split():
        name, _, rest = entry.partition(":")
        kind, _, target = rest.partition(">")
        fields[name.lower()] = Field(name, kind, target)
    return fields


_FIELDS = {name: _parsed(text) for name, text in _OBJECTS.items()}
_NAMES = {name.lower(): name for name in _OBJECTS}


@dataclass(frozen=True)
class Schema:
    """What the integration user sees of the org: the fields of every object, the types told otherwise, and whose changes no history tells."""

    fields: Mapping[str, Fields] = field(default_factory=lambda: _FIELDS)
    retyped: Mapping[tuple[str, str], str] = field(default_factory=dict)
    untold: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, *, hidden: Iterable[str] = (), retyped: Iterable[str] = (), added: Iterable[str] = (), absent: Iterable[str] = ()
    ) -> "Schema":
        """The org's schema but for some fields: `Object.Field` to hide, `Object.Field:type` to add or to describe as another type.

        Raises:
            ValueError: an entry names no object or field of the org, or no type of Salesforce's.
        """
        gone = {name for source in absent for name in _LICENCES.get(source, ())}
        fields = {name: dict(known) for name, known in _FIELDS.items() if name not in gone}
        untold: dict[str, frozenset[str]] = {}
        for entry in hidden:
            name, known = _known(entry)
            history = f"{name}FieldHistory" if name == "Opportunity" else f"{name}History"
            untold[history] = untold.get(history, frozenset()) | {known.name, known.name.removesuffix("Id")}
            fields.get(name, {}).pop(known.name.lower(), None)
        others: dict[tuple[str, str], str] = {}
        for entry in retyped:
            name, known = _known(entry.partition(":")[0])
            others[name, known.name] = _type(entry)
        for entry in added:
            owner, _, told = entry.partition(":")[0].partition(".")
            if owner not in _FIELDS or not told.isidentifier():
                raise ValueError(f"{entry} adds no field to an object of the sandbox: write it as Account.Loyalty__c:string")
            fields.get(owner, {})[told.lower()] = Field(told, _type(entry), "")
        return cls(fields, others, untold)

    def object(self, text: str) -> str | None:
        """The object's API name, whatever its case; None where the org has none of that name."""
        name = _NAMES.get(text.lower())
        return name if name in self.fields else None

    def lookup(self, name: str, relationship: str) -> Field | None:
        """The field under whose relationship a parent that the org has is selected."""
        lookups = (known for known in self.fields[name].values() if known.target in self.fields)
        return next((known for known in lookups if known.relationship.lower() == relationship.lower()), None)

    def describe(self, name: str, version: str) -> dict[str, Any]:
        """The answer to `sobjects/<name>/describe`."""
        history = name.endswith("History")
        place = f"/services/data/{version}/sobjects/{name}"
        return {
            "name": name,
            "label": name.removesuffix("__c"),
            "labelPlural": f"{name.removesuffix('__c')}s",
            "keyPrefix": _PREFIXES.get(name, "017"),
            "custom": name.endswith("__c"),
            "queryable": True,
            "replicateable": True,
            "retrieveable": True,
            "mergeable": name in {"Account", "Contact"},
            "deletable": name != "User" and not history,
            "undeletable": name != "User" and not history,
            "createable": not history,
            "updateable": not history,
            "urls": {"sobject": place, "describe": f"{place}/describe"},
            "childRelationships": [],
            "recordTypeInfos": [],
            "fields": [_told(name, known, self.retyped.get((name, known.name), known.type)) for known in self.fields[name].values()],
        }


def _known(entry: str) -> tuple[str, Field]:
    name, _, told = entry.partition(".")
    known = _FIELDS.get(name, {}).get(told.lower())
    if known is None:
        raise ValueError(f"{entry} is no field of the sandbox's org: write it as Account.AnnualRevenue")
    return name, known


def _type(entry: str) -> str:
    kind = entry.partition(":")[2]
    if kind not in _TYPES:
        raise ValueError(f"{entry} names no type of Salesforce's: choose one of {', '.join(sorted(_TYPES))}")
    return kind


def _told(owner: str, known: Field, kind: str) -> dict[str, Any]:
    precision, scale = _PRECISIONS.get(kind, (0, 0))
    return {
        "name": known.name,
        "label": known.name,
        "type": kind,
        "soapType": _SOAP.get(kind, "xsd:string"),
        "length": _LENGTHS.get(kind, 0),
        "precision": precision,
        "scale": scale,
        "nillable": known.name not in _ALWAYS_FILLED,
        "custom": known.name.endswith("__c"),
        "calculated": False,
        "autoNumber": known.name == "CaseNumber",
        "filterable": kind != "anyType",
        "sortable": kind != "anyType",
        "nameField": known.name in {"Name", "CaseNumber"},
        "compoundFieldName": "Name" if owner == "Contact" and known.name in {"FirstName", "LastName"} else None,
        # A case belongs to a user or to a queue.
        "referenceTo": ["Group", "User"] if (owner, known.name) == ("Case", "OwnerId") else [known.target] if known.target else [],
        "relationshipName": known.relationship or None,
        "picklistValues": [],
    }

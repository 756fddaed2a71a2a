"""The sObjects of the sandbox's org: their fields, types and lookups, and the describe that tells them.

Not here: their rows (`records.py`).
"""

from typing import Any, NamedTuple

_AUDIT = "CreatedDate:datetime LastModifiedDate:datetime SystemModstamp:datetime"
_OBJECTS = {
    "Case": "Id:id IsDeleted:boolean MasterRecordId:reference>Case CaseNumber:string ContactId:reference>Contact AccountId:reference>Account "
    "OwnerId:reference>User Type:picklist Status:picklist Priority:picklist Origin:picklist Subject:string IsEscalated:boolean "
    f"IsClosed:boolean ClosedDate:datetime {_AUDIT}",
    "Account": "Id:id IsDeleted:boolean MasterRecordId:reference>Account Name:string OwnerId:reference>User Industry:picklist Type:picklist "
    f"Account_Tier__c:picklist AnnualRevenue:currency Customer_LTV_USD__c:currency {_AUDIT}",
    "Contact": "Id:id IsDeleted:boolean MasterRecordId:reference>Contact AccountId:reference>Account OwnerId:reference>User FirstName:string "
    f"LastName:string Name:string Email:email Phone:phone MobilePhone:phone HomePhone:phone OtherPhone:phone {_AUDIT}",
    "User": f"Id:id Name:string Email:email IsActive:boolean {_AUDIT}",
    "CaseHistory": "Id:id IsDeleted:boolean CaseId:reference>Case CreatedById:reference>User CreatedDate:datetime Field:picklist "
    "DataType:picklist OldValue:anyType NewValue:anyType",
    "AccountHistory": "Id:id IsDeleted:boolean AccountId:reference>Account CreatedById:reference>User CreatedDate:datetime Field:picklist "
    "DataType:picklist OldValue:anyType NewValue:anyType",
    "ContactHistory": "Id:id IsDeleted:boolean ContactId:reference>Contact CreatedById:reference>User CreatedDate:datetime Field:picklist "
    "DataType:picklist OldValue:anyType NewValue:anyType",
}
_PREFIXES = {"Case": "500", "Account": "001", "Contact": "003", "User": "005"}
_LENGTHS = {"id": 18, "reference": 18, "string": 255, "picklist": 255, "email": 80, "phone": 40}
_SOAP = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "datetime": "xsd:dateTime",
    "currency": "xsd:double",
    "anyType": "xsd:anyType",
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


def _parsed(text: str) -> dict[str, Field]:
    fields = {}
    for entry in text.split():
        name, _, rest = entry.partition(":")
        kind, _, target = rest.partition(">")
        fields[name.lower()] = Field(name, kind, target)
    return fields


# Names are not case-sensitive in SOQL: both levels are found in lower case.
FIELDS = {name: _parsed(text) for name, text in _OBJECTS.items()}
OBJECTS = {name.lower(): name for name in _OBJECTS}


def describe(name: str, version: str) -> dict[str, Any]:
    """The answer to `sobjects/<name>/describe`."""
    history = name.endswith("History")
    return {
        "name": name,
        "label": name,
        "labelPlural": f"{name}s",
        "keyPrefix": _PREFIXES.get(name, "017"),
        "custom": False,
        "queryable": True,
        "replicateable": True,
        "retrieveable": True,
        "mergeable": name in {"Account", "Contact"},
        "deletable": name != "User" and not history,
        "createable": not history,
        "updateable": not history,
        "urls": {"sobject": f"/services/data/{version}/sobjects/{name}", "describe": f"/services/data/{version}/sobjects/{name}/describe"},
        "childRelationships": [],
        "recordTypeInfos": [],
        "fields": [_field(name, field) for field in FIELDS[name].values()],
    }


def _field(owner: str, field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": field.name,
        "type": field.type,
        "soapType": _SOAP.get(field.type, "xsd:string"),
        "length": _LENGTHS.get(field.type, 0),
        "precision": 18 if field.type == "currency" else 0,
        "scale": 2 if field.type == "currency" else 0,
        "nillable": field.name
        not in {"Id", "IsDeleted", "CreatedDate", "SystemModstamp", "LastModifiedDate", "IsActive", "IsClosed", "IsEscalated"},
        "custom": field.name.endswith("__c"),
        "calculated": False,
        "autoNumber": field.name == "CaseNumber",
        "filterable": field.type != "anyType",
        "sortable": field.type != "anyType",
        "nameField": field.name in {"Name", "CaseNumber"},
        "compoundFieldName": "Name" if owner == "Contact" and field.name in {"FirstName", "LastName"} else None,
        # A case belongs to a user or to a queue.
        "referenceTo": ["Group", "User"] if (owner, field.name) == ("Case", "OwnerId") else [field.target] if field.target else [],
        "relationshipName": field.relationship or None,
        "picklistValues": [],
    }

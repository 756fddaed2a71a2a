"""Schema discovery: what the mapping asks of an sObject, held against what Salesforce's describe says of it (S2-36, S2-38).

Done once per run and object, before the first window is asked for. What was found stands in the papers of the objects landed after it; the
checks read it there. Not here: the mapping itself, or what a check makes of a difference.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from genesys_crm_assets import mapping
from genesys_crm_assets.lake import layout, parquet
from genesys_crm_assets.lake.storage import Folder
from genesys_crm_assets.lake.table import Table
from genesys_crm_assets.sources.errors import RequestRejected
from genesys_crm_assets.sources.salesforce import soql
from genesys_crm_assets.sources.salesforce.org import SalesforceOrg

PAPER = "schema"
_LOOKED_AT = 10

_TEXTS = frozenset(
    {"string", "picklist", "multipicklist", "combobox", "textarea", "phone", "email", "url", "encryptedstring", "id", "reference"}
)
_TYPES = {
    "id": frozenset({"id", "reference"}),
    "text": _TEXTS,
    "number": frozenset({"double", "currency", "percent", "int", "long"}),
    "flag": frozenset({"boolean"}),
    "moment": frozenset({"datetime"}),
    "date": frozenset({"date"}),
}
"""The types of describe that a staging column of a kind can take."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a run found of one sObject.

    Attributes:
        version: edition of the column mapping that it was compared with.
        types: every field that describe tells, and its type; empty where it cannot be asked.
        missing: fields of the mapping that the org lacks or hides; their columns are null.
        retyped: fields whose type their column cannot take, as `AnnualRevenue is string`.
        new: fields that the discovery before did not see.
    """

    version: int
    types: Mapping[str, str]
    missing: tuple[str, ...] = ()
    retyped: tuple[str, ...] = ()
    new: tuple[str, ...] = ()

    @property
    def paper(self) -> dict[str, str]:
        """What the papers of an object say of it."""
        return {PAPER: json.dumps(asdict(self), sort_keys=True)}

    @property
    def figures(self) -> dict[str, Any]:
        """What the metadata of a landing say of it; names of fields, never values."""
        named = {"fields_missing": self.missing, "fields_of_another_type": self.retyped, "fields_new": self.new}
        return {"mapping_version": self.version, **{name: ", ".join(found[:20]) or "none" for name, found in named.items()}}


def last_said(storage: Folder, table: Table) -> str:
    """The paper of the last discovery that a table's objects carry; empty where none of the last ten days was asked for."""
    for day in reversed(storage.days(table)[-_LOOKED_AT:]):
        if said := parquet.papers(storage.url(layout.object_key(table, day))).get(PAPER):
            return said
    return ""


def discover(client: SalesforceOrg, words: mapping.Mapping, sobject: str, before: str) -> Discovery:
    """Compare one sObject's mapped fields with describe; `before` is the paper of the discovery before, empty where there is none.

    Raises `MappingRefused` where a field that the mapping requires is missing.
    """
    try:
        told = client.describe(sobject)
    except RequestRejected:
        # An org that describes nothing may still answer queries; then the queries themselves say what is wrong.
        return Discovery(words.columns_version, {})
    types = {str(field["name"]): str(field["type"]) for field in told.get("fields", [])}
    known = {name.lower(): kind for name, kind in types.items()}
    fed = words.feeds(sobject)
    missing = [one.field for one in fed if one.field.lower() not in known and not _answers(client, sobject, one.field)]
    retyped = [
        f"{one.field} is {known[one.field.lower()]}" for one in fed if known.get(one.field.lower(), "") not in {"", *_TYPES[one.kind]}
    ]
    required = [field for field in missing if f"{sobject}.{field}" in words.required_fields]
    if required:
        raise mapping.MappingRefused(
            f"{sobject} has no {', '.join(required)}, which the mapping requires; let the integration user read the field, or correct the mapping"
        )
    earlier: dict[str, str] = json.loads(before)["types"] if before else {}
    new = sorted(types.keys() - earlier.keys()) if earlier else []
    return Discovery(words.columns_version, types, tuple(missing), tuple(retyped), tuple(new))


def _answers(client: SalesforceOrg, sobject: str, field: str) -> bool:
    """Whether a field that describe leaves out can be read all the same: the least query there is."""
    try:
        list(client.query(soql.select(sobject, (field,), where=soql.compare("Id", "=", None)), include_deleted=True))
    except RequestRejected:
        return False
    return True

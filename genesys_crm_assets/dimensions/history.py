"""Where history is made: the one replay that all type 2 dimensions of CRM records share, and the laws every one of them is proved by (§6.4).

A dimension brings two selects of its own: `told` (its tellings, with the tracked columns as a list of field and value) and the projection of
`versions` into its columns. What field history calls the tracked columns, the mapping says. The steps between are the same for all. Not
here: a column of any one object.
"""

from genesys_crm_assets.lake.body import Body, Proof, Read, sql_beside
from genesys_crm_assets.lake.table import Column, Table
from genesys_crm_assets.staging import salesforce_field_history

Step = tuple[str, str]

SPAN_COLUMNS = (
    Column("valid_from", "timestamp", "When this version begins, UTC, included.", required=True),
    Column("valid_to", "timestamp", "When it ends, UTC, excluded; null for the version that holds now."),
    Column("is_current", "boolean", "Whether this version holds now; no version of a deleted record does.", required=True),
    Column(
        "change_source",
        "varchar",
        "How its beginning is known: `created` (CreatedDate), `history` (the field history's moment) or `observed` (SystemModstamp of a "
        "reading that history does not explain; the change itself may be earlier).",
        required=True,
    ),
    Column("created_at", "timestamp", "CreatedDate of the record, UTC; the latest reading's in every version.", required=True),
    Column("is_deleted", "boolean", "Whether the record is deleted now, in every version.", required=True),
    Column(
        "surviving_id",
        "varchar",
        "The record it lives on in after merges, 18 characters: itself if never merged; null where merges go in a circle or end in a deleted "
        "or unknown record. In every version.",
    ),
)


def version_key(word: str) -> Column:
    """The surrogate key of a dimension whose object is `word`, as it stands before the record's id in what is hashed (S0-58)."""
    return Column(
        "version_key",
        "varchar",
        f"SHA-256, in hex, of `{word}|<id of 18 characters>|<valid_from>`, such as `…|2026-01-05T10:00:00.000Z`; what facts carry.",
        required=True,
    )


def body(module_file: str, staged: Table, entity_id: str, *, has_field_history: bool = True) -> Body:
    """The body of a dimension whose own selects stand beside `module_file`, whose tellings are `staged` and whose natural key is `entity_id`.

    Where Salesforce keeps no field history of the object (User), a telling that differs is a version at once, and no history is read.
    """
    history = (Read(salesforce_field_history.TABLE, "all", readings=True),) if has_field_history else ()
    return Body(
        reads=(Read(staged, "all"), *history),
        steps=(*_opening(module_file, has_field_history=has_field_history), *(_shared(name) for name in _REPLAY)),
        sql=sql_beside(module_file),
        proofs=PROOFS,
        order=(entity_id, "valid_from"),
    )


_REPLAY = ("changes", "states", "lives", "survivors", "versions")


def _shared(name: str, stem: str | None = None) -> Step:
    return name, sql_beside(__file__, stem or name)


def _opening(module_file: str, *, has_field_history: bool) -> tuple[Step, ...]:
    told = (("told", sql_beside(module_file, "told")), _shared("tellings"), _shared("records"))
    if not has_field_history:
        return (*told, _shared("covered", "all_covered"), _shared("history_rows", "no_rows"))
    return (*told, _shared("covered"), _shared("history_fields", "fields"), _shared("history_rows", "rows"))


PROOFS = (
    Proof(
        "versions_of_a_record_do_not_overlap",
        sql_beside(__file__, "no_overlap"),
        "Every version ends before the next one of its record begins. A failure is a fault of the replay: report it with an offender's "
        "tellings and history rows; the last good object stays.",
    ),
    Proof(
        "a_living_record_has_one_current_version_and_a_deleted_one_none",
        sql_beside(__file__, "one_current"),
        "Joins on `is_current` find each living record once. A failure is a fault of the replay: report it with an offender's tellings.",
    ),
    Proof(
        "neighbouring_versions_differ_in_a_tracked_column",
        sql_beside(__file__, "neighbours"),
        "No version is there without a change, unless a deletion lies before it. A failure is a fault of the replay: report it with an "
        "offender's tellings and history rows.",
    ),
    Proof(
        "every_record_staged_has_a_version",
        sql_beside(__file__, "all_there"),
        "No record is lost between staging and its dimension, and none is invented; counts tellings that wait for the history of their "
        "moment to be read before they may contradict it.",
    ),
    Proof(
        "history_rows_that_do_not_fit_are_counted",
        sql_beside(__file__, "unfitting"),
        "Always holds. `old_values_unfitting` counts changes whose OldValue is not what stood before: history read in part, or a field that "
        "was not tracked for a while. Many of them: read the field history of the days before again.",
    ),
    Proof(
        "merges_that_end_nowhere_are_refused_and_counted",
        sql_beside(__file__, "merges"),
        "Always holds. `in_a_circle` counts records whose merges go round, `survivor_gone` those that end in a deleted or unknown record; "
        "both have no `surviving_id`. Look at the offenders' MasterRecordId in Salesforce.",
    ),
)

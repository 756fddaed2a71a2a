"""What listings give dimensions: versions of queues and agents by observation, and the names of all else (§6.4, "Listings only gain").

A dimension brings two selects of its own: `told`, what listings said of its things, and the projection into its columns. The steps between
are the same for all. Not here: a column of any one entity, or what a listing said (`staging`).
"""

from collections.abc import Sequence

from genesys_crm_assets.dimensions import history
from genesys_crm_assets.lake.body import Body, Proof, Read, sql_beside
from genesys_crm_assets.lake.table import Column
from genesys_crm_assets.staging import genesys_reference


def version_key(word: str) -> Column:
    """The surrogate key of a dimension of versions whose entity is `word`, as it stands before the id in what is hashed (S0-58)."""
    return Column(
        "version_key",
        "varchar",
        f"SHA-256, in hex, of `{word}|<id>|<valid_from>`, such as `…|2026-01-05T10:00:00.000Z`; what facts carry.",
        required=True,
    )


SPAN_COLUMNS = (
    Column("valid_from", "timestamp", "When this version begins, UTC, included.", required=True),
    Column("valid_to", "timestamp", "When it ends, UTC, excluded; null for the version that holds now."),
    Column("is_current", "boolean", "Whether this version holds now; exactly one of each thing does, also of what is gone.", required=True),
    Column(
        "change_source",
        "varchar",
        "How its beginning is known: `created` (the first, which begins at START_DATE, since nothing earlier can be observed) or `observed` "
        "(the listing that first told it so; the change itself may be earlier).",
        required=True,
    ),
)


def versions(module_file: str, entity_id: str) -> Body:
    """The body of a dimension of versions whose own selects stand beside `module_file` and whose natural key is `entity_id`."""
    return Body(
        reads=_READS,
        steps=(("told", sql_beside(module_file, "told")), ("versions", sql_beside(__file__, "versions"))),
        sql=sql_beside(module_file),
        proofs=(*_of_history("versions_of_a_record_do_not_overlap", "neighbouring_versions_differ_in_a_tracked_column"), *_VERSION_PROOFS),
        order=(entity_id, "valid_from"),
    )


def names(module_file: str) -> Body:
    """The body of a dimension of names whose own selects stand beside `module_file`."""
    return Body(
        reads=_READS,
        steps=(("told", sql_beside(module_file, "told")), ("names", sql_beside(__file__, "names"))),
        sql=sql_beside(module_file),
        proofs=(Proof("every_thing_listed_has_a_name_row", sql_beside(__file__, "all_named"), _ALL_THERE),),
    )


def _of_history(*wanted: str) -> Sequence[Proof]:
    return [proof for proof in history.PROOFS if proof.name in wanted]


_READS = (Read(genesys_reference.TABLE),)
_ALL_THERE = "No thing is lost between staging and its dimension, and none is invented; what vanished from its listing stays."
_VERSION_PROOFS = (
    Proof(
        "every_thing_has_one_current_version",
        sql_beside(__file__, "one_current"),
        "Joins on `is_current` find each thing once, also one that is inactive, and its first version begins at START_DATE. A failure is a "
        "fault of the replay: report it with an offender's rows of `staging_genesys_reference`.",
    ),
    Proof("every_thing_listed_has_a_version", sql_beside(__file__, "all_there"), _ALL_THERE),
)

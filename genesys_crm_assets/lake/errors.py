"""What can go wrong with tables.

LakeError
├── TransientLakeError      another attempt may succeed
│   └── PartitionBusy       somebody else builds the same table and day and has not let go in time
└── PermanentLakeError      it will not, until somebody acts
    ├── ContractBroken      columns, types or keys are not what the contract says
    ├── ShrinkRefused       a re-read would take away more of a day than the guard allows
    ├── UpstreamMissing     a table this one is built from has no object for that day yet
    ├── ObjectDamaged       a stored object is not what it was when it was written
    ├── EngineRefused       DuckDB or Arrow could not do what a body asks of these rows
    └── LocationRefused     a name or path that must not become a place in the lake
Messages end with the remedy and carry no row, no secret and no personal data.
"""


class LakeError(Exception):
    """The root of this library's errors."""


class TransientLakeError(LakeError):
    """Another attempt may succeed."""


class PermanentLakeError(LakeError):
    """No attempt will succeed until somebody acts."""


class PartitionBusy(TransientLakeError):
    """Somebody else holds the lock on this table and day."""


class ContractBroken(PermanentLakeError):
    """Columns, types or keys are not what the contract says."""


class ShrinkRefused(PermanentLakeError):
    """A re-read would take away more of a day's records than the guard allows."""


class UpstreamMissing(PermanentLakeError):
    """A table this one is built from has no object for that day."""


class ObjectDamaged(PermanentLakeError):
    """A stored object is not what it was when it was written."""


class EngineRefused(PermanentLakeError):
    """DuckDB or Arrow could not do what a body asks of these rows; their words are told without the values they quote."""


class LocationRefused(PermanentLakeError):
    """A name that must not become a place in the lake."""

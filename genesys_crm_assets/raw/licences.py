"""What an org may lack: a source without licence or permission lands empty, closed objects that say so, once `SOURCES_ABSENT` names it.

Undeclared, a refusal stops the landing and names the permission and the variable (§5.2). Not here: what is asked of a source.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from genesys_crm_assets.sources.errors import PermissionMissing, RequestRejected

_UNKNOWN_OBJECT = "INVALID_TYPE"

PAPER = "absent"
"""The paper of an object that is empty because `SOURCES_ABSENT` names its source: the source's name."""


def papers(source: str, absent: set[str]) -> dict[str, str]:
    """What the papers of an object of this source say besides."""
    return {PAPER: source} if source in absent else {}


@contextmanager
def needed(source: str) -> Iterator[None]:
    """Asks an org for a source that is not declared absent; the refusal of a missing one names the permission, the source and the variable.

    Raises `PermissionMissing` (403) and `RequestRejected` (of an sObject that the org does not have) with that remedy.
    """
    try:
        yield
    except PermissionMissing as refused:
        missing = f" ({refused.permission})" if refused.permission else ""
        remedy = f"Grant the permission{missing}, or name {source} in SOURCES_ABSENT where the org has no licence for it"
        raise PermissionMissing(refused.what, permission=refused.permission, at=refused.at, remedy=remedy) from None
    except RequestRejected as refused:
        if refused.code != _UNKNOWN_OBJECT:
            raise
        remedy = f"Give the integration user access to the object, or name {source} in SOURCES_ABSENT where the org does not use it"
        raise RequestRejected(refused.what, at=refused.at, remedy=remedy) from None

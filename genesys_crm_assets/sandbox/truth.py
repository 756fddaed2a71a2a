"""What the sandbox alone knows: which case every conversation was really about, and which release really had an effect.

Not here: what was told of it, which is all that a client may use.
"""

from dataclasses import dataclass
from datetime import datetime

# The cases a temporal rule can find: born, worked on, open, or just closed when the conversation took place.
WITHIN_REACH = frozenset({"created", "touched", "open", "recent"})


@dataclass(frozen=True, slots=True)
class Truth:
    """The truth about one conversation; ids have 18 characters.

    `how` says how the case relates to the conversation: `created, touched, open, recent` (within a window's reach), `created_late` (born of
    it, and logged 2 to 22 hours after its end, as at the turn of the year: within reach only of a window that was widened for such days),
    `logged_later, closed_before` (out of every window's reach), `no_case`, `anonymous`. `told_case_id` is the valid case id told in its
    attributes, which one time in fifty is another case. `reachable`: the case is within reach of the windows that always apply, and the CRM
    knows it by now.
    """

    case_id: str | None
    contact_id: str | None
    told_case_id: str | None
    reachable: bool
    how: str


@dataclass(frozen=True, slots=True)
class Effect:
    """The one release that changed something: from `released_at` (UTC) on, conversations of customers of `tier` escalate 14 points oftener."""

    release: str
    product: str
    released_at: datetime
    tier: str

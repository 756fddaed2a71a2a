"""The contact centre: queues, agents, wrap-up codes and the addresses customers reach it under.

Not here: customers (`people.py`).
"""

from dataclasses import dataclass

from genesys_crm_assets.sandbox.identifiers import dice, fixed_uuid

OWN_NUMBER = "tel:+18005550100"
OWN_ADDRESS = "support@example.org"

_QUEUES = ("Billing", "Orders", "Technical Support", "Retention", "Enterprise Desk", "Returns", "Claims", "Second Line")
_CODES = (
    "Resolved",
    "Follow-up",
    "Billing question",
    "Escalated",
    "Wrong number",
    "Complaint",
    "Order placed",
    "Information",
    "No answer",
    "Other",
)
_FIRST = ("Alex", "Bo", "Casey", "Dana", "Eli", "Frankie", "Gray", "Harper", "Indy", "Jules", "Kit", "Lee", "Max", "Nico", "Ola", "Pat")


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue and the wait after which nOverSla counts, in milliseconds."""

    id: str
    name: str
    service_level: int


@dataclass(frozen=True, slots=True)
class Agent:
    """A Genesys user who takes conversations."""

    id: str
    name: str
    team: str


@dataclass(frozen=True)
class Centre:
    """Everything Genesys knows by id."""

    queues: tuple[Queue, ...]
    agents: tuple[Agent, ...]
    codes: tuple[str, ...]
    divisions: tuple[str, ...]
    flows: dict[str, str]

    @classmethod
    def of(cls, seed: int, per_day: int) -> "Centre":
        """The centre of a seed, staffed for so many conversations a day."""
        rng = dice(seed, "centre")
        teams = [fixed_uuid(seed, "team", number) for number in range(5)]
        agents = tuple(
            Agent(fixed_uuid(seed, "agent", number), f"{rng.choice(_FIRST)} {number + 1}", rng.choice(teams))
            for number in range(max(12, per_day // 40))
        )
        queues = tuple(Queue(fixed_uuid(seed, "queue", name), name, rng.choice((20_000, 30_000, 60_000))) for name in _QUEUES)
        return cls(
            queues=queues,
            agents=agents,
            codes=tuple(fixed_uuid(seed, "wrap-up", name) for name in _CODES),
            divisions=tuple(fixed_uuid(seed, "division", number) for number in range(3)),
            flows={name: fixed_uuid(seed, "flow", name) for name in ("Main IVR", "Web entry", "FAQ bot")},
        )

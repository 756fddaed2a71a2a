"""The contact centre: queues, agents, wrap-up codes, skills and the addresses customers reach it under.

What is here is who and what takes part in conversations at one moment. Not here: how that changes in the course of time and what the
listings say of it (`directory.py`), or customers (`people.py`).
"""

from dataclasses import dataclass

from genesys_crm_assets.sandbox.identifiers import dice, fixed_uuid

OWN_NUMBER = "tel:+18005550100"
OWN_ADDRESS = "support@example.org"

# Each queue with the skills it asks for.
QUEUES = {
    "Billing": ("Billing", "English"),
    "Orders": ("Orders", "English"),
    "Technical Support": ("Products", "English"),
    "Retention": ("Negotiation", "English"),
    "Enterprise Desk": ("Key accounts", "Spanish"),
    "Returns": ("Orders", "Spanish"),
    "Claims": ("Claims", "English"),
    "Second Line": ("Products", "Diagnostics"),
}
CODES = (
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
TEAMS = 5
DIVISIONS = 3
_FIRST = ("Alex", "Bo", "Casey", "Dana", "Eli", "Frankie", "Gray", "Harper", "Indy", "Jules", "Kit", "Lee", "Max", "Nico", "Ola", "Pat")


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue, the wait after which nOverSla counts, in milliseconds, and the skills a conversation in it may ask for."""

    id: str
    name: str
    service_level: int
    skills: tuple[str, ...] = ()

    def asked(self, conversation_id: str) -> tuple[str, ...]:
        """The skills that this conversation asks for: mostly one, sometimes both, sometimes none."""
        return self.skills[: (1, 1, 1, 1, 1, 2, 2, 0)[int(conversation_id[0], 16) % 8]]


@dataclass(frozen=True, slots=True)
class Agent:
    """A Genesys user who takes conversations."""

    id: str
    name: str
    team: str


@dataclass(frozen=True)
class Centre:
    """Everything that conversations name by id."""

    queues: tuple[Queue, ...]
    agents: tuple[Agent, ...]
    codes: tuple[str, ...]
    divisions: tuple[str, ...]
    flows: dict[str, str]

    @classmethod
    def of(cls, seed: int, per_day: int) -> "Centre":
        """The centre of a seed, staffed for so many conversations a day, as it was before the window."""
        rng = dice(seed, "centre")
        teams = [fixed_uuid(seed, "team", number) for number in range(TEAMS)]
        agents = tuple(
            Agent(fixed_uuid(seed, "agent", number), f"{rng.choice(_FIRST)} {number + 1}", rng.choice(teams))
            for number in range(max(12, per_day // 40))
        )
        queues = tuple(
            Queue(
                fixed_uuid(seed, "queue", name),
                name,
                rng.choice((20_000, 30_000, 60_000)),
                tuple(fixed_uuid(seed, "skill", skill) for skill in skills),
            )
            for name, skills in QUEUES.items()
        )
        return cls(
            queues=queues,
            agents=agents,
            codes=tuple(fixed_uuid(seed, "wrap-up", name) for name in CODES),
            divisions=tuple(fixed_uuid(seed, "division", number) for number in range(DIVISIONS)),
            flows={name: fixed_uuid(seed, "flow", name) for name in ("Main IVR", "Web entry", "FAQ bot")},
        )

"""Both vendors on two loopback ports of this process: in the background of a test or a demo, or in the foreground for a person.

Not here: what they answer (`genesys.py`, `salesforce.py`).
"""

import asyncio
import json
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from genesys_crm_assets.sandbox import clock, faults
from genesys_crm_assets.sandbox.faults import Gate, Seen
from genesys_crm_assets.sandbox.genesys import Genesys
from genesys_crm_assets.sandbox.plan import Plan
from genesys_crm_assets.sandbox.salesforce import Salesforce
from genesys_crm_assets.sandbox.truth import Effect, Truth
from genesys_crm_assets.sandbox.world import World

__all__ = ["Effect", "Plan", "Sandbox", "Truth", "running", "serve"]

HOST = "127.0.0.1"
API_VERSION = "68.0"
READY_SECONDS = 30.0


class Sandbox:
    """A running sandbox, seen from outside the wire: where it is, what time it is there, and what is true there."""

    def __init__(self, plan: Plan, monotonic: Callable[[], float]) -> None:
        self.plan = plan
        start, days, now = _settled(plan)
        self._content = clock.ContentClock(now)
        self.world = World(plan.seed, start, days, plan.per_day)
        self.world.ensure(self._content.ms)
        self.genesys = Genesys(plan, self.world, self._content, monotonic)
        self.salesforce = Salesforce(plan, self.world, self._content, monotonic)
        rules, seen = faults.load(plan.faults), list[Seen]()
        self.requests = seen
        self.gates: dict[str, ASGIApp] = {
            "genesys": Gate(self.genesys.app(), "genesys", rules, monotonic, seen),
            "salesforce": Gate(self.salesforce.app(), "salesforce", rules, monotonic, seen),
        }
        self.ports = {"genesys": plan.genesys_port, "salesforce": plan.salesforce_port}
        self._truth: tuple[int, dict[str, Truth]] = (-1, {})

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point the platform at this sandbox."""
        plan = self.plan
        genesys = f"http://{HOST}:{self.ports['genesys']}"
        return {
            "GENESYS_API_URL": genesys,
            "GENESYS_LOGIN_URL": genesys,
            "GENESYS_CLIENT_ID": plan.genesys_client_id,
            "GENESYS_CLIENT_SECRET": plan.genesys_client_secret,
            "SALESFORCE_URL": f"http://{HOST}:{self.ports['salesforce']}",
            "SALESFORCE_CLIENT_ID": plan.salesforce_client_id,
            "SALESFORCE_CLIENT_SECRET": plan.salesforce_client_secret,
            "SALESFORCE_API_VERSION": API_VERSION,
            "START_DATE": self.days[0].isoformat(),
            "MAPPING_FILE": str(Path(__file__).with_name("mapping.toml")),
        }

    @property
    def now(self) -> datetime:
        """The content clock, UTC."""
        return self._content.now

    @property
    def days(self) -> tuple[date, ...]:
        """The complete UTC days of the window."""
        return tuple(self.world.start + timedelta(days=place) for place in range(self.world.days))

    @property
    def truth(self) -> Mapping[str, Truth]:
        """The truth about every conversation begun by now, by conversation id."""
        if self._truth[0] != self._content.ms:
            self._truth = self._content.ms, self.world.truth(self._content.ms)
        return self._truth[1]

    def effect(self) -> Effect:
        """The release that changed something in this world: which one, when, and for customers of which tier."""
        return self.world.effect()

    def advance(self, to: datetime) -> None:
        """Move the content clock forward, and with it what both vendors know.

        Raises:
            ValueError: `to` is earlier than now.
        """
        self.world.ensure(clock.of(to))
        self._content.advance(to)

    def revoke(self) -> None:
        """End every token and session at once, as an administrator can."""
        self.genesys.tokens.clear()
        self.salesforce.sessions.clear()


def _settled(plan: Plan) -> tuple[date, int, datetime]:
    """The plan's first day, its number of complete days, and where its clock stands."""
    now = plan.now or datetime.now(UTC).replace(second=0, microsecond=0)
    if plan.now is None and plan.start is not None:
        now = datetime.combine(plan.start + timedelta(days=plan.days), time_of_day(12), UTC)
    now = now.astimezone(UTC) if now.tzinfo else now.replace(tzinfo=UTC)
    start = plan.start or now.date() - timedelta(days=plan.days)
    days = min(plan.days, (now.date() - start).days)
    if days < 1:
        raise ValueError("the window holds no complete day: let --now be at least a day after --start, and --days at least 1")
    return start, days, now


@contextmanager
def running(plan: Plan, *, monotonic: Callable[[], float] = time.monotonic) -> Iterator[Sandbox]:
    """Both servers in the background of this process, ready when entered, stopped when left; `monotonic` is their real time.

    Raises:
        ValueError: the plan has no complete day, or its faults are not understood.
        OSError: a port is taken.
    """
    sandbox = Sandbox(plan, monotonic)
    sockets = {vendor: socket.create_server((HOST, port)) for vendor, port in sandbox.ports.items()}
    sandbox.ports = {vendor: listening.getsockname()[1] for vendor, listening in sockets.items()}
    servers = [uvicorn.Server(_config(gate)) for gate in sandbox.gates.values()]
    thread = threading.Thread(target=asyncio.run, args=(_serve_both(servers, list(sockets.values())),), name="sandbox", daemon=True)
    thread.start()
    try:
        _await_ready(servers, thread)
        yield sandbox
    finally:
        for server in servers:
            server.should_exit = True
        thread.join()
        for listening in sockets.values():
            listening.close()


def _config(gate: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        gate,
        access_log=False,
        log_config=None,
        log_level="warning",
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        date_header=False,
        # Longer lines than Salesforce allows must arrive, to be refused as Salesforce does.
        h11_max_incomplete_event_size=1 << 20,
        http="h11",
        timeout_graceful_shutdown=1,
    )


async def _serve_both(servers: list[uvicorn.Server], sockets: list[socket.socket]) -> None:
    await asyncio.gather(*(server.serve(sockets=[listening]) for server, listening in zip(servers, sockets, strict=True)))


def _await_ready(servers: list[uvicorn.Server], thread: threading.Thread) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not all(server.started for server in servers):
        if time.monotonic() > deadline or not thread.is_alive():
            raise RuntimeError("the sandbox did not start: see the log above, and try other ports")
        time.sleep(0.01)


def serve(plan: Plan) -> None:
    """Both servers in the foreground until SIGINT or SIGTERM; prints one JSON line, the environment that points at them, when ready.

    Raises:
        ValueError: the plan has no complete day, or its faults are not understood.
        OSError: a port is taken.
    """
    stopped = threading.Event()
    earlier = {number: signal.signal(number, lambda *_: stopped.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with running(plan) as sandbox:
            sys.stdout.write(json.dumps(sandbox.environment) + "\n")
            sys.stdout.flush()
            # Waiting in steps lets the handlers run on every platform.
            while not stopped.wait(0.5):
                pass
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)

"""What every test has: markers, and a network that reaches loopback only."""

import socket
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _no_network_but_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches out would pass here and fail elsewhere, or worse: reach a real org."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and str(address[0]) not in ("127.0.0.1", "localhost", "::1"):
            raise AssertionError("a test reached for the network")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)

"""The seam: variables in, libraries out; secrets from a vault, read each time they are asked for."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from genesys_crm_assets import partitions, resources, settings
from genesys_crm_assets.definitions import build_defs
from genesys_crm_assets.settings import SettingRefused

CANARY = "canary-7f3a"


def _environment(**told: str) -> resources.Environment:
    return resources.Environment(told=told)


def test_a_variable_is_told_or_set_or_its_default(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GENESYS_REGION", "mypurecloud.de")
    assert _environment().text("GENESYS_REGION") == "mypurecloud.de"
    assert _environment(GENESYS_REGION="mypurecloud.ie").text("GENESYS_REGION") == "mypurecloud.ie"
    monkeypatch.delenv("GENESYS_REGION")
    assert _environment().text("GENESYS_REGION") == "mypurecloud.com"


def test_a_variable_without_default_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SALESFORCE_URL", raising=False)
    with pytest.raises(SettingRefused, match=r"SALESFORCE_URL is not set; set it in the environment or in \.env"):
        _environment().text("SALESFORCE_URL")
    assert _environment().optional("SALESFORCE_URL") == ""


@pytest.mark.parametrize("told", ["many", "0", "-5", "nan", "inf"])
def test_a_limit_that_is_no_number_is_named(told: str):
    with pytest.raises(SettingRefused, match="GENESYS_REQUESTS_PER_MINUTE is no number above nought"):
        _environment(GENESYS_REQUESTS_PER_MINUTE=told).number("GENESYS_REQUESTS_PER_MINUTE")


def test_relative_places_are_relative_to_dagster_home(tmp_path: Path):
    """§5.1: materialising from another folder must not make another lake."""
    environment = _environment(DAGSTER_HOME=str(tmp_path), LAKE_URL="data/lake", WAREHOUSE_PATH="/elsewhere/w.duckdb")
    assert environment.place("LAKE_URL") == tmp_path / "data" / "lake"
    assert environment.place("WAREHOUSE_PATH") == Path("/elsewhere/w.duckdb")
    assert environment.place("STATE_DIR").is_absolute()


def test_the_clock_is_utc_and_can_be_told():
    assert _environment(CLOCK="2026-11-21T12:00:00Z").now() == datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert _environment(CLOCK="2026-11-21T14:00:00+02:00").now() == datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert _environment(CLOCK="2026-11-21T12:00:00").now() == datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert _environment(CLOCK="").now().tzinfo is UTC
    with pytest.raises(SettingRefused, match="CLOCK is no moment"):
        _environment(CLOCK="noon").now()


class _Vault(BaseHTTPRequestHandler):
    """AWS Secrets Manager, as far as `GetSecretValue` goes."""

    entries: dict[str, str] = {}  # noqa: RUF012 - one vault a server, emptied by the fixture
    asked: list[str] = []  # noqa: RUF012 - likewise

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(question["SecretId"])
        found = self.entries.get(question["SecretId"])
        status, body = (
            (200, {"Name": question["SecretId"], "SecretString": found})
            if found is not None
            else (400, {"__type": "ResourceNotFoundException", "message": "no"})
        )
        encoded = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(encoded)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_Vault]]:
    """A vault on loopback with two entries."""
    _Vault.entries, _Vault.asked = {"genesys/plain": CANARY, "genesys/json": json.dumps({"secret": CANARY})}, []
    server = HTTPServer(("127.0.0.1", 0), _Vault)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    yield _Vault
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.shows("S2-6")
@pytest.mark.parametrize("named", ["aws-secretsmanager:genesys/plain", "aws-secretsmanager:genesys/json#secret"])
def test_a_secret_may_name_an_entry_of_a_vault(named: str, vault: type[_Vault]):
    assert resources.secret(_environment(GENESYS_CLIENT_SECRET=named), "GENESYS_CLIENT_SECRET") == CANARY
    assert len(vault.asked) == 1


@pytest.mark.shows("S2-6", "S4-24")
def test_a_rotated_secret_is_found_without_a_new_process(vault: type[_Vault]):
    """It is read again each time it is asked for, so again after a 401."""
    told = _environment(GENESYS_CLIENT_SECRET="aws-secretsmanager:genesys/plain")
    assert resources.secret(told, "GENESYS_CLIENT_SECRET") == CANARY
    vault.entries["genesys/plain"] = "rotated"
    assert resources.secret(told, "GENESYS_CLIENT_SECRET") == "rotated"


@pytest.mark.parametrize(
    "named", ["aws-secretsmanager:nowhere", "aws-secretsmanager:genesys/plain#key", "aws-secretsmanager:genesys/json#other"]
)
def test_an_entry_that_cannot_be_read_names_the_variable_and_no_value(named: str, vault: type[_Vault]):
    """P8: what stands in the vault is in no message and in no cause of it."""
    with pytest.raises(SettingRefused, match="GENESYS_CLIENT_SECRET names a vault entry that cannot be read") as refused:
        resources.secret(_environment(GENESYS_CLIENT_SECRET=named), "GENESYS_CLIENT_SECRET")
    assert CANARY not in str(refused.value)
    assert refused.value.__suppress_context__
    assert len(vault.asked) == 1


def test_a_plain_secret_asks_no_vault():
    assert resources.secret(_environment(GENESYS_CLIENT_SECRET=CANARY), "GENESYS_CLIENT_SECRET") == CANARY


def test_an_unknown_feed_is_named():
    genesys = resources.GenesysCloud(environment=_environment(GENESYS_FEED="carrier_pigeon"))
    with pytest.raises(SettingRefused, match=r"GENESYS_FEED knows .*conversation_jobs.*; name one of these"):
        _ = genesys.feed


def test_one_org_has_one_limiter_whatever_the_process(tmp_path: Path):
    """P7: the state folder holds it; another org has another."""
    told = _environment(STATE_DIR=str(tmp_path))
    names = []
    for org in ("https://api.one", "https://api.one", "https://api.two"):
        limiter = resources._limiter(told, "genesys", org, 100, 5)
        limiter.close()
        names.append(sorted(path.name for path in (tmp_path / "limits").iterdir()))
    assert names[0] == names[1]
    assert len(names[2]) > len(names[1])


def test_the_lake_of_the_definitions_lies_where_it_was_told(tmp_path: Path):
    defs = build_defs({"LAKE_URL": str(tmp_path / "lake"), "STATE_DIR": str(tmp_path / "state"), "WAREHOUSE_PATH": str(tmp_path / "w")})
    lake = (defs.resources or {})["lake"]
    assert lake.storage.root == tmp_path / "lake"
    assert lake.journals == tmp_path / "state" / "journal"
    assert lake.first_day == partitions.START_DATE
    assert not list(tmp_path.iterdir())


def test_an_address_is_no_folder_of_this_machine():
    """Read as a path, s3://bucket would become a local folder and a green run somewhere nobody looks."""
    environment = resources.Environment(told={"LAKE_URL": "s3://bucket/prefix"})
    with pytest.raises(settings.SettingRefused, match="LAKE_URL must be a path"):
        environment.place("LAKE_URL")

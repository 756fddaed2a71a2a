"""Pages under way: kept as they arrive, cut where torn, never spliced."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from genesys_crm_assets.lake.durable import Failpoints
from genesys_crm_assets.lake.journal import Journal


class Killed(BaseException):
    """Stands for SIGKILL."""


def _die() -> None:
    raise Killed


def _journal(path: Path, about: str = "2026-11-03", failpoint: str = "") -> Journal:
    return Journal(path / "of" / "a.pages", about, Failpoints(failpoint, _die))


@pytest.mark.shows("S2-21", "S2-26")
def test_another_process_finds_what_has_arrived(tmp_path: Path):
    journal = _journal(tmp_path)
    assert journal.entries() == []
    journal.append({"page": 1, "body": b"\x00one"})
    journal.append({"page": 2, "body": b"two", "cursor": None})
    assert _journal(tmp_path).entries() == [{"page": 1, "body": b"\x00one"}, {"page": 2, "body": b"two", "cursor": None}]


@pytest.mark.shows("S2-24")
def test_a_journal_about_another_window_is_discarded(tmp_path: Path):
    """Pages of two questions are never spliced into one answer."""
    _journal(tmp_path).append({"page": 1})
    assert _journal(tmp_path, "2026-11-04").entries() == []
    assert _journal(tmp_path).entries() == []


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(st.data())
def test_a_torn_tail_is_cut_off_and_writing_goes_on(tmp_path: Path, data: st.DataObject):
    """A run may be killed inside any write, that of the heading too: whole entries stay, and what is appended then is not lost."""
    path = tmp_path / "of" / "a.pages"
    path.unlink(missing_ok=True)
    journal = _journal(tmp_path)
    ends = []
    for number in (1, 2, 3):
        journal.append({"page": number, "body": b"x" * number})
        ends.append(path.stat().st_size)
    kept = data.draw(st.integers(0, ends[-1]))
    path.write_bytes(path.read_bytes()[:kept])
    whole = [number for number, end in zip((1, 2, 3), ends, strict=True) if end <= kept]
    again = _journal(tmp_path)
    assert [entry["page"] for entry in again.entries()] == whole
    again.append({"page": 9})
    assert [entry["page"] for entry in _journal(tmp_path).entries()] == [*whole, 9]


def test_dying_before_an_entry_is_on_disk_loses_that_entry_only(tmp_path: Path):
    _journal(tmp_path).append({"page": 1})
    with pytest.raises(Killed):
        _journal(tmp_path, failpoint="journal.append:before").append({"page": 2})
    assert [entry["page"] for entry in _journal(tmp_path).entries()] == [1]


def test_discarding_twice_is_no_fault(tmp_path: Path):
    journal = _journal(tmp_path)
    journal.append({"page": 1})
    journal.discard()
    journal.discard()
    assert journal.entries() == []

import inspect

import pytest

from genesys_crm_assets.sources import errors
from genesys_crm_assets.sources.errors import Exchange, Permanent, RequestRejected, SourceError, Transient, quoted

LEAVES = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, SourceError)]


@pytest.mark.parametrize("kind", [kind for kind in LEAVES if kind not in {SourceError, Transient, Permanent}])
def test_every_error_is_on_one_side_of_the_first_fork_and_ends_with_a_remedy(kind: type[SourceError]):
    extra = {"permission": None} if kind is errors.PermissionMissing else {}
    error = kind("Something happened", **extra)
    assert issubclass(kind, Transient) != issubclass(kind, Permanent)
    assert str(error).endswith(f"{kind.remedy}.")
    assert kind.__name__ in errors.__doc__


def test_an_error_carries_its_exchange():
    at = Exchange("GET", "https://api.example.com/x", 400, "bad.request", "abc-1")
    error = RequestRejected("The request is refused", at=at, remedy="Ask otherwise")
    assert (error.method, error.url, error.status, error.code, error.correlation_id) == ("GET", at.url, 400, "bad.request", "abc-1")
    expected = "The request is refused (GET https://api.example.com/x → 400 bad.request, correlation id abc-1). Ask otherwise."
    assert str(error) == expected


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("no\n2026-11-20 ERROR forged", r"no\n2026-11-20 ERROR forged"),
        ("Bearer abc.def-1 refused", "(credentials) refused"),
        ('{"client_secret": "hunter2"}', '{"(credentials)"}'),
        ("write to anna@example.com", "write to (address)"),
        ("call +1 (317) 555-0100 now", "call (number) now"),
        ("x" * 400, "x" * 300 + "…"),
    ],
)
def test_a_vendors_words_are_quoted_in_one_short_line_without_secrets_or_people(told: str, kept: str):
    """F-69, F-80: messages end up in logs that many can read."""
    assert quoted(told) == kept

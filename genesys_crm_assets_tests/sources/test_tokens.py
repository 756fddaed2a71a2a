import threading

import pytest

from genesys_crm_assets.sources.errors import TokenRejected
from genesys_crm_assets.sources.tokens import Grant, Tokens, reveal
from genesys_crm_assets_tests.sources.scripted_time import Time


class Issuer:
    def __init__(self, expires_in: object) -> None:
        self.expires_in = expires_in
        self.calls = 0

    def __call__(self) -> Grant:
        self.calls += 1
        return Grant(f"token-{self.calls}", self.expires_in)


def tokens(issuer: Issuer, time: Time) -> Tokens:
    return Tokens(fetch=issuer, monotonic=time.monotonic, default_life_s=300)


@pytest.mark.shows("S2-8", "S2-9", "S0-43")
def test_a_token_is_kept_and_renewed_at_four_fifths_of_its_life():
    time, issuer = Time(), Issuer(1000)
    holder = tokens(issuer, time)
    assert holder.bearer() == "token-1"
    time.passed = 799.9
    assert holder.bearer() == "token-1"
    time.passed = 800.0
    assert holder.bearer() == "token-2"


@pytest.mark.shows("S2-9")
@pytest.mark.parametrize("skew", [-600, 600, 86_400])
def test_a_wall_clock_that_jumps_does_not_change_when(skew: int):
    """F-7."""
    time, issuer = Time(), Issuer(1000)
    holder = tokens(issuer, time)
    holder.bearer()
    time.skew = skew
    assert holder.bearer() == "token-1"


@pytest.mark.shows("S2-11")
@pytest.mark.parametrize("told", [None, 0, -5, "soon", "", True, [3600], "nan"])
def test_a_life_that_makes_no_sense_is_taken_for_a_short_one_and_never_for_none(told: object):
    """F-8: a token that is never good would be asked for in a loop."""
    time, issuer = Time(), Issuer(told)
    holder = tokens(issuer, time)
    for _ in range(100):
        holder.bearer()
    assert issuer.calls == 1
    time.passed = 240.0
    holder.bearer()
    assert issuer.calls == 2


def test_a_life_told_as_text_counts():
    time, issuer = Time(), Issuer("1000")
    holder = tokens(issuer, time)
    holder.bearer()
    time.passed = 799.0
    holder.bearer()
    assert issuer.calls == 1


@pytest.mark.shows("S0-44", "S2-10")
def test_threads_that_see_the_same_refusal_ask_for_one_token():
    """F-5: no thundering herd."""
    time, issuer = Time(), Issuer(1000)
    holder = tokens(issuer, time)
    holder.bearer()
    together, got = threading.Barrier(4), []

    def refused_then_good(token: str) -> str:
        if token == "token-1":
            together.wait(5)
            raise TokenRejected("no")
        return token

    threads = [threading.Thread(target=lambda: got.append(holder.spend(refused_then_good))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert got == ["token-2"] * 4
    assert issuer.calls == 2


def test_a_token_that_is_always_refused_costs_two_requests_for_tokens():
    """F-6: three failures lock an account."""
    issuer = Issuer(1000)
    holder = tokens(issuer, Time())

    def refused(_: str) -> str:
        raise TokenRejected("no")

    with pytest.raises(TokenRejected):
        holder.spend(refused)
    assert issuer.calls == 2


def test_a_secret_may_be_fetched_when_it_is_needed_and_a_grant_does_not_show_its_token():
    assert reveal(lambda: "from the vault") == "from the vault"
    assert "SECRET-CANARY" not in repr(Grant("SECRET-CANARY", 1))

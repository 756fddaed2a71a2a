"""The limit counts by token and minute."""

from genesys_crm_assets.sandbox.limiter import Limiter


def test_a_token_has_its_minute_and_then_another():
    seconds = [0.0]
    limiter = Limiter(3, lambda: seconds[0])
    assert [limiter.take("a").within for _ in range(4)] == [True, True, True, False]
    assert limiter.take("b").within
    seconds[0] = 20.0
    refused = limiter.take("a")
    assert (refused.within, refused.reset) == (False, 40)
    seconds[0] = 60.0
    assert limiter.take("a") == (True, 1, 60)

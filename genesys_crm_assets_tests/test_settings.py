"""Variables come in as text, are checked once, and go on typed."""

from datetime import date, datetime

import pytest

from genesys_crm_assets import mapping, settings
from genesys_crm_assets.lake.table import arrow_schema


def _row(**told: str) -> dict[str, object]:
    found = settings.row(lambda name: told.get(name, settings.DEFAULTS.get(name) or ""), mapping.read())
    assert found.schema == arrow_schema(settings.SETTINGS)
    (row,) = found.to_pylist()
    return dict(row)


def test_every_default_of_the_design_is_the_default():
    """§5.2, so that an org that sets nothing gets what the page promises."""
    row = _row()
    assert row["start_date"] == date(2026, 1, 1)
    assert (row["match_tolerance_minutes"], row["match_lookback_hours"], row["match_window_hours"]) == (15, 48, 24)
    assert row["match_rules"] == ["case_attribute", "created_with", "touched_with", "open_case", "lookback"]
    assert (row["reconciliation_tolerance"], row["max_null_crm_rate"], row["null_crm_policy"]) == (0.005, 0.3, "flag")
    assert (row["reporting_timezone"], row["fiscal_year_start_month"], row["default_phone_region"]) == ("UTC", 1, "US")
    assert (row["lookback_days"], row["rematch_days"], row["genesys_feed"]) == (3, 30, "conversation_jobs")
    assert (row["high_latency_periods"], row["sources_absent"], row["salesforce_url"]) == ([], [], None)
    others = {name: settings.DEFAULTS[name] for name in ("GENESYS_REQUESTS_PER_MINUTE", "GENESYS_MAX_CONCURRENT_REQUESTS")}
    assert others == {"GENESYS_REQUESTS_PER_MINUTE": "300", "GENESYS_MAX_CONCURRENT_REQUESTS": "15"}
    assert (settings.DEFAULTS["SALESFORCE_API_VERSION"], settings.DEFAULTS["SALESFORCE_REQUESTS_PER_MINUTE"]) == ("68.0", "100")


@pytest.mark.shows("S0-56")
def test_the_tolerance_is_a_setting():
    assert _row(MATCH_TOLERANCE_MINUTES="5")["match_tolerance_minutes"] == 5


def test_lists_and_periods_are_read_as_written():
    row = _row(
        MATCH_RULES="open_case, lookback",
        SOURCES_ABSENT=" adherence,,opportunities ",
        HIGH_LATENCY_PERIODS="2026-12-30/2027-01-03; 2027-03-01/2027-03-02;",
    )
    assert row["match_rules"] == ["open_case", "lookback"]
    assert row["sources_absent"] == ["adherence", "opportunities"]
    assert row["high_latency_periods"] == [
        {"start_at": datetime(2026, 12, 30), "end_at": datetime(2027, 1, 3)},  # noqa: DTZ001 - as DuckDB's timestamps are
        {"start_at": datetime(2027, 3, 1), "end_at": datetime(2027, 3, 2)},  # noqa: DTZ001 - likewise
    ]


def test_addresses_are_made_where_links_need_them():
    row = _row(GENESYS_REGION="mypurecloud.de", SALESFORCE_URL="https://acme.my.salesforce.com/")
    assert row["genesys_app_url"] == "https://apps.mypurecloud.de"
    assert row["salesforce_url"] == "https://acme.my.salesforce.com"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("START_DATE", "2026-02-30"),
        ("START_DATE", ""),
        ("MATCH_TOLERANCE_MINUTES", "fifteen"),
        ("MATCH_TOLERANCE_MINUTES", "-1"),
        ("MATCH_LOOKBACK_HOURS", "1.5"),
        ("MATCH_RULES", "open_case,guess"),
        ("MATCH_RULES", ""),
        ("NULL_CRM_POLICY", "shrug"),
        ("RECONCILIATION_TOLERANCE", "0.5 %"),
        ("RECONCILIATION_TOLERANCE", "5"),
        ("RECONCILIATION_TOLERANCE", "nan"),
        ("MAX_NULL_CRM_RATE", "-0.1"),
        ("REPORTING_TIMEZONE", "Mars/Olympus"),
        ("FISCAL_YEAR_START_MONTH", "13"),
        ("DEFAULT_PHONE_REGION", "XX"),
        ("HIGH_LATENCY_PERIODS", "2026-12-30"),
        ("HIGH_LATENCY_PERIODS", "2027-01-03/2026-12-30"),
        ("HIGH_LATENCY_PERIODS", "2026-12-30/2026-12-30"),
        ("HIGH_LATENCY_PERIODS", "2026-13-30/2027-01-03"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_its_variables_name(name: str, value: str):
    """The message names the variable and where it is explained, so that nobody has to read a traceback."""
    with pytest.raises(settings.SettingRefused, match=f"^{name} "):
        _row(**{name: value})


@pytest.mark.shows("S2-6")
def test_no_secret_is_among_the_settings_that_tables_see():
    assert {variable.name for variable in settings.VARIABLES if variable.secret} == {
        "GENESYS_CLIENT_SECRET",
        "SALESFORCE_CLIENT_SECRET",
        "SALESFORCE_REFRESH_TOKEN",
    }
    assert not [column.name for column in settings.SETTINGS.columns if "secret" in column.name or "token" in column.name]


def test_every_variable_says_what_it_means():
    assert all(variable.meaning.endswith(".") for variable in settings.VARIABLES)
    assert len({variable.name for variable in settings.VARIABLES}) == len(settings.VARIABLES)


@pytest.mark.parametrize(
    ("name", "value"), [("MATCH_WINDOW_HOURS", "169"), ("MATCH_TOLERANCE_MINUTES", "10081"), ("SOURCES_ABSENT", "casses")]
)
def test_what_linking_or_landing_cannot_honour_is_refused_by_name(name: str, value: str):
    """Field history is read for a week to either side; an unknown source would silently leave out nothing."""
    with pytest.raises(settings.SettingRefused, match=name):
        settings.row(lambda asked: {name: value}.get(asked) or settings.DEFAULTS.get(asked) or "", mapping.read())

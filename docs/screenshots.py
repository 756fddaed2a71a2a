"""Pictures of the real Dagster UI over the demo's lake, into docs/pictures (`make screenshots`, after `make demo`).

Starts `genesys-crm ui` on a free port, takes one picture per question a new reader asks, and stops it. Needs Debian's chromium, or CHROMIUM.
"""

# ruff: noqa: INP001, T201 - a script that tells what it wrote, not a package

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

from playwright.sync_api import Page, Playwright, sync_playwright
from playwright.sync_api import TimeoutError as NothingShown

HOME = Path(os.environ.get("DAGSTER_HOME") or Path(__file__).parents[1])
PICTURES = Path(__file__).parent / "pictures"
JOB = "/locations/genesys_crm_assets/jobs/materialise_day"
FACT = "/assets/fact_customer_interactions"

_PATIENCE_S = 120
_SETTLED_MS = 1500


@dataclass(frozen=True, slots=True)
class Picture:
    """One page as a reader meets it.

    Attributes:
        name: of the file.
        path: of the page.
        text: what stands there once it is loaded.
        size: of the window, in pixels.
        scale: of the picture to the window.
        kept: width and height of the part of the window that is kept, from its upper left corner; all of it where left out.
        steps: what is clicked before the picture is taken.
    """

    name: str
    path: str
    text: str
    size: tuple[int, int] = (1600, 1000)
    scale: float = 1.0
    kept: tuple[int, int] | None = None
    steps: Callable[[Page], None] | None = None


def pictures(yesterday: date) -> list[Picture]:
    """What flows where, one row of what, which days, did it add up, what failed, and what to press."""
    return [
        # Sixty assets with every layer open are wider than any screen: all of them folded into their layers, then one or two layers open at a time.
        Picture("layers", _graph(), "audit", (1150, 520), kept=(860, 400), steps=_close_tree),
        Picture("lineage", _graph("facts", "marts"), "escalation_by_tier", (2500, 2100), 2 / 3, kept=(2160, 2000), steps=_close_tree),
        Picture("lineage_dimensions", _graph("dimensions"), "dim_date", (2300, 1900), 2 / 3, kept=(2000, 1820), steps=_close_tree),
        Picture("lineage_raw", _graph("raw"), "raw_salesforce_cases", (2300, 2400), 2 / 3, kept=(2000, 2280), steps=_close_tree),
        Picture("lineage_staging", _graph("staging"), "staging_genesys_metrics", (2300, 2300), 2 / 3, kept=(2000, 2200), steps=_close_tree),
        Picture("lineage_audit", _graph("audit"), "data_status", (2300, 1500), 2 / 3, kept=(2000, 1220), steps=_close_tree),
        Picture("asset", FACT, "interaction_timestamp_utc", (1600, 1200)),
        Picture("plots", FACT, "Metadata", (1600, 900), steps=_show_plots),
        Picture("partitions", f"{FACT}?view=partitions&partition={yesterday}", "bytes", (1600, 700)),
        Picture("days", "/assets/data_status?view=events", "[Show Markdown]", (1900, 660), 1600 / 1900, steps=_show_rows),
        Picture(
            "checks",
            "/assets/reconciliation?view=checks&checkDetail=totals_agree_with_genesys",
            "largest_unexplained_variance",
            (1600, 800),
        ),
        Picture("runs", "/runs", "materialise_day", (1600, 420)),
        Picture("redo", JOB, "Materialize all", (1600, 950), steps=lambda page: _choose_day(page, yesterday)),
    ]


def _graph(*opened: str) -> str:
    return "/asset-groups" + ("?expanded=" + quote(",".join(f"global@global:{group}" for group in opened)) if opened else "")


def _close_tree(page: Page) -> None:
    page.get_by_placeholder("Jump to").locator("xpath=following::button[1]").click()


def _show_plots(page: Page) -> None:
    page.get_by_text("Plots", exact=True).first.click()
    page.get_by_text("bytes", exact=True).first.scroll_into_view_if_needed()
    page.mouse.wheel(0, 4000)


def _show_rows(page: Page) -> None:
    page.get_by_text("[Show Markdown]").first.click()
    page.get_by_text("is_reconciled").first.wait_for()


def _choose_day(page: Page, day: date) -> None:
    page.get_by_text("Materialize all").first.click()
    page.get_by_text("Partition selection").wait_for()
    chosen = page.get_by_role("dialog").get_by_role("textbox").first
    chosen.fill(day.isoformat())
    chosen.press("Enter")


def take(playwright: Playwright, url: str, picture: Picture) -> None:
    """Open the page in a fresh browser, wait until it stands still, and write the file."""
    executable = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
    width, height = picture.size
    context = browser.new_context(
        viewport={"width": width, "height": height}, device_scale_factor=picture.scale, color_scheme="light", timezone_id="UTC"
    )
    facets = json.dumps(["checks", "partitions"])
    context.add_init_script(f"localStorage.setItem('asset-node-facets', '{facets}'); localStorage.setItem('dagster-nav-collapsed', 'true')")
    page = context.new_page()
    page.goto(url + picture.path)
    page.get_by_text(picture.text).locator("visible=true").first.wait_for(timeout=_PATIENCE_S * 1000)
    _settle(page)
    if picture.steps is not None:
        picture.steps(page)
        _settle(page)
    wide, high = picture.kept or picture.size
    page.screenshot(path=PICTURES / f"{picture.name}.png", clip={"x": 0, "y": 0, "width": wide, "height": high})
    browser.close()


def _settle(page: Page) -> None:
    """Never wait for a quiet network: the UI polls. Wait for no spinner, then a moment."""
    for loading in ("Loading", "Loading…", re.compile("fetching statuses")):
        try:
            page.get_by_text(loading, exact=True).locator("visible=true").first.wait_for(state="hidden", timeout=10_000)
        except NothingShown:
            print(f"{page.url} still says {loading}")
    page.wait_for_timeout(_SETTLED_MS)


@contextmanager
def running_ui() -> Iterator[str]:
    """The address of `genesys-crm ui` on a free port; stopped afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "genesys_crm_assets.cli", "ui", "--port", str(port)]
    with subprocess.Popen(command, cwd=HOME, stdout=subprocess.DEVNULL) as process:  # noqa: S603 - a fixed command of this environment
        try:
            _wait_for(url, process)
            yield url
        finally:
            process.send_signal(signal.SIGTERM)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    began = time.monotonic()
    while time.monotonic() - began < _PATIENCE_S:
        if process.poll() is not None:
            sys.exit("the UI ended before it answered; run `make demo` first")
        try:
            with urlopen(f"{url}/server_info", timeout=5):  # noqa: S310 - the address made above
                return
        except URLError:
            time.sleep(0.5)
    sys.exit("the UI did not answer in time; look at what `make ui` says")


def main() -> None:
    """Take the pictures named on the command line, or all of them."""
    remembered = HOME / "data" / "demo.json"
    if not remembered.is_file():
        sys.exit("there is no demo yet; run `make demo` first")
    told = json.loads(remembered.read_text(encoding="utf-8"))
    wanted = pictures(date.fromisoformat(told["start"]) + timedelta(days=told["days"] - 1))
    PICTURES.mkdir(exist_ok=True)
    with running_ui() as url, sync_playwright() as playwright:
        for picture in wanted:
            if not sys.argv[1:] or picture.name in sys.argv[1:]:
                take(playwright, url, picture)
                print(f"docs/pictures/{picture.name}.png")


if __name__ == "__main__":
    main()

"""What a stranger reads first is true: variables, commands, tables, links and queries in the documentation exist and work."""

import ast
import importlib.util
import inspect
import re
import struct
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import typer.main

from genesys_crm_assets import catalogue, cli, mapping, marts, settings
from genesys_crm_assets.automation import jobs, schedules
from genesys_crm_assets.definitions import ROOMS, lake_of
from genesys_crm_assets.lake import errors as lake_errors
from genesys_crm_assets.sources import errors as source_errors

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
README, CONTRIBUTING, CHANGELOG, TROUBLE = (
    ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/troubleshooting.md")
)
WRITTEN_BY_HAND = (README, CONTRIBUTING, CHANGELOG, TROUBLE)
EXAMPLE = ROOT / ".env.example"

TABLES = {table.name for table, _ in catalogue.of(ROOMS).entries}
VARIABLES = {variable.name: variable for variable in settings.VARIABLES}
OF_MAKE_AND_DAGSTER = {"SEED", "START", "PER_DAY", "PYTHON", "CHROMIUM", "SEEDS", "DAGSTER_HOME"}
OF_TESTS = {"FAILPOINT"}
IN_THE_EXAMPLE = {"interactions_by_medium"}
TARGETS = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
SUBCOMMANDS = set(typer.main.get_group(cli.app).commands)

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def _code(page: Path) -> str:
    """What stands in backticks, inline or in blocks that are commands."""
    text = page.read_text(encoding="utf-8")
    inline = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return "\n".join([*_blocks(page, "sh"), *inline])


def _blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def _example() -> Iterator[tuple[str, str, str, bool]]:
    """Name, value, meaning and whether the line counts, of every variable in `.env.example`."""
    meaning: list[str] = []
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if found := re.fullmatch(r"(#?)([A-Z_]+)=(.*)", line):
            yield found[2], found[3], " ".join(meaning), not found[1]
        meaning = [*meaning, line[2:]] if line.startswith("# ") else []


def test_every_variable_stands_in_the_example_with_its_meaning_and_default():
    assert [entry[:3] for entry in _example()] == [(one.name, one.default or "", one.meaning) for one in settings.VARIABLES]


def test_only_what_must_be_filled_in_is_not_commented_out():
    """A default that is copied into `.env` would outlive its change here."""
    assert {name for name, _, _, counts in _example() if counts} == {
        one.name for one in settings.VARIABLES if one.default is None and one.name != "STATE_DIR"
    }


def test_no_secret_has_a_value_in_the_example():
    assert {value for name, value, _, _ in _example() if VARIABLES[name].secret} == {""}


def test_every_variable_that_the_code_reads_is_a_documented_one():
    asked = {
        node.args[0].value
        for path in (ROOT / "genesys_crm_assets").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] in {"text", "optional", "number", "place", "secret", "told"}
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and re.fullmatch(r"[A-Z]+(_[A-Z]+)+|CLOCK", str(node.args[0].value))
    }
    assert "GENESYS_REGION" in asked
    assert asked - OF_TESTS - {"DAGSTER_HOME"} <= set(VARIABLES)


@pytest.mark.parametrize("page", WRITTEN_BY_HAND, ids=lambda page: page.name)
def test_every_variable_a_page_names_exists(page: Path):
    named = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", _code(page)))
    assert named <= set(VARIABLES) | OF_MAKE_AND_DAGSTER


@each_page
def test_every_make_target_a_page_names_exists(page: Path):
    named = set(re.findall(r"\bmake ([a-z]+)", _code(page)))
    assert named <= TARGETS


def test_a_new_reader_is_told_the_commands_there_are():
    assert {"demo", "test", "ui", "check", "screenshots"} <= TARGETS
    told = _code(README) + _code(CONTRIBUTING) + _code(CHANGELOG)
    assert set(re.findall(r"\bmake ([a-z]+)", told)) >= {"demo", "test", "ui", "check", "screenshots"}
    assert set(re.findall(r"genesys-crm ([a-z]+)", told)) == SUBCOMMANDS


@each_page
def test_every_command_of_ours_a_page_names_exists(page: Path):
    assert set(re.findall(r"genesys-crm ([a-z]+)", _code(page))) <= SUBCOMMANDS


def test_the_readme_names_every_job_and_schedule():
    said = _code(README)
    assert [job.name for job in jobs.ALL if job.name not in said] == []
    assert [schedule.name for schedule in schedules.ALL if schedule.name not in said] == []


def test_every_command_says_what_it_does():
    for name, command in typer.main.get_group(cli.app).commands.items():
        assert command.help, name
    assert re.findall(r"^([a-z]+):(?!.*##)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE) == []


def test_the_readme_lists_every_table_in_its_layer():
    listed = re.findall(r"^\| (raw|staging|dimensions|facts|audit|marts) \| (.*) \|$", README.read_text(encoding="utf-8"), re.MULTILINE)
    found = {name: layer for layer, names in listed for name in re.findall(r"`(\w+)`", names)}
    assert found == {table.name: table.layer for table, _ in catalogue.of(ROOMS).entries}


def test_the_changelog_names_every_table():
    assert set(re.findall(r"`(\w+)`", CHANGELOG.read_text(encoding="utf-8"))) >= TABLES


@pytest.mark.parametrize("page", WRITTEN_BY_HAND, ids=lambda page: page.name)
def test_every_table_a_page_names_exists(page: Path):
    named = set(re.findall(r"\b(?:raw|staging|dim|fact|quarantine)_[a-z]+(?:_[a-z]+)*\b", _code(page)))
    named |= set(re.findall(r"\b(?:raw|staging|dimensions|facts|audit|marts)\.(?!sql\b|py\b)([a-z]\w+)", _code(page)))
    assert named - IN_THE_EXAMPLE <= TABLES


def test_the_queries_of_the_readme_run_on_an_empty_lake(tmp_path: Path):
    """And so name tables and columns that exist."""
    queries = _blocks(README, "sql")
    assert len(queries) == 4
    told = {"LAKE_URL": str(tmp_path / "lake"), "WAREHOUSE_PATH": str(tmp_path / "w.duckdb"), "STATE_DIR": str(tmp_path / "state")}
    warehouse = lake_of(told).warehouse()
    warehouse.refresh()
    with warehouse.open() as reader:
        for query in [*queries, "select table_name, column_name, comment from duckdb_columns()"]:
            reader.execute(query).fetchall()


@each_page
def test_every_relative_link_leads_somewhere(page: Path):
    links = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL))
    for link in links:
        if not re.match(r"[a-z]+:", link):
            place, _, anchor = link.partition("#")
            target = (page.parent / place) if place else page
            assert target.exists(), link
            assert not anchor or anchor in _anchors(target), link


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(
    "page", [*PAGES, EXAMPLE, *(ROOT / name for name in ("Makefile", "docs/screenshots.py", "dagster.yaml"))], ids=lambda page: page.name
)
def test_no_page_names_a_machine_or_a_registry(page: Path):
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w.])/(work|home|root|Users|tmp|mnt)/", text)
    assert not re.search(r"(?<!emit-)index-url|files\.pythonhosted|pypi\.org|artifactory|nexus", text)


def test_the_lock_files_name_no_index():
    for lock in ROOT.glob("requirements*.lock"):
        assert not re.search(r"https?://|--index-url", lock.read_text(encoding="utf-8")), lock.name


def _leaves(module: ModuleType, root: type[Exception]) -> set[str]:
    found = [one for _, one in inspect.getmembers(module, inspect.isclass) if issubclass(one, root)]
    forks = {"Transient", "Permanent", "TransientLakeError", "PermanentLakeError", root.__name__}
    return {one.__name__ for one in found} - forks


def test_every_error_has_its_line_in_troubleshooting():
    named = set(re.findall(r"^\| `(\w+)` \|", TROUBLE.read_text(encoding="utf-8"), re.MULTILINE))
    assert named == {
        *_leaves(source_errors, source_errors.SourceError),
        *_leaves(lake_errors, lake_errors.LakeError),
        settings.SettingRefused.__name__,
        mapping.MappingRefused.__name__,
    }


def test_pictures_are_small_enough_to_be_read_on_the_way():
    pictures = sorted((ROOT / "docs" / "pictures").glob("*.png"))
    assert pictures
    for picture in pictures:
        data = picture.read_bytes()
        assert len(data) < 400_000, picture.name
        assert struct.unpack(">I", data[16:20])[0] <= 1600, picture.name


def test_no_picture_is_left_out():
    """A picture nobody links is one nobody looks at when it is out of date."""
    linked = set(re.findall(r"docs/pictures/(\w+)\.png", README.read_text(encoding="utf-8")))
    assert linked == {picture.stem for picture in (ROOT / "docs" / "pictures").glob("*.png")}


def test_contributing_fits_on_two_pages():
    assert len(CONTRIBUTING.read_text(encoding="utf-8").split()) <= 1000


def test_the_example_of_a_table_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What is copied from the page is a view, and its own test passes."""
    blocks = [*_blocks(CONTRIBUTING, "sql"), *_blocks(CONTRIBUTING, "python")]
    files = [tmp_path / re.split(r"[ /]", block.partition("\n")[0])[-1] for block in blocks]
    for file, block in zip(files, blocks, strict=True):
        file.write_text(block, encoding="utf-8")
    monkeypatch.setattr(marts, "interactions_by_medium", _imported(files[1]), raising=False)
    asked = [value for name, value in vars(_imported(files[2])).items() if name.startswith("test_")]
    assert len(asked) == 1
    asked[0]()


def _imported(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_supported_versions_are_those_of_the_distribution():
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    assert wanted == ">=3.11,<3.14"
    assert "Python 3.11 to 3.13" in README.read_text(encoding="utf-8")

"""The law of the house, as far as it can be read from its files: who imports whom, how long things are, and what is not done anywhere."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "genesys_crm_assets"
TESTS = ROOT / "genesys_crm_assets_tests"
EXCEPTIONS = ROOT / "docs" / "exceptions.toml"

MODULE, FUNCTION, ASSET_BODY, DEFINITIONS, SQL = 400, 60, 15, 60, 150
AT_MOST = 5
NO_NOUN = {"utils", "util", "helpers", "helper", "common", "base", "misc", "lib"}
# Written apart, so that this file does not find itself.
MARKS = ("TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK", "NotImplemented" + "Error")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def _modules(root: Path) -> tuple[tuple[Path, ast.Module], ...]:
    return tuple((path, ast.parse(path.read_text(encoding="utf-8"))) for path in sorted(root.rglob("*.py")))


def _called(node: ast.AST) -> str:
    return ast.unparse(node.func if isinstance(node, ast.Call) else node)


def _functions(tree: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def _lines(statements: list[ast.stmt]) -> int:
    return (statements[-1].end_lineno or 0) - statements[0].lineno + 1 if statements else 0


def _is_asset(function: Function) -> bool:
    return any(re.search(r"\basset$|\bmulti_asset$", _called(decorator)) for decorator in function.decorator_list)


def _body(function: Function) -> list[ast.stmt]:
    return function.body[1:] if ast.get_docstring(function) else function.body


def _across() -> Iterator[str]:
    """What crosses a red line: `path` or `path:function`."""
    for root in (PACKAGE, TESTS):
        for path, tree in _modules(root):
            name = path.relative_to(ROOT).as_posix()
            length = len(path.read_text(encoding="utf-8").splitlines())
            if length > (DEFINITIONS if name == "genesys_crm_assets/definitions.py" else MODULE):
                yield name
            for function in _functions(tree):
                too_long = (function.end_lineno or 0) - function.lineno + 1 > FUNCTION
                if too_long or (_is_asset(function) and _lines(_body(function)) > ASSET_BODY):
                    yield f"{name}:{function.name}"
        for path in sorted(root.rglob("*.sql")):
            if len(path.read_text(encoding="utf-8").splitlines()) > SQL:
                yield path.relative_to(ROOT).as_posix()


def _calls(*names: str) -> set[str]:
    """The modules of the package that name one of these, at import or in a body."""
    wanted = re.compile("|".join(rf"(^|\.){re.escape(name)}$" for name in names))
    return {
        path.relative_to(PACKAGE).as_posix()
        for path, tree in _modules(PACKAGE)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute | ast.Name) and wanted.search(ast.unparse(node))
    }


def test_the_import_contracts_hold():
    """Data flows one way; the two libraries have never heard of Dagster; only `cli` imports the sandbox (setup.cfg)."""
    linter = Path(sys.executable).with_name("lint-imports")
    ended = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own tool
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_what_crosses_a_red_line_is_listed_with_its_reason():
    """At most five, each in `docs/exceptions.toml`; one that no longer crosses leaves the list."""
    listed = tomllib.loads(EXCEPTIONS.read_text(encoding="utf-8")).get("exception", [])
    assert {one["what"] for one in listed} == set(_across())
    assert all(one["reason"].strip().endswith(".") for one in listed)
    assert len(listed) <= AT_MOST


@pytest.mark.parametrize("root", [PACKAGE, TESTS], ids=lambda root: root.name)
def test_no_room_is_named_for_nothing(root: Path):
    """A module without a noun collects what nobody understood."""
    assert [path for path in root.rglob("*") if path.stem in NO_NOUN] == []


def test_nothing_is_left_for_later():
    files = [path for root in (PACKAGE, TESTS) for path in root.rglob("*") if path.suffix in (".py", ".sql", ".toml")]
    found = [f"{path.relative_to(ROOT)}: {mark}" for path in files for mark in MARKS if re.search(rf"\b{mark}\b", path.read_text("utf-8"))]
    assert found == []


@pytest.mark.shows("S0-17")
def test_time_is_a_parameter_of_every_query():
    """A body that asks the engine what time it is builds another table tomorrow."""
    clock = re.compile(
        r"\b(current_(date|time|timestamp)|localtime(stamp)?|get_current_\w+|transaction_timestamp)\b|\b(now|today)\s*\(", re.IGNORECASE
    )
    files = [path.relative_to(ROOT).as_posix() for path in PACKAGE.rglob("*.sql") if clock.search(path.read_text(encoding="utf-8"))]
    strings = [
        f"{path.relative_to(ROOT)}: {node.value[:60]}"
        for path, tree in _modules(PACKAGE)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.search(r"\bselect\b.*\b(current_timestamp|now\(\))", node.value)
    ]
    assert files + strings == []


def test_the_environment_is_read_in_three_places_only():
    """The seam, the command line, and the one variable that shapes the calendar."""
    assert _calls("os.environ", "os.getenv", "os.environb", "os.putenv") <= {"resources.py", "cli.py", "partitions.py"}
    assert _calls("dg.EnvVar", "EnvVar") <= {"resources.py"}


def test_the_wall_clock_is_read_where_it_is_handed_out_only():
    """Everywhere else it is an argument, so that a test can hold it still."""
    asks = _calls("datetime.now", "datetime.utcnow", "date.today", "datetime.today", "time.time")
    assert asks <= {"resources.py", "cli.py", "sandbox/server.py"}, asks


def test_a_silenced_rule_says_which_and_why():
    """`# noqa` or `# type: ignore` without code and reason hides more than it was meant to."""
    bare = re.compile(r"#\s*noqa\b(?!: [A-Z]+\d+(, [A-Z]+\d+)* [-—] \S)|#\s*type:\s*ignore(?!\[[\w, -]+\]\s+# \S)")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for root in (PACKAGE, TESTS)
        for path in root.rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if path != Path(__file__) and bare.search(line)
    ]
    assert found == []


def test_sql_stands_in_files_as_it_is_run():
    """No template, no second statement: what stands in the file is what runs."""
    for path in PACKAGE.rglob("*.sql"):
        text = path.read_text(encoding="utf-8")
        assert text.strip(), path
        assert ";" not in re.sub(r"'[^']*'|--[^\n]*", "", text), path
        assert not re.search(r"\{\{|\{%|\$\{", text), path
        assert re.search(r"\bselect\b|\bfrom\b", text, re.IGNORECASE), path


@pytest.mark.shows("S0-38", "S2-16")
def test_no_query_asks_a_vendor_for_everything():
    """Explicit columns: no star and no FIELDS(ALL) in what is sent."""
    for path, tree in _modules(PACKAGE / "sources"):
        said = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | Function)}
        sent = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in said
        ]
        assert [text for text in sent if re.search(r"FIELDS\(|SELECT\s+\*", text)] == [], path


@pytest.mark.shows("S0-40")
def test_no_record_of_an_org_stands_in_the_code():
    """An id is another one in a sandbox and in production. The sandbox makes its ids and knows none either."""
    record_id = re.compile(r"(?<![A-Za-z0-9])(001|003|005|006|00D|500|a0R)(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{12}([A-Z0-5]{3})?(?![A-Za-z0-9])")
    files = [path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".sql", ".toml")]
    assert record_id.search("where owner_id = '005Wy0000012345AAA'")
    assert [path.relative_to(ROOT).as_posix() for path in files if record_id.search(path.read_text(encoding="utf-8"))] == []


def test_tests_replace_nothing_of_ours():
    """Tests talk to vendors that are there; what is patched is not what runs."""
    banned = re.compile(r"\b(unittest\.mock|MagicMock|mock\.patch|mocker)\b")
    assert [path for path, _ in _modules(TESTS) if path != Path(__file__) and banned.search(path.read_text(encoding="utf-8"))] == []

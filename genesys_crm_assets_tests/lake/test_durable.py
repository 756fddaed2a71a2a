"""The named durable steps: each can be died in, and none is armed by itself."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import genesys_crm_assets
from genesys_crm_assets.lake.durable import STEPS, Failpoints


class Killed(BaseException):
    """Stands for SIGKILL."""


def _die() -> None:
    raise Killed


def test_nothing_happens_unless_armed():
    failpoints = Failpoints()
    for step in STEPS:
        with failpoints.step(step):
            pass


def test_the_third_time_is_the_third_time():
    failpoints = Failpoints("object.rename:before:3", _die)
    for _ in range(2):
        with failpoints.step("object.rename"):
            pass
    with pytest.raises(Killed):
        failpoints.step("object.rename").__enter__()


def test_after_means_that_the_step_is_done():
    done = []
    with pytest.raises(Killed), Failpoints("journal.append:after", _die).step("journal.append"):
        done.append("appended")
    assert done == ["appended"]


def test_dying_is_sigkill():
    """Nothing is tidied up on the way out: `finally` does not run."""
    script = (
        "from genesys_crm_assets.lake.durable import Failpoints\n"
        "try:\n"
        "    Failpoints('object.rename:before').step('object.rename').__enter__()\n"
        "finally:\n"
        "    print('tidied up')\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)  # noqa: S603 - our own interpreter
    assert ended.returncode == -9
    assert ended.stdout == ""


def test_every_step_that_is_named_can_be_died_in():
    """A step that the list does not name would never be killed by the crash tests; one that nobody takes would be killed in vain."""
    root = Path(genesys_crm_assets.__file__).parent
    taken = set()
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "step":
                taken |= {argument.value for argument in node.args if isinstance(argument, ast.Constant)}
            if isinstance(node, ast.keyword | ast.arg) and (node.arg == "step"):
                value = getattr(node, "value", None)
                taken |= {value.value} if isinstance(value, ast.Constant) else set()
            if isinstance(node, ast.FunctionDef):
                named = {argument.arg: default for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)}
                if isinstance(named.get("step"), ast.Constant):
                    taken.add(named["step"].value)  # type: ignore[union-attr]  # it is a constant
    assert taken == set(STEPS)

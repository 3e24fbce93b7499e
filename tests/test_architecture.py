"""Who may import whom, and what no file may hold."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "chatops"
SOURCES = sorted(PACKAGE.rglob("*.py"))
OF_PRODUCTS = ("platforms", "sandbox")
"""The rooms in which a product may be asked for by its name; everywhere else a platform is one."""


def test_import_rules_hold() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_product_is_named_outside_its_own_rooms() -> None:
    neutral = [p for p in SOURCES if p.relative_to(PACKAGE).parts[0] not in OF_PRODUCTS]
    found = []
    for path in neutral:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare):
                text = ast.unparse(node).lower()
                if re.search(r"mattermost|rocket", text):
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno}: {text}")
    assert not found, found
    engine = [p for p in neutral if p.relative_to(PACKAGE).parts[0] == "core"]
    named = [
        str(p.relative_to(ROOT))
        for p in engine
        if re.search(r"mattermost|rocket\.?chat", p.read_text(encoding="utf-8"), re.I)
    ]
    assert not named, named


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_is_a_room_one_can_see_through(path: Path) -> None:
    assert path.name not in ("utils.py", "helpers.py", "manager.py", "misc.py")
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= 450, f"{lines} lines: split it"


def test_no_program_that_is_started_gets_all_of_the_environment() -> None:
    """In it stand the secrets that a person gave this command, and no other."""
    found = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("subprocess."):
                told = {word.arg for word in node.keywords}
                if not told & {"env"}:
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not found, found


def test_no_file_tells_of_a_machine() -> None:
    done = subprocess.run(
        ["git", "grep", "-nIE", r"(^|[^A-Za-z0-9_.])/(work|farm|root)/", "--", "."],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [x for x in done.stdout.splitlines() if not x.startswith("tests/test_architecture.py")]
    assert not lines, lines

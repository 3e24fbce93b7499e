"""The JSON Schema, held to files that are good and to all that are not."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from chatops.core.checks import RULES
from chatops.deploy.company import load_company
from chatops.environments import override_file
from chatops.errors import SpecError
from chatops.spec import load
from chatops.spec.language import EXAMPLE, every_key
from chatops.spec.schema import Part
from chatops.verbs_file import schema_text
from tests.cli.conftest import run

ROOT = Path(__file__).parents[2]
ERRORS = ROOT / "tests" / "errors"

SEEN = frozenset(
    {
        *("address", "choice", "clock", "colour", "days", "duration", "email", "format", "hours"),
        *("language-version", "length", "missing-key", "one-line", "plain-secret", "platform"),
        *("range", "removals", "size", "slug", "unknown-key", "url", "wrong-type"),
    }
)
"""What the schema sees of what `validate` does. The others want YAML itself, another file, two
places at once, or the meaning behind a name."""

BLIND = {
    "control-character": "text of several lines may hold anything, as far as a schema knows",
    "days": "that a day is said twice takes more than a pattern",
    "hours--night": "which of two times is later takes more than a pattern",
    "duplicate-user": "what stands behind `from` moves the numbers of those after it",
    "wrong-type--octal": "what we refuse as octal is a number like any other in YAML 1.2",
    "wrong-type--whole-number": "to JSON Schema 2.0 is a whole number",
}
"""Broken files in which it does not see all of that."""


def validator(part: Part) -> Any:
    schema = json.loads(schema_text(part))
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


COMPANY = validator(Part.COMPANY)


def faults(data: Any, of: Any = COMPANY) -> list[tuple[tuple[str | int, ...], str]]:
    return [(tuple(e.absolute_path), e.message) for e in of.iter_errors(data)]


def parts(path: str) -> tuple[str | int, ...]:
    """teams[0].name → ("teams", 0, "name")."""
    found = re.findall(r"\[(\d+)\]|([^.\[\]]+)", path)
    return tuple(int(number) if number else word for number, word in found)


@pytest.mark.parametrize("path", [ROOT / "examples/nordlys/company.yaml", EXAMPLE])
def test_good_files_pass(path: Path) -> None:
    assert faults(yaml.safe_load(path.read_text(encoding="utf-8"))) == []


def wrong(name: str) -> list[tuple[tuple[str | int, ...], str]]:
    """The places at which a broken file is wrong in a way that the schema can see."""
    try:
        load_company(Path(f"{name}.yaml"))
    except SpecError as error:
        return [
            (parts(f.path), f.rule)
            for f in error.findings
            if f.rule in SEEN and f.place.file == f"{name}.yaml"
        ]
    return []


def readable(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        return None


CASES = sorted(
    p.stem for p in ERRORS.glob("*.yaml") if isinstance(readable(p), dict) and p.stem not in BLIND
)


@pytest.mark.parametrize("name", CASES)
def test_broken_files_are_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ERRORS)
    data = readable(Path(f"{name}.yaml"))
    found = [path for path, _ in faults(data)]
    for path, rule in wrong(name):
        near = any(
            (path[: len(f)] == f or f[: len(path)] == path) and len(f) >= len(path) - 2
            for f in found
        )
        assert near, (rule, path, found)


def test_what_it_sees_is_what_we_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ERRORS)
    seen = {rule for name in CASES for _, rule in wrong(name)}
    assert set(RULES) >= SEEN
    assert seen <= SEEN
    assert SEEN - seen == {"days"}
    assert all((ERRORS / f"{name}.yaml").exists() for name in BLIND)


@pytest.mark.parametrize("key", [k for k in every_key().values() if k.path != "users[].from"])
def test_every_key_is_there_with_what_an_editor_shows(key: Any) -> None:
    node = COMPANY.schema
    for part in key.path.split("."):
        node = node["properties"][part.removesuffix("[]")]
        assert node["description"]
        if part.endswith("[]"):
            node = node["items"]
            node = node["anyOf"][0] if "anyOf" in node else node
    if not key.below:
        assert "examples" in node or "enum" in node
    if key.choices and not key.listed:
        assert node["enum"] == ([1] if key.path == "version" else list(key.choices))


def test_an_included_file_wants_nothing() -> None:
    included = validator(Part.INCLUDED)
    assert faults({"teams": [{"name": "it"}]}, included) == []
    assert faults({"team": []}, included) != []
    assert faults({"teams": [{"nam": "it"}]}, included) != []
    assert faults({"teams": [{"name": "it"}]}) != []


@pytest.mark.parametrize(
    ("override", "sound"),
    [
        ({"smtp": None, "chat": {"url": "https://staging.acme.example"}}, True),
        ({"users": {"bo": None, "ida": {"title": "Tester"}}}, True),
        ({"teams": {"ops": {"channels": {"wages": None, "dispatch": {"topic": "x"}}}}}, True),
        ({"users": [{"from": "few.csv"}], "teams": []}, True),
        ({"users": [{"name": "Ida"}]}, False),
        ({"users": {"ida": {"titel": "x"}}}, False),
        ({"include": ["x.yaml"]}, False),
        ({"policy": {"unsupported": "maybe"}}, False),
    ],
)
def test_overrides(override: dict[str, Any], sound: bool, tmp_path: Path) -> None:
    assert (faults(override, validator(Part.OVERRIDE)) == []) is sound
    base = (
        "version: 1\ncompany: {name: Acme}\nchat: {platform: mattermost}\nsmtp: {host: x}\n"
        "users: [{username: ida}, {username: bo}]\n"
        "teams: [{name: ops, channels: [{name: dispatch}, {name: wages}]}]\n"
    )
    folder = tmp_path / "inventories/x"
    folder.mkdir(parents=True)
    (folder / "few.csv").write_text("username\nt\n")
    (tmp_path / "company.yaml").write_text(base)
    (folder / "override.yaml").write_text(yaml.safe_dump(override))
    try:
        load(tmp_path / "company.yaml", override_file("x", tmp_path / "company.yaml"))
    except SpecError:
        assert not sound
    else:
        assert sound


def test_on_the_command_line(tmp_path: Path) -> None:
    shutil.copy(ROOT / "examples/nordlys/company.yaml", tmp_path)
    done = run(tmp_path, "schema", "-o", "company.schema.json")
    assert (done.code, done.out) == (0, "")
    text = (tmp_path / "company.schema.json").read_text(encoding="utf-8")
    assert text == schema_text(Part.COMPANY) == run(tmp_path, "schema").out
    assert run(tmp_path, "schema", "nothing").code == 2

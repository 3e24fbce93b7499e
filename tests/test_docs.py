"""What README.md, AGENTS.md and docs/reference say is so."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from chatops import cli, errors
from chatops.platforms.base import Release
from chatops.platforms.registry import platforms
from chatops.spec.models import Spec
from tests.cli.conftest import run

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "reference"
README = (ROOT / "README.md").read_text(encoding="utf-8")
AGENTS = (ROOT / "AGENTS.md").read_text(encoding="utf-8")


def page(name: str) -> str:
    return (PAGES / f"{name}.md").read_text(encoding="utf-8")


def section(text: str, title: str) -> str:
    """What stands under a heading of the second order."""
    _, found, rest = text.partition(f"\n## {title}\n")
    assert found, f"no {title}"
    return rest.partition("\n## ")[0]


def generate(*words: str) -> subprocess.CompletedProcess[str]:
    words = (sys.executable, "-W", "error", str(ROOT / "docs" / "generate.py"), *words)
    return subprocess.run(words, capture_output=True, text=True, check=False)


# --- the pages ------------------------------------------------------------------------------


def test_the_pages_are_fresh() -> None:
    done = generate("--check")
    assert done.returncode == 0, done.stderr


def test_stale_missing_and_left_over_pages_are_named(tmp_path: Path) -> None:
    where = ("--into", str(tmp_path))
    assert generate(*where).returncode == 0
    assert generate("--check", *where).returncode == 0
    with (tmp_path / "keys.md").open("a", encoding="utf-8") as file:
        file.write("more\n")
    (tmp_path / "verbs.md").unlink()
    (tmp_path / "gone.md").touch()
    done = generate("--check", *where)
    assert done.returncode == 1
    named = re.findall(r"stale: .*/(\S+)", done.stderr)
    assert named == ["gone.md", "keys.md", "verbs.md"]


def leaves(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    yield name, command
    for word, below in getattr(command, "commands", {}).items():
        yield from leaves(below, f"{name} {word}")


COMMANDS = dict(leaves(typer.main.get_command(cli.app), "chatops"))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_verb_is_documented_with_its_options(name: str) -> None:
    told = section(page("verbs"), f"`{name}`")
    for param in COMMANDS[name].params:
        words = param.opts if param.param_type_name == "option" else [param.metavar.strip("[]")]
        for word in words:
            assert re.search(rf"^\|.*`{re.escape(word)}[` ]", told, re.M), word


def spec_keys(schema: dict[str, Any], part: dict[str, Any], path: str = "") -> Iterator[str]:
    """The keys as pydantic tells them to others: another way than that of the generator."""
    for choice in (part, *part.get("anyOf", ())):
        if "$ref" in choice:
            yield from spec_keys(schema, schema["$defs"][choice["$ref"].split("/")[-1]], path)
        if "items" in choice:
            yield from spec_keys(schema, choice["items"], path + "[]")
    for key, below in part.get("properties", {}).items():
        here = f"{path}.{key}" if path else key
        yield here
        yield from spec_keys(schema, below, here)


def test_every_key_is_documented() -> None:
    schema = Spec.model_json_schema()
    keys = [*spec_keys(schema, schema)]
    assert {"smtp.from", "teams[].channels[].topic"} < set(keys)
    built = page("keys")
    assert [key for key in keys if f"\n| `{key}` |" not in built] == []


def test_every_exit_code_is_documented_as_it_is() -> None:
    for name in errors.__all__:
        error = getattr(errors, name)
        if issubclass(error, errors.ChatopsError):
            assert re.search(rf"^\| {error.exit_code} \|.*`{name}`", page("exit-codes"), re.M), name
            in_readme = README.partition("Exit codes:")[2].partition(".\n")[0]
            assert re.search(rf"(?<!\d){error.exit_code} [a-z]", in_readme), name


def test_everything_a_platform_does_not_simply_hold_is_documented() -> None:
    for platform in platforms().values():
        version = tuple(map(int, platform.default_version.split(".")))
        usual = platform.facts(Release(version=version, edition=platform.default_edition))
        told = section(page("support"), usual.label)
        for edition in usual.editions:
            facts = platform.facts(Release(version=version, edition=edition))
            for feature, cell in facts.support.items():
                assert f"| `{feature}` | {cell.can} | {cell.note}" in told, feature


# --- the commands in README.md and AGENTS.md ------------------------------------------------


def console(text: str) -> list[str]:
    """The command lines of console blocks, with their comments."""
    blocks = re.findall(r"^```console\n(.*?)^```", text, re.M | re.S)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def mentioned(text: str) -> list[list[str]]:
    """All commands of ours: in console blocks, and as code in sentences."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    found = [*console(text), *re.findall(r"`([^`]+)`", prose)]
    split = [shlex.split(line, comments=True) for line in found]
    return [x for x in split if x and (x[0] == "chatops" or x[0].startswith("scripts/"))]


@cache
def options_of(script: str) -> str:
    """The text that names what a script takes."""
    texts = [(ROOT / script).read_text(encoding="utf-8")]
    if script == "scripts/docs":
        texts.append(generate("--help").stdout)
    if script == "scripts/test":
        words = (sys.executable, "-m", "pytest", "--help")
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
        texts.append(done.stdout)
    return "\n".join(texts)


def look_at(words: list[str]) -> None:
    """Fail unless there is such a command, with such words."""
    name, *rest = words
    if name != "chatops":
        assert (ROOT / name).stat().st_mode & 0o100, f"{name} cannot be run"
        before = ""
        for word in rest:
            known = re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", options_of(name))
            assert known or before == "-k" or (ROOT / word).exists(), f"{name} knows no {word}"
            before = word
        return
    while rest and f"{name} {rest[0]}" in COMMANDS:
        name += f" {rest.pop(0)}"
    command = COMMANDS[name]
    if hasattr(command, "commands"):
        assert not rest or rest[0] in [o for p in command.params for o in p.opts], words
        return
    try:
        command.make_context(name, rest)
    except Exception as error:
        # A sentence may name a verb without all that it needs.
        if type(error).__name__ != "MissingParameter":
            raise AssertionError(f"{shlex.join(words)}: {error}") from error


@pytest.mark.parametrize(
    "line", sorted({shlex.join(w) for w in mentioned(README) + mentioned(AGENTS)})
)
def test_a_command_in_the_texts_exists(line: str) -> None:
    look_at(shlex.split(line))


@pytest.mark.parametrize(
    "line",
    [
        "chatops plann",
        "chatops plan --outt x",
        "chatops show p.json q.json",
        "chatops sandbox halt",
        "scripts/nothing",
        "scripts/demo slack",
        "scripts/test --no-such-option",
    ],
)
def test_a_command_that_does_not_exist_would_be_found(line: str) -> None:
    with pytest.raises((AssertionError, FileNotFoundError)):
        look_at(shlex.split(line))


def test_an_option_in_a_sentence_exists() -> None:
    there = {o for c in COMMANDS.values() for p in c.params for o in p.opts}
    named = set(re.findall(r"`(--[\w-]+)", README + AGENTS))
    assert named
    assert named <= there


def test_the_readmes_links_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README + AGENTS)
    assert len(links) > 5
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "nordlys"
    example = ROOT / "examples" / "nordlys"
    shutil.copytree(example, folder, ignore=shutil.ignore_patterns(".chatops", "build"))
    yield folder
    run(folder, "sandbox", "stop")


def test_every_day(company: Path) -> None:
    """The README's block of that name, line by line, as somebody would who has just read it."""
    block = section(README, "Every day")
    commands: list[list[str]] = []
    for line in (x for x in console(block) if x.startswith("chatops ")):
        words = shlex.split(line, comments=True)[1:]
        commands.append(words)
        # `chatops sandbox stop  # also start, status, reset`
        also = re.search(r"# also ([\w, ]+)", line)
        others = also[1].split(", ") if also else []
        commands += [[*words[:-1], other] for other in others]
    named = {" ".join(w[:2]) if w[0] == "sandbox" else w[0] for w in commands}
    assert {"validate", "deploy", "plan", "apply", "sandbox stop", "sandbox start"} <= named
    assert {"sandbox status", "sandbox reset"} <= named

    drift = re.search(r"(--expect-no-changes)\s.*exit (\d) when there is drift", block)
    assert drift, block
    for words in commands:
        # These two ask, and here is nobody to answer.
        asks = words == ["deploy"] or words[-1] == "reset"
        done = run(company, *words, *(["--yes"] if asks else []))
        assert done.code == 0, (words, done.err)
        if drift[1] in words:
            change(company)
            assert run(company, *words).code == int(drift[2])
            saved = next(w for w in commands if w[0] == "apply")
            assert run(company, *saved).code == 5, "a stale plan"
    assert run(company, "sandbox", "status").out.strip().endswith("does not run")


def change(company: Path) -> None:
    path = company / "company.yaml"
    text = path.read_text(encoding="utf-8")
    changed = re.sub(r"(?m)^(\s*topic: ).*$", r"\1another one", text, count=1)
    assert changed != text
    path.write_text(changed, encoding="utf-8")

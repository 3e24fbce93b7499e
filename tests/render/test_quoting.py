"""Text stays a value, whatever it is: asked of the programs that read it."""

import json
import subprocess
from pathlib import Path

import pytest
import yaml as pyyaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatops.deploy.render.quoting import UnquotableError, bare, compose, dotenv, js, pasted, yaml
from tests.render import programs

NASTY = "\"'\\$`{}%#\n\t:;,!&*?|>[]<=~ \x7f\x85\u2028\ufeff\u202eé😀"
texts = st.text(st.one_of(st.sampled_from(NASTY), st.characters(exclude_categories=["Cs"])))
lines = texts.map(lambda t: t.replace("\0", "").replace("\r", ""))
few = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@given(texts)
def test_yaml(text: str) -> None:
    assert pyyaml.safe_load(f"a: {yaml(text)}\n") == {"a": text}


@given(texts)
def test_json_also_inside_a_script(text: str) -> None:
    assert json.loads(js(text)) == text
    assert "</" not in js(text)
    assert js(text).isascii()


@few
@given(st.lists(lines, max_size=40))
def test_environment_in_a_compose_file(tmp_path: Path, values: list[str]) -> None:
    body = "".join(f"      V{i}: {compose(v)}\n" for i, v in enumerate(values))
    assert _environment(tmp_path, f"environment:\n      A: b\n{body}") == {
        "A": "b",
        **{f"V{i}": v for i, v in enumerate(values)},
    }


@few
@given(st.lists(lines, max_size=40))
def test_an_environment_file(tmp_path: Path, values: list[str]) -> None:
    text = "".join(dotenv(f"V{i}", v) for i, v in enumerate(values))
    (tmp_path / "secrets.env").write_text(text, encoding="utf-8", newline="")
    assert _environment(tmp_path, "env_file: [secrets.env]\n") == {
        f"V{i}": v for i, v in enumerate(values)
    }


def _environment(folder: Path, body: str) -> dict[str, str]:
    """What a container would get: compose doubles each `$` of what it prints."""
    (folder / "compose.yaml").write_text(
        f"services:\n  a:\n    image: x\n    {body}", encoding="utf-8", newline=""
    )
    command = [*programs.compose(), "-f", "compose.yaml", "config", "--format", "json"]
    done = json.loads(programs.run(*command, folder=folder))
    found = done["services"]["a"].get("environment") or {}
    return {k: (v or "").replace("$$", "$") for k, v in found.items()}


@pytest.mark.parametrize("value", ["\0", "a\rb"])
def test_what_an_environment_file_cannot_hold_is_refused(value: str) -> None:
    with pytest.raises(UnquotableError):
        dotenv("A", value)


def test_the_name_of_a_variable_is_one() -> None:
    for name in ("", "A B", "A=B", "1A", "A\n"):
        with pytest.raises(UnquotableError):
            dotenv(name, "x")


LANGUAGES = {
    "lua": (["-"], 'io.write("%s")'),
    "node": (["-"], 'process.stdout.write("%s")'),
}


@few
@given(texts)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_may_be_pasted_is_a_value_in_every_language(language: str, text: str) -> None:
    try:
        value = pasted(text)
    except UnquotableError:
        return
    arguments, program = LANGUAGES[language]
    done = programs.run(programs.program(language), *arguments, text=program % value)
    assert done == value


@pytest.mark.parametrize("value", ['"', "\\", "\n", "a, b", " a", "a ", "$x", "{{x}}", "<", "é"])
def test_what_may_not_be_pasted(value: str) -> None:
    with pytest.raises(UnquotableError) as caught:
        pasted(value)
    assert value not in str(caught.value) or len(value) < 3


@few
@given(st.text(st.characters(codec="ascii"), min_size=1, max_size=12))
def test_a_bare_word_is_one_word_in_a_caddyfile(tmp_path: Path, text: str) -> None:
    try:
        word = bare(text)
    except UnquotableError:
        return
    file = tmp_path / "Caddyfile"
    file.write_text(f":80 {{\n\theader X-Word {word}\n}}\n")
    caddy = programs.program("caddy")
    adapted = json.loads(programs.run(caddy, "adapt", "--config", str(file)))
    assert f'"X-Word": ["{word}"]' in json.dumps(adapted)


def test_a_bare_word_in_a_shell() -> None:
    word = "".join(chr(c) for c in range(33, 127) if _is_bare(chr(c)))
    done = subprocess.run(["sh", "-c", f"printf %s {word}"], capture_output=True, text=True)
    assert done.stdout == word


def _is_bare(text: str) -> bool:
    try:
        bare(text)
    except UnquotableError:
        return False
    return text != "~"

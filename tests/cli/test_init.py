"""`chatops init`: what it writes is sound, tidy, and becomes a chat."""

import os
import pty
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.beginning import Answers, first_files, wrong
from chatops.platforms.registry import platforms
from chatops.spec import load
from chatops.spec.formatting import formatted
from tests.cli.conftest import clean_env, run

IGNORED = ".chatops/\nbuild/\nplan.json\n*.plan.json\n"


@pytest.mark.parametrize("platform", sorted(platforms()))
def test_it_becomes_a_chat(platform: str, tmp_path: Path) -> None:
    words = ("--yes", "--admin", "ida", "--platform", platform, "--people", "--name", "Acme: Ltd")
    done = run(tmp_path, "init", *words)
    assert done.code == 0, done.err
    assert done.out.splitlines() == [
        "company.yaml",
        "company.schema.json",
        "people.csv",
        ".gitignore",
    ]
    assert (tmp_path / ".gitignore").read_text() == IGNORED
    sound = run(tmp_path, "validate")
    assert (sound.code, sound.err) == (0, "")
    assert run(tmp_path, "fmt", "--check").code == 0
    try:
        assert run(tmp_path, "deploy", "--yes").code == 0
        assert run(tmp_path, "plan", "--expect-no-changes").code == 0
    finally:
        run(tmp_path, "sandbox", "stop")


def test_a_server_becomes_an_environment(tmp_path: Path) -> None:
    words = ("--yes", "--admin", "ida", "--name", "Acme", "--server", "http://127.0.0.1:1")
    done = run(tmp_path, "init", *words)
    assert done.code == 0
    assert "chatops plan --env production" in done.err
    assert "chatops import live --server http://127.0.0.1:1, in an empty folder" in done.err
    assert "deploy" not in done.err
    assert run(tmp_path, "validate", "--env", "production").code == 0
    done = run(tmp_path, "plan", "--env", "production")
    assert (done.code, "CHATOPS_TOKEN" in done.err) == (1, True)


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.log\nbuild/")
    (tmp_path / "company.yaml").write_text("mine\n")
    done = run(tmp_path, "init", "--yes", "--admin", "ida")
    assert (done.code, done.out) == (2, "")
    assert "company.yaml is there already, and is not written over" in done.err
    (tmp_path / "company.yaml").unlink()
    (tmp_path / "company.schema.json").write_text("mine\n")
    assert run(tmp_path, "init", "--yes", "--admin", "ida").code == 2
    assert not (tmp_path / "company.yaml").exists()
    (tmp_path / "company.schema.json").unlink()
    assert run(tmp_path, "init", "--yes", "--admin", "ida", "--name", "A").code == 0
    assert (tmp_path / ".gitignore").read_text() == (
        "*.log\nbuild/\n.chatops/\nplan.json\n*.plan.json\n"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "nobody is at the terminal to answer, and --name, --domain, --platform, --admin is"),
        (("--yes",), "--yes asks nothing, so it wants --admin"),
        (("--yes", "--admin", "Ida Holm"), "--admin: Ida Holm a name is made of the letters"),
        (("--yes", "--admin", "ida", "--platform", "slack"), "--platform: slack is none of matt"),
        (("--yes", "--admin", "ida", "--domain", "x y"), "--domain: x y is not the name of a dom"),
        (("--yes", "--admin", "ida", "--server", "chat"), "--server: chat not an address"),
        (("--yes", "--admin", "i" * 70), "too long: 64 characters at most"),
        (("--yes", "--admin", "ida", "--name", "x" * 31), "--name: too long for Mattermost"),
        (("--yes", "--admin", "ida", "--admin-email", "x"), "--admin-email: x not an e-mail addr"),
    ],
)
def test_what_makes_no_sense(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    done = run(tmp_path, "init", *words)
    assert done.code == 2
    assert said in done.err
    assert list(tmp_path.iterdir()) == []


def test_questions(tmp_path: Path) -> None:
    """Somebody at a terminal, who answers wrongly first."""
    controller, terminal = pty.openpty()
    answers = ["Åse Transport", "", "slack", "rocketchat", "Åse!", "aase"]
    with subprocess.Popen(
        [sys.executable, "-m", "chatops", "init"],
        cwd=tmp_path,
        env={**clean_env(), "TERM": "dumb"},
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=terminal,
    ) as process:
        os.close(terminal)
        os.write(controller, "".join(f"{a}\n" for a in answers).encode())
        talk = b""
        while True:
            try:
                piece = os.read(controller, 4096)
            except OSError:
                break
            talk += piece
            if not piece:
                break
        assert process.wait(60) == 0, talk.decode()
    os.close(controller)
    said = " ".join(talk.decode().split())
    assert "What is the company called?" in said
    assert "Its internet domain? [aase-transport.example]" in said
    assert "slack is none of mattermost, rocketchat" in said
    assert "Åse! a name is made of the letters a-z" in said
    spec = load(tmp_path / "company.yaml").spec
    assert (spec.company.name, spec.company.domain) == ("Åse Transport", "aase-transport.example")
    assert (spec.chat.platform, spec.users[0].username) == ("rocketchat", "aase")


@settings(deadline=None, max_examples=60, database=None)
@given(st.text(min_size=1, max_size=40), st.text(max_size=20))
def test_any_name(name: str, admin_name: str) -> None:
    if wrong("name", name) or (admin_name and wrong("admin_name", admin_name)):
        return
    answers = Answers(
        name=name,
        domain="acme.example",
        platform="mattermost",
        admin="ida",
        admin_name=admin_name,
    )
    text = first_files(answers, "company.yaml", "{}")["company.yaml"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "company.yaml"
        path.write_text(text, encoding="utf-8")
        loaded = load(path)
    assert loaded.spec.company.name == name
    assert formatted(text) == text

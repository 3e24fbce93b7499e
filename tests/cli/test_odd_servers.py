"""Servers that answer what no product does: said in one line, and never a fault of ours."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from chatops.errors import ChatopsError
from chatops.ui import Ui
from tests.cli.conftest import Done, clean_env, run
from tests.cli.odd import odd_server

HEAD = "version: 1\ncompany: {name: Acme}\nchat: {platform: %s}\n"
GREETING = {"Version": "11.7.0", "BuildEnterpriseReady": "false"}
HOSTILE = "\x1b[2J\n::error::pwn\r\n##[error]pwn"
ENV = {
    "CHATOPS_USERNAME": "boss",
    "CHATOPS_PASSWORD": "Cli-admin-password-1!",
    "GITHUB_ACTIONS": "true",
}


def plan(folder: Path, product: str, url: str, *words: str) -> Done:
    (folder / "company.yaml").write_text(HEAD % product)
    return run(folder, "plan", "--server", url, *words, env=ENV)


def no_commands(done: Done) -> None:
    """No line is one that GitHub would obey, nor moves a cursor."""
    for line in (done.out + done.err).split("\n"):
        assert not line.lstrip().startswith(("::", "##["))
    assert "\x1b" not in done.out + done.err


@pytest.mark.parametrize("words", [(), ("--debug",)])
def test_what_a_server_says_begins_no_line(tmp_path: Path, words: tuple[str, ...]) -> None:
    answers = {
        "/api/v4/config/client": (200, GREETING),
        "/api/v4/users/login": (200, {}),
        "/api/v4/users/me": (400, {"id": "odd", "message": HOSTILE}),
    }
    with odd_server(answers) as url:
        done = plan(tmp_path, "mattermost", url, *words)
    assert done.code == 1
    assert "error: \\u001b[2J\\u000a::error::pwn\\u000d\\u000a##[error]pwn\n" in done.err
    no_commands(done)


def test_lines_of_a_program_are_no_commands(capsys: pytest.CaptureFixture[str]) -> None:
    ui = Ui()
    ui.error(ChatopsError("it failed:", hint="a\n::b", lines=["::error::pwn", "disk is\nfull"]))
    ui.say("left out: a\n::error::pwn")
    ui.warn("a\n::error::pwn")
    assert capsys.readouterr().err == (
        "error: it failed:\n"
        "  | ::error::pwn\n"
        "  disk is\\u000afull\n"
        "hint: a\\u000a::b\n"
        "left out: a\\u000a::error::pwn\n"
        "warning: a\\u000a::error::pwn\n"
    )
    as_json = Ui(as_json=True)
    as_json.error(ChatopsError("it failed:", lines=["one", "two"]))
    told = json.loads(capsys.readouterr().out)["error"]
    assert told["message"] == "it failed:\n  one\n  two"


MATTERMOST = {
    "/api/v4/config/client": (200, GREETING | {"BuildEnterpriseReady": "true"}),
    "/api/v4/users/login": (200, {}),
    "/api/v4/users/me": (200, {"id": "a" * 26, "username": "boss", "roles": "system_admin"}),
    "/api/v4/limits/server": (200, {}),
    "/api/v4/license/client": (200, {}),
    "/api/v4/config": (200, {}),
    "/api/v4/plugins": (200, {"active": [], "inactive": []}),
    "/api/v4/teams": (200, []),
    "/api/v4/users": (200, []),
}
ROCKETCHAT = {
    "/api/info": (200, {"version": "8.9", "success": True}),
    "/api/v1/login": (
        200,
        {"status": "success", "data": {"authToken": "t", "userId": "u", "me": {}}},
    ),
}
BOMB = b"[" * 200_000


@pytest.mark.parametrize(
    ("product", "path", "body", "message"),
    [
        ("mattermost", "/api/v4/config/client", BOMB, "answered what no chat server does"),
        ("mattermost", "/api/v4/users/me", BOMB, "answered what no chat server does"),
        ("mattermost", "/api/v4/config/client", {"version": 5}, "not a Mattermost server"),
        ("mattermost", "/api/v4/license/client", [1], "no server of mattermost does"),
        (
            "mattermost",
            "/api/v4/users/me",
            {"username": "boss"},
            "(the account and the release): it lacks `roles`",
        ),
        ("mattermost", "/api/v4/limits/server", [1], "no server of mattermost does"),
        ("mattermost", "/api/v4/teams", [{"id": "x"}], "(team, read): it lacks `"),
        ("mattermost", "/api/v4/users", [{"id": "x"}], "(user, read): it lacks `"),
        ("rocketchat", "/api/info", {"info": 7}, "no server of rocketchat does"),
        ("rocketchat", "/api/info", BOMB, "answered what no chat server does"),
        ("rocketchat", "/api/v1/login", BOMB, "answered what no chat server does"),
        ("rocketchat", "/api/v1/login", {"data": {}}, "it lacks `authToken`"),
        ("rocketchat", "/api/v1/login", {"data": [5]}, "no server of rocketchat does"),
    ],
)
def test_what_no_product_answers_is_no_fault_of_ours(
    tmp_path: Path, product: str, path: str, body: object, message: str
) -> None:
    usual = MATTERMOST if product == "mattermost" else ROCKETCHAT
    with odd_server({path: (200, body), **{k: v for k, v in usual.items() if k != path}}) as url:
        done = plan(tmp_path, product, url)
    assert done.code == 1
    assert "a fault of chatops" not in done.err
    assert url in done.err
    assert message in done.err
    assert "hint: " in done.err
    assert len(done.err) < 1_000


def test_debug_shows_where_an_answer_was_not_understood(tmp_path: Path) -> None:
    with odd_server({**MATTERMOST, "/api/v4/users/me": (200, {"username": "boss"})}) as url:
        (tmp_path / "company.yaml").write_text(HEAD % "mattermost")
        done = subprocess.run(
            [sys.executable, "-m", "chatops", "plan", "--debug", "--server", url],
            cwd=tmp_path,
            env=clean_env() | ENV,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 1
    assert "  | KeyError: 'roles'\n" in done.stderr


def test_half_a_letter_is_shown_as_what_it_is(tmp_path: Path) -> None:
    greeting = b'{"Version": "11.7.0 \\ud800", "BuildEnterpriseReady": "false"}'
    name = b'{"id": "a", "username": "bo\\ud800ss", "roles": "system_user"}'
    answers = {
        "/api/v4/config/client": (200, greeting),
        "/api/v4/users/login": (200, {}),
        "/api/v4/users/me": (200, name),
    }
    with odd_server(answers) as url:
        done = plan(tmp_path, "mattermost", url, "--json")
    assert "a fault of chatops" not in done.err + done.out


def _shell(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", command, "-", sys.executable],
        cwd=folder,
        env=clean_env(),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("words", ["plan", "plan --json", "plan --markdown", "--version", "--help"])
@pytest.mark.parametrize(
    ("where", "why"), [("> /dev/full", "No space left on device"), (">&-", "Bad file descriptor")]
)
def test_an_output_that_cannot_be_written(tmp_path: Path, words: str, where: str, why: str) -> None:
    (tmp_path / "company.yaml").write_text(HEAD % "mattermost")
    done = _shell(tmp_path, f'"$1" -m chatops {words} {where}')
    assert done.returncode == 1, done.stderr
    assert f"error: the output cannot be written: {why}\n" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_errors_where_nothing_can_be_written(tmp_path: Path) -> None:
    for where in ("> /dev/full", ">&-"):
        done = _shell(tmp_path, f'"$1" -m chatops plan --json {where}')
        assert done.returncode == 2
        assert "error: there is no company file company.yaml\n" in done.stderr
        assert "Exception ignored" not in done.stderr
    (tmp_path / "company.yaml").write_text(HEAD % "mattermost")
    done = _shell(tmp_path, '"$1" -m chatops plan 2>&- <&-')
    assert done.returncode == 0
    assert "Plan: " in done.stdout

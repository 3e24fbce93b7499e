"""Servers that answer what no product does: said in one line, and never a fault of ours."""

import json
from pathlib import Path

import pytest

from chatops.errors import ChatopsError
from chatops.ui import Ui
from tests.cli.conftest import Done, run
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

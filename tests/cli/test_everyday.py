"""The everyday way through the verbs: validate, plan, show, apply, again."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from chatops import __version__
from chatops.platforms.registry import platforms
from chatops.sandbox import Fault
from tests.cli.conftest import COMPANY, PASSWORD, Done, Place, clean_env, run

BOTH = pytest.mark.parametrize("place", sorted(platforms()), indirect=True)


@BOTH
def test_plan_apply_and_again(place: Place) -> None:
    first = place.server("plan")
    assert first.code == 0, first.err
    assert "  + channel crew/dispatch" in first.out
    assert "company.yaml:13" in first.out
    assert re.search(r"Plan: 8 to create, \d+ to update", first.out), first.out
    done = place.server("apply", "--yes")
    assert done.code == 0, done.err
    assert re.search(r"\d+ done in \d", done.out)
    assert "✓ channel crew/dispatch" in done.err
    again = place.server("apply", "--yes")
    assert again.code == 0
    assert "no changes" in again.out


def test_a_saved_plan_does_exactly_that(place: Place) -> None:
    saved = place.server("plan", "-o", "p.json")
    shown = place.chatops("show", "p.json")
    assert shown.out == saved.out
    body = json.loads((place.folder / "p.json").read_text())
    assert body["summary"]["create"] == 8
    strange = place.chatops("apply", "p.json")
    assert strange.code == 2  # an address in a file gets no credential
    assert "say --server again" in strange.err
    done = place.server("apply", "p.json")
    assert done.code == 0, done.err
    assert place.server("plan", "--expect-no-changes").code == 0


def test_a_stale_plan_is_refused(place: Place) -> None:
    place.server("plan", "-o", "p.json")
    assert place.server("apply", "--yes", "--only", "user:ann").code == 0
    stale = place.server("apply", "p.json")
    assert stale.code == 5
    assert "p.json is stale" in stale.err
    assert "hint:" in stale.err


def test_a_plan_for_another_file_is_stale_too(place: Place) -> None:
    place.server("plan", "-o", "p.json")
    place.write((COMPANY % "mattermost").replace("On duty: 112", "On duty: 113"))
    assert place.server("apply", "p.json").code == 5


def test_expect_no_changes(place: Place) -> None:
    assert place.server("plan", "--expect-no-changes").code == 4
    place.server("apply", "--yes")
    assert place.server("plan", "--expect-no-changes").code == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("plan", "--json", "--nope"), "No such option: --nope"),
        (("plan", "--json", "--parallelism", "0"), "'--parallelism'"),
        (("plan", "--parallelism", "many", "--json"), "'--parallelism'"),
        (("show", "--json"), "Missing argument"),
        (("nothing", "--json"), "No such command"),
    ],
)
def test_wrong_usage_is_json_too(
    chatops: Callable[..., Done], words: tuple[str, ...], message: str
) -> None:
    done = chatops(*words)
    assert (done.code, done.err) == (2, "")
    told = json.loads(done.out)["error"]
    assert message in told["message"]
    assert told["hint"].startswith("`chatops")
    assert told["exit_code"] == 2
    plain = chatops(*(word for word in words if word != "--json"))
    assert (plain.code, plain.out) == (2, "")
    assert "Usage:" in plain.err
    assert chatops("show", "--", "--json").err.startswith("error: cannot read the plan --json")


def test_nobody_to_ask_is_a_no(place: Place) -> None:
    asked = place.server("apply")
    assert asked.code == 5
    assert "--yes" in asked.err
    assert "8 to create" in asked.out
    assert place.server("plan", "--expect-no-changes").code == 4


def test_only(place: Place) -> None:
    some = place.server("plan", "--only", "user:a*")
    assert "user ann" in some.out
    assert "ben" not in some.out
    assert "Plan: 1 to create" in some.out


def test_json(place: Place) -> None:
    plan = json.loads(place.server("plan", "--json").out)
    assert {c["kind"] for c in plan["changes"]} >= {"user", "team", "channel"}
    assert len(plan["digest"]) == 64
    done = json.loads(place.server("apply", "--yes", "--json").out)
    assert done["summary"] == {"done": len(done["events"])}
    assert json.loads(place.server("plan", "--json").out)["changes"] == []
    wrong = place.chatops("validate", "-f", "nothing.yaml", "--json")
    assert json.loads(wrong.out)["error"]["exit_code"] == wrong.code == 2
    sound = json.loads(place.chatops("validate", "--json").out)
    assert sound["errors"] == 0


def test_the_text_is_the_same_with_and_without_colour(place: Place) -> None:
    plain = place.server("plan", env={"NO_COLOR": "1"})
    colour = place.server("plan", env={"FORCE_COLOR": "1"})
    assert "\x1b[" in colour.out
    assert re.sub(r"\x1b\[[0-9;]*m", "", colour.out) == plain.out
    assert "\x1b" not in place.server("plan").out


def test_version_and_help(place: Place) -> None:
    assert place.chatops("--version").out == f"chatops {__version__}\n"
    assert "validate" in place.chatops("--help").out
    assert place.chatops("plan", "--nonsense").code == 2
    assert place.chatops("no-such-verb").code == 2


def test_completion(place: Place) -> None:
    words = place.chatops(
        env={
            "_CHATOPS_COMPLETE": "complete_bash",
            "COMP_WORDS": "chatops pla",
            "COMP_CWORD": "1",
        }
    )
    assert "plan" in words.out.split()


def test_what_failed_and_what_was_blocked_is_said_and_the_next_run_finishes(place: Place) -> None:
    place.sandbox.faults.add(Fault(method="POST", path="/api/v4/teams", status=500, times=99))
    broken = place.server("apply", "--yes")
    assert broken.code == 1
    assert "✗ team crew" in broken.err
    assert "blocked by team crew" in broken.err
    assert re.search(r"\d+ done, 1 failed, \d+ blocked", broken.out)
    assert "hint:" in broken.err
    place.sandbox.faults.clear()
    assert place.server("apply", "--yes").code == 0
    assert place.server("plan", "--expect-no-changes").code == 0


def test_ctrl_c_finishes_what_is_under_way_and_says_what_is_done(place: Place) -> None:
    place.sandbox.faults.add(
        Fault(method="POST", path="/api/v4/users", kind="slow", seconds=3, times=2)
    )
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "chatops", "apply", "--yes", "--parallelism", "1"),
            *("--server", place.sandbox.url),
        ],
        cwd=place.folder,
        env={**clean_env(), **place.env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not place.sandbox.faults.fired and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "not started" in out + err
    assert "Traceback" not in err
    assert "1 done" in out or "done" in out
    place.sandbox.faults.clear()
    assert place.server("apply", "--yes").code == 0


def test_the_debug_log_tells_calls_and_no_secret(place: Place) -> None:
    done = place.server("plan", "--debug")
    assert "GET /users" in done.err
    assert PASSWORD not in done.err


def test_unreachable_wrong_password_and_no_credential(place: Place) -> None:
    away = place.chatops("plan", "--server", "http://127.0.0.1:9")
    assert away.code == 1
    assert "no answer from http://127.0.0.1:9" in away.err
    wrong = place.server("plan", env={"CHATOPS_PASSWORD": "wrong-password-xyz"})
    assert wrong.code == 1
    assert "wrong-password-xyz" not in wrong.err
    assert "hint:" in wrong.err
    empty = {"CHATOPS_USERNAME": "", "CHATOPS_PASSWORD": ""}
    nobody = place.server("plan", env=empty)
    assert nobody.code == 1
    assert "CHATOPS_TOKEN" in nobody.err


def test_first_passwords_are_for_the_admins_eyes(place: Place) -> None:
    place.server("apply", "--yes")
    path = place.private("first-passwords.csv")
    assert path.stat().st_mode & 0o777 == 0o600
    rows = path.read_text().splitlines()
    assert rows[0] == "username,email,password"
    assert [r.split(",")[0] for r in rows[1:]] == ["ann", "ben"]
    assert path.parent.stat().st_mode & 0o077 == 0


def test_two_runs_at_once_do_not_meet(place: Place) -> None:
    place.sandbox.faults.add(
        Fault(method="POST", path="/api/v4/users", kind="slow", seconds=4, times=1)
    )
    first = subprocess.Popen(
        [sys.executable, "-m", "chatops", "apply", "--yes", "--server", place.sandbox.url],
        cwd=place.folder,
        env={**clean_env(), **place.env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not place.sandbox.faults.fired and time.monotonic() < deadline:
        time.sleep(0.05)
    second = place.server("apply", "--yes")
    assert second.code == 5
    assert "another run is at work" in second.err
    assert first.wait(60) == 0


def test_a_touched_plan_is_refused_also_in_what_it_allows(place: Place) -> None:
    place.server("plan", "-o", "p.json")
    path = place.folder / "p.json"
    path.write_text(path.read_text().replace('"allow_removals": false', '"allow_removals": true'))
    done = place.server("apply", "p.json")
    assert done.code == 2
    assert "was changed after it was saved" in done.err
    place.server("plan", "-o", "p.json")
    path.write_text(path.read_text().replace('"refusals": []', '"refusals": ["be careful"]'))
    for verb in ("show", "apply"):
        done = place.chatops(verb, "p.json")
        assert done.code == 2
        assert "was changed after it was saved" in done.err


def test_a_line_break_behind_a_token_is_no_part_of_it(place: Place) -> None:
    env = {"CHATOPS_TOKEN": "canary-token-98765\n", "CHATOPS_USERNAME": "", "CHATOPS_PASSWORD": ""}
    done = place.server("plan", "--debug", env=env)
    assert done.code == 1
    assert "canary" not in done.out + done.err
    env["CHATOPS_TOKEN"] = "canary-€-token-98765"
    odd = place.server("plan", "--debug", env=env)
    assert odd.code == 1
    assert "characters that cannot be sent" in odd.err
    assert "canary" not in odd.out + odd.err


def test_first_passwords_stay_out_of_git(place: Place) -> None:
    place.server("apply", "--yes")
    assert (place.folder / ".chatops" / ".gitignore").read_text() == "*\n"
    assert (place.folder / ".chatops").stat().st_mode & 0o077 == 0


def test_a_reader_that_leaves_changes_no_exit_code(place: Place) -> None:
    place.sandbox.faults.add(Fault(method="POST", path="/api/v4/teams", status=500, times=99))
    for words in (
        ["plan", "--expect-no-changes"],
        ["apply", "--yes"],
        ["apply", "--yes", "--json"],
    ):
        process = subprocess.Popen(
            [sys.executable, "-m", "chatops", *words, "--server", place.sandbox.url],
            cwd=place.folder,
            env={**clean_env(), **place.env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        process.stdout.close()
        err = process.stderr.read() if process.stderr else ""
        assert process.wait(60) == (4 if words[0] == "plan" else 1), err
        assert "Traceback" not in err
        if process.stderr:
            process.stderr.close()


def test_a_servers_text_moves_no_cursor(place: Place) -> None:
    place.server("apply", "--yes")
    # Nobody can write such a text into the file, but anybody into the chat.
    api = f"{place.sandbox.url}/api/v4"
    who = {"login_id": "boss", "password": place.env["CHATOPS_PASSWORD"]}
    token = requests.post(f"{api}/users/login", json=who, timeout=10).headers["Token"]
    told = {"Authorization": f"Bearer {token}"}
    rows = requests.get(f"{api}/channels", headers=told, timeout=10).json()
    ident = next(row["id"] for row in rows if row["name"] == "dispatch")
    text = {"header": "a\u202eb\x1b[2J"}
    path = f"{api}/channels/{ident}/patch"
    assert requests.put(path, json=text, headers=told, timeout=10).status_code == 200
    shown = place.server("plan")
    assert "topic:" in shown.out
    assert not set(shown.out) & {"\u202e", "\x1b"}


def test_a_sandbox_can_be_stopped_while_its_file_is_broken(tmp_path: Path) -> None:
    (tmp_path / "company.yaml").write_text(COMPANY % "mattermost", encoding="utf-8")
    assert run(tmp_path, "sandbox", "start").code == 0
    (tmp_path / "company.yaml").write_text("version: 1\nteams: {", encoding="utf-8")
    assert run(tmp_path, "deploy", "--yes").code == 3
    assert "runs at http://127.0.0.1" in run(tmp_path, "sandbox", "status").out
    stopped = run(tmp_path, "sandbox", "stop")
    assert (stopped.code, stopped.out) == (0, "the mattermost sandbox is stopped; its data stays\n")
    assert run(tmp_path, "sandbox", "reset", "--yes").code == 3


@BOTH
def test_a_person_in_a_csv_gets_another_name(place: Place) -> None:
    place.write(
        (place.folder / "company.yaml")
        .read_text(encoding="utf-8")
        .replace("users:\n", "users:\n  - from: people.csv\n")
    )
    place.write("username,email,teams\nmia,mia@acme.example,crew\n", "people.csv")
    assert place.server("apply", "--yes").code == 0
    head = "username,email,teams,renamed_from\n"
    place.write(f"{head}maria,mia@acme.example,crew,mia\n", "people.csv")
    planned = place.server("plan")
    assert "~ user maria  renamed from mia  people.csv:2" in planned.out
    done = place.server("apply", "--yes")
    assert done.code == 0, done.err
    assert place.server("plan", "--expect-no-changes").code == 0


def test_one_is_told_as_one_and_a_refusal_tells_no_more(place: Place) -> None:
    assert place.server("apply", "--yes").code == 0
    text = (place.folder / "company.yaml").read_text(encoding="utf-8")
    place.write(text.replace("On duty: 112", "On duty: 113"))
    done = place.server("plan", "--expect-no-changes")
    assert (done.code, done.err.splitlines()[-1]) == (4, "error: 1 change is pending")
    for words in (("plan",), ("plan", "--markdown")):
        done = place.server(*words, "--only", "channel:foo")
        assert done.code == 5
        assert "--only channel:foo names nothing" in done.out
        assert "no changes" not in done.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("schema", "foo"), "'foo' is not one of 'company', 'included', 'override'."),
        (("sandbox", "start", "--port", "99999"), "65535 is the most"),
        (("plan", "--parallelism", "0"), "1 is the least"),
        (("plan", "--parallelism", "x"), "a whole number is wanted"),
    ],
)
def test_a_wrong_option_is_told_in_plain_words(
    words: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    done = run(tmp_path, *words)
    assert done.code == 2
    assert done.err.rstrip().endswith(f": {said}"), done.err
    assert "Input should" not in done.err


def test_no_company_file_leads_to_one(tmp_path: Path) -> None:
    done = run(tmp_path, "validate")
    assert (done.code, "`chatops init` writes a first one" in done.err) == (2, True)

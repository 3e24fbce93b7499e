"""`chatops secret`: names and places for anybody, values for whoever asks for one at a terminal."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Done, Place, clean_env, run

COMPANY = """\
version: 1
company: {name: Acme}
chat: {platform: mattermost}
policy: {unsupported: note}
smtp: {host: mail.acme.example, username: chat, password: vault:smtp-password}
"""
VALUE = "canary-value-417"
ENVIRONMENT = """\
target: server
url: http://127.0.0.1:1
credential: {token: vault:admin-token}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "company.yaml").write_text(COMPANY, encoding="utf-8")
    prod = tmp_path / "inventories" / "prod"
    prod.mkdir(parents=True)
    (prod / "environment.yaml").write_text(ENVIRONMENT, encoding="utf-8")
    return tmp_path


def secret(folder: Path, *words: str, feed: str | None = None, **env: str) -> Done:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "chatops", "secret", *words],
        cwd=folder,
        env={**clean_env(), **env},
        input=feed if feed is not None else "",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


def put(folder: Path, name: str, value: str = VALUE, *words: str) -> None:
    done = secret(folder, "set", name, *words, feed=value)
    assert done.code == 0, done.err


def at_a_terminal(folder: Path, *words: str, typed: str = "") -> tuple[int, str]:
    """The command as a person runs it: what the terminal shows."""
    main, other = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "chatops", "secret", *words],
        cwd=folder,
        env={**clean_env(), "TERM": "dumb"},
        stdin=other,
        stdout=other,
        stderr=other,
        start_new_session=True,
        close_fds=True,
    )
    os.close(other)
    seen = b""
    lines = typed.encode().splitlines(keepends=True)
    while True:
        if lines and seen.count(b": ") > len(typed.splitlines()) - len(lines):
            os.write(main, lines.pop(0))
        try:
            seen += os.read(main, 1000)
        except OSError:
            break
    os.close(main)
    return process.wait(60), seen.decode()


# --- set and get ----------------------------------------------------------------------------


def test_a_secret_from_a_pipe_is_kept_and_found(folder: Path) -> None:
    done = secret(folder, "set", "smtp-password", feed=VALUE + "\n")
    assert done.code == 0
    assert done.out == "kept smtp-password for every environment in vault.yaml\n"
    assert VALUE not in done.err
    assert "keep a copy of the password" in done.err
    assert VALUE.encode() not in (folder / "vault.yaml").read_bytes()
    got = secret(folder, "get", "smtp-password", "--pipe")
    assert (got.code, got.out) == (0, VALUE + "\n")


def test_a_secret_of_many_lines_stays_as_it_is(folder: Path) -> None:
    text = "-----BEGIN CERTIFICATE-----\nMIIB ünïcode\n-----END CERTIFICATE-----"
    put(folder, "certificate", text + "\n")
    assert secret(folder, "get", "certificate", "--pipe").out == text + "\n"


def test_a_person_is_asked_and_nothing_is_shown_but_what_she_asks_for(folder: Path) -> None:
    code, seen = at_a_terminal(folder, "set", "smtp-password", typed=f"{VALUE}\n{VALUE}\n")
    assert code == 0, seen
    assert VALUE not in seen
    code, seen = at_a_terminal(folder, "get", "smtp-password")
    assert code == 0
    assert seen.splitlines() == [VALUE]


def test_two_unlike_answers_keep_nothing(folder: Path) -> None:
    code, seen = at_a_terminal(folder, "set", "x", typed=f"{VALUE}\n{VALUE}-2\n")
    assert code == 2
    assert "are not alike" in seen
    assert "canary" not in seen
    assert not (folder / "vault.yaml").exists()


def test_a_secret_is_not_printed_into_a_pipe_unasked(folder: Path) -> None:
    put(folder, "smtp-password")
    for words in (["get", "smtp-password"], ["get", "smtp-password", "--json"]):
        done = secret(folder, *words)
        assert done.code == 5
        assert VALUE not in done.out + done.err
    body = json.loads(secret(folder, "get", "smtp-password", "--json", "--pipe").out)
    assert body == {"name": "smtp-password", "value": VALUE, "about": {}}


@pytest.mark.parametrize("words", [["x", VALUE], ["x", VALUE, "more"], [VALUE, VALUE]])
def test_a_secret_on_the_command_line_is_refused_and_not_repeated(
    folder: Path, words: list[str]
) -> None:
    done = secret(folder, "set", *words)
    assert done.code == 2
    assert "never given on the command line" in done.err
    assert VALUE not in done.out + done.err or words[0] == VALUE
    assert not (folder / "vault.yaml").exists()


@pytest.mark.parametrize("feed", ["", "\n", "  \n"])
def test_nothing_is_no_secret(folder: Path, feed: str) -> None:
    assert secret(folder, "set", "x", feed=feed).code == 2
    assert not (folder / "vault.yaml").exists()


@pytest.mark.parametrize("name", ["-x", "a b", "ü", "a" * 201, "/x", "a\nb"])
def test_a_name_that_is_none(folder: Path, name: str) -> None:
    done = secret(folder, "set", "--", name, feed=VALUE)
    assert done.code == 1
    assert "cannot be the name of a secret" in done.err


def test_an_environment_has_its_own_before_the_shared_one(folder: Path) -> None:
    put(folder, "smtp-password", "canary-shared-1")
    put(folder, "smtp-password", "canary-prod-22", "--env", "prod")
    got = secret(folder, "get", "smtp-password", "--env", "prod", "--pipe")
    assert got.out == "canary-prod-22\n"
    both = secret(folder, "get", "smtp-password", "--pipe")
    assert both.code == 2
    assert "is kept for every environment, prod" in both.err
    typo = secret(folder, "set", "smtp-password", "--env", "pord", feed=VALUE)
    assert typo.code == 2
    assert "did you mean `prod`?" in typo.err


def test_a_name_nearly_right(folder: Path) -> None:
    put(folder, "smtp-password")
    done = secret(folder, "get", "smtp", "--pipe")
    assert done.code == 2
    assert "is it smtp-password?" in done.err


def test_a_folder_without_a_company_gets_no_vault(tmp_path: Path) -> None:
    done = secret(tmp_path, "set", "x", feed=VALUE)
    assert done.code == 2
    assert "there is no company file company.yaml" in done.err
    assert not list(tmp_path.iterdir())


def test_a_broken_company_file_does_not_keep_one_from_the_secrets(folder: Path) -> None:
    put(folder, "x")
    (folder / "company.yaml").write_text("version: [", encoding="utf-8")
    assert secret(folder, "get", "x", "--pipe").out == VALUE + "\n"
    listed = secret(folder, "list")
    assert listed.code == 0
    assert listed.out.startswith("x ")
    assert "not looked up where they are used" in listed.err


# --- list -----------------------------------------------------------------------------------


def test_the_list_has_names_places_and_dates_but_no_value(folder: Path) -> None:
    put(folder, "smtp-password")
    put(folder, "unused", VALUE, "--env", "prod")
    done = secret(folder, "list")
    assert done.code == 0
    today = r"\d{4}-\d\d-\d\d"
    assert re.fullmatch(
        rf"smtp-password  every environment  set by hand  {today}  company.yaml:5\n"
        rf"unused         prod               set by hand  {today}\n",
        done.out,
    )
    assert done.err == (
        "missing: admin-token, named at inventories/prod/environment.yaml:3:21: "
        "`chatops secret set admin-token`\n"
    )
    body = json.loads(secret(folder, "list", "--json").out)
    assert [s["name"] for s in body["secrets"]] == ["smtp-password", "unused"]
    assert body["secrets"][0]["used"] == ["company.yaml:5:59"]
    assert body["secrets"][1]["environment"] == "prod"
    assert body["missing"] == [
        {"name": "admin-token", "used": ["inventories/prod/environment.yaml:3:21"]}
    ]
    assert VALUE not in json.dumps(body)
    assert secret(folder, "list", "unu*").out.startswith("unused ")


def test_a_password_that_went_into_git_is_told(folder: Path) -> None:
    put(folder, "x")
    git(folder, "init", "-q", "-b", "main")
    assert "is in git" not in secret(folder, "list").err
    git(folder, "add", "-f", ".chatops/vault-password")
    for done in (secret(folder, "list"), secret(folder, "set", "y", feed=VALUE)):
        assert done.code == 0
        assert "warning: .chatops/vault-password is in git: whoever has the" in done.err


def test_a_short_password_of_the_vault_is_told_once(folder: Path) -> None:
    short = {"CHATOPS_VAULT_PASSWORD": "hunter2"}
    done = secret(folder, "set", "x", feed=VALUE, **short)
    assert "the vault's password from CHATOPS_VAULT_PASSWORD is short" in done.err
    assert "hunter2" not in done.err
    assert "is short" not in secret(folder, "set", "y", feed=VALUE, **short).err


def test_an_empty_list_says_so(folder: Path) -> None:
    done = secret(folder, "list")
    assert (done.code, done.out) == (0, "no secrets are kept yet\n")
    assert not (folder / "vault.yaml").exists()


def test_a_crowd_of_first_passwords_is_one_line(folder: Path) -> None:
    names = [f"first-password/p{n}" for n in range(9)]
    assert secret(folder, "invent", *names, "--env", "prod").code == 0
    assert "9 of them: chatops secret list 'first-password/*'" in secret(folder, "list").out
    assert secret(folder, "list", "first-password/*").out.count("\n") == 9


# --- invent, rotate, forget -----------------------------------------------------------------


def test_what_a_pipeline_needs_is_made_up_beforehand(folder: Path) -> None:
    done = secret(folder, "invent", "first-admin", "database", "--env", "prod")
    assert done.code == 0, done.err
    assert done.out == "first-admin: made up\ndatabase: made up\n"
    again = secret(folder, "invent", "first-admin", "--env", "prod")
    assert again.out == "first-admin: was there already\n"
    got = secret(folder, "get", "first-admin", "--pipe")
    assert "username: chatops" in got.err
    assert len(got.out.strip()) == 24
    assert secret(folder, "get", "database", "--pipe").out.strip().isalnum()
    assert secret(folder, "invent", "x").code == 2


def test_only_what_chatops_made_up_is_made_up_anew(folder: Path) -> None:
    put(folder, "smtp-password")
    secret(folder, "invent", "database", "first-admin", "first-password/ann", "--env", "prod")
    old = secret(folder, "get", "database", "--pipe").out
    done = secret(folder, "rotate", "database")
    assert done.code == 0, done.err
    assert done.out == "database: made up anew for prod\n"
    assert "in force until you run `chatops deploy --env prod`" in done.err
    assert secret(folder, "get", "database", "--pipe").out != old
    assert "not applied yet" in secret(folder, "list", "database").out
    for name, why in {
        "smtp-password": "was set by hand: `chatops secret set smtp-password`",
        "first-password/ann": "is used once",
    }.items():
        refused = secret(folder, "rotate", "database", name)
        assert refused.code == 5
        assert why in refused.err
    everything = json.loads(secret(folder, "rotate", "--all", "--env", "prod", "--json").out)
    assert {r["name"] for r in everything["rotated"]} == {"database", "first-admin"}
    assert [s["name"] for s in everything["skipped"]] == ["first-password/ann"]
    assert everything["then"] == ["chatops deploy --env prod"]
    assert secret(folder, "rotate", "--all").code == 2
    assert secret(folder, "rotate").code == 2


def test_what_was_handed_over_is_forgotten_when_that_is_said(folder: Path) -> None:
    secret(folder, "invent", "first-password/ann", "first-password/ben", "--env", "prod")
    put(folder, "smtp-password")
    asked = secret(folder, "forget", "first-password/*")
    assert asked.code == 5
    done = secret(folder, "forget", "first-password/*", "--yes")
    assert done.out == "forgotten: first-password/ann (prod), first-password/ben (prod)\n"
    assert secret(folder, "list").out.count("\n") == 1
    assert secret(folder, "forget", "nothing", "--yes").code == 2


# --- validate -------------------------------------------------------------------------------


def test_a_name_that_the_vault_lacks_is_found_offline_at_its_line(folder: Path) -> None:
    for words in (["validate"], ["validate", "--env", "sandbox"]):
        done = run(folder, *words)
        assert done.code == 3
        assert "company.yaml:5:59  error    smtp.password: the vault holds no secret" in done.err
        assert "hint: `chatops secret set smtp-password`" in done.err
    put(folder, "smtp-password", VALUE, "--env", "prod")
    assert run(folder, "validate").code == 0
    credential = run(folder, "validate", "--env", "prod")
    assert credential.code == 3
    assert (
        "inventories/prod/environment.yaml:3:21  error    credential.token: the" in credential.err
    )
    put(folder, "admin-token", VALUE)
    assert run(folder, "validate", "--env", "prod").code == 0
    assert run(folder, "validate", "--env", "sandbox").code == 3


def test_a_vault_that_cannot_be_opened_here_is_a_warning_at_the_line(folder: Path) -> None:
    put(folder, "smtp-password")
    (folder / ".chatops" / "vault-password").unlink()
    done = run(folder, "validate")
    assert done.code == 0
    assert "company.yaml:5:59  warning  smtp.password: not looked up: " in done.err
    wrong = run(folder, "validate", env={"CHATOPS_VAULT_PASSWORD": "another"})
    assert wrong.code == 3
    assert "company.yaml:5:59  error    smtp.password: the password from" in wrong.err
    (folder / "vault.yaml").write_text("plain: text\n")
    assert run(folder, "validate", env={"CHATOPS_VAULT_PASSWORD": "another"}).code == 3


def test_a_company_without_references_needs_no_vault(folder: Path) -> None:
    put(folder, "x")
    text = COMPANY.replace("vault:smtp-password", "env:SMTP_PASSWORD")
    (folder / "company.yaml").write_text(text, encoding="utf-8")
    (folder / "vault.yaml").write_text("damaged")
    assert run(folder, "validate").code == 0


# --- in a pipeline --------------------------------------------------------------------------


def test_a_pipeline_that_cannot_keep_what_it_makes_up_is_refused_before_it_begins(
    place: Place,
) -> None:
    pipeline = {"CI": "true", "CHATOPS_VAULT_PASSWORD": "sesame-of-the-pipeline"}
    refused = place.server("apply", "--yes", env=pipeline)
    assert refused.code == 5
    url = place.sandbox.url
    command = f"chatops secret invent first-password/ann first-password/ben --server {url}"
    assert (
        "would invent secrets (first-password/ann, first-password/ben) that cannot be kept"
        in refused.err
    )
    assert f"`{command}`" in refused.err
    assert not (place.folder / "vault.yaml").exists()
    plan = place.server("plan", "--json", env=pipeline)
    assert any(c["name"] == "ann" for c in json.loads(plan.out)["changes"]), "nothing was made"
    # Whoever reviews the plan learns of it there, before it is merged.
    assert plan.code == 5
    assert command in json.loads(plan.out)["refusals"][-1]
    shown = place.server("plan", "--markdown", env=pipeline)
    assert shown.code == 5 and command in shown.out
    assert place.server("plan", "--expect-no-changes", env=pipeline).code == 4, "looking is free"

    # What the message says helps: made on one's own machine, found in the pipeline.
    own = {"CHATOPS_VAULT_PASSWORD": pipeline["CHATOPS_VAULT_PASSWORD"]}
    assert place.chatops(*command.split()[1:], env=own).code == 0
    before = (place.folder / "vault.yaml").read_bytes()
    done = place.server("apply", "--yes", env=pipeline)
    assert done.code == 0, done.err
    assert (place.folder / "vault.yaml").read_bytes() == before
    assert place.server("plan", "--expect-no-changes", env=pipeline).code == 0


def test_a_pipeline_may_be_allowed_to(place: Place) -> None:
    pipeline = {"CI": "true", "CHATOPS_VAULT_PASSWORD": "sesame-of-the-pipeline"}
    done = place.server("apply", "--yes", "--write-vault", env=pipeline)
    assert done.code == 0, done.err
    assert (place.folder / "vault.yaml").exists()
    assert not (place.folder / ".chatops" / "vault-password").exists()


def test_people_who_get_a_mail_need_nothing_kept(place: Place) -> None:
    path = place.folder / "company.yaml"
    path.write_text(path.read_text() + "sign_in: {onboarding: mail}\n")
    done = place.server("apply", "--yes", env={"CI": "true"})
    assert "would invent" not in done.err
    assert not (place.folder / "vault.yaml").exists()


# --- merging --------------------------------------------------------------------------------


def git(folder: Path, *words: str, check: bool = True) -> int:
    env = {**clean_env(), "GIT_CONFIG_GLOBAL": "/dev/null"}
    for who in ("AUTHOR", "COMMITTER"):
        env |= {f"GIT_{who}_NAME": "Ann", f"GIT_{who}_EMAIL": "ann@acme.example"}
    done = subprocess.run(["git", *words], cwd=folder, env=env, capture_output=True, check=False)
    assert done.returncode == 0 or not check, done.stderr.decode()
    return done.returncode


@pytest.fixture
def two_sides(folder: Path) -> Path:
    """A repository whose two branches each set a secret of their own."""
    git(folder, "init", "-q", "-b", "main")
    put(folder, "common", "canary-common-1")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    git(folder, "checkout", "-qb", "other")
    put(folder, "theirs", "canary-theirs-2")
    git(folder, "commit", "-qam", "two")
    git(folder, "checkout", "-q", "main")
    put(folder, "ours", "canary-ours-3")
    git(folder, "commit", "-qam", "three")
    return folder


def names(folder: Path) -> list[str]:
    return [s["name"] for s in json.loads(secret(folder, "list", "--json").out)["secrets"]]


def test_a_merge_that_git_cannot_do_is_put_together(two_sides: Path) -> None:
    assert git(two_sides, "merge", "-q", "other", check=False) != 0
    broken = secret(two_sides, "list")
    assert broken.code == 1
    assert "marks of an unsolved merge" in broken.err
    assert "`chatops secret merge` puts both sides together" in broken.err
    done = secret(two_sides, "merge")
    assert done.code == 0, done.err
    assert names(two_sides) == ["common", "ours", "theirs"]
    assert secret(two_sides, "get", "theirs", "--pipe").out == "canary-theirs-2\n"


def test_a_merge_driver_does_it_without_a_question(two_sides: Path) -> None:
    driver = f"{sys.executable} -m chatops secret merge %O %A %B %P"
    git(two_sides, "config", "merge.chatops.driver", driver)
    (two_sides / ".gitattributes").write_text("vault.yaml merge=chatops\n")
    git(two_sides, "merge", "-q", "other")
    assert names(two_sides) == ["common", "ours", "theirs"]


def test_the_same_secret_changed_on_both_sides_is_told(two_sides: Path) -> None:
    put(two_sides, "common", "canary-ours-4")
    git(two_sides, "commit", "-qam", "four")
    git(two_sides, "checkout", "-q", "other")
    put(two_sides, "common", "canary-theirs-5")
    git(two_sides, "commit", "-qam", "five")
    assert git(two_sides, "merge", "-q", "main", check=False) != 0
    done = secret(two_sides, "merge")
    assert done.code == 1
    assert "both sides changed common: ours was taken" in done.err
    assert names(two_sides) == ["common", "ours", "theirs"]
    assert secret(two_sides, "get", "common", "--pipe").out == "canary-theirs-5\n"


def test_no_merge_is_told(folder: Path) -> None:
    put(folder, "x")
    before = (folder / "vault.yaml").read_bytes()
    done = secret(folder, "merge")
    assert done.code == 1
    assert "git knows of no unsolved merge" in done.err
    assert (folder / "vault.yaml").read_bytes() == before


# --- what a server tells once ---------------------------------------------------------------

BOT = """\
integrations:
  bots: [{username: robo, display_name: Robo, channels: [crew/dispatch]}]
  incoming_webhooks: [{name: ci, channel: crew/dispatch}]
"""


@pytest.mark.parametrize("place", ["rocketchat"], indirect=True)
def test_a_bots_token_is_kept_and_a_pipeline_that_cannot_is_refused(place: Place) -> None:
    path = place.folder / "company.yaml"
    path.write_text(path.read_text() + BOT)
    pipeline = {"CI": "true", "CHATOPS_VAULT_PASSWORD": "sesame-of-the-pipeline"}
    refused = place.server("apply", "--yes", env=pipeline)
    assert refused.code == 5
    assert "first-password/ben, bot/robo) that cannot be kept" in refused.err
    assert f"`chatops apply --server {place.sandbox.url}`" in refused.err
    done = place.server("apply", "--yes")
    assert done.code == 0, done.err
    assert place.server("plan", "--expect-no-changes").code == 0
    kept = json.loads(place.chatops("secret", "list", "--json").out)["secrets"]
    ours = {s["name"]: s["origin"] for s in kept if "/robo/" in s["name"] or "webhook" in s["name"]}
    # A webhook's address is read from the server again, and is kept nowhere else.
    assert ours == {"bot/robo/password": "server", "bot/robo/token": "server"}
    token = place.chatops("secret", "get", "bot/robo/token", "--pipe").out.strip()
    assert token
    assert token not in done.out + done.err
    # It belongs to the token, and is made anew with it.
    assert place.chatops("secret", "rotate", "bot/robo/password").code == 5

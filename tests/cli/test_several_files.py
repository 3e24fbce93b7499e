"""A company in several files and environments, on the command line."""

import json
from pathlib import Path

from tests.cli.conftest import run

FILES = {
    "company.yaml": "version: 1\ncompany: {name: Acme}\nchat: {platform: mattermost}\n"
    "include: [teams/*.yaml]\nusers: [{username: ann, email: ann@acme.example}]\n",
    "teams/crew.yaml": "teams:\n  - name: crew\n    members: [ann]\n"
    "    channels:\n      - {name: dispatch, topic: Hello}\n",
    "inventories/staging/environment.yaml": "target: sandbox\n",
    "inventories/staging/override.yaml": "teams:\n  crew:\n    channels:\n"
    "      dispatch: {private: true}\n      drills: {name: drills}\n",
}


def company(folder: Path) -> Path:
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_an_environment_has_its_own(tmp_path: Path) -> None:
    folder = company(tmp_path)
    assert run(folder, "validate").out.startswith(
        "company.yaml is sound: 1 person, 1 team, 1 channel, for "
    )
    assert run(folder, "validate", "--env", "staging").out.startswith(
        "company.yaml is sound in staging: 1 person, 1 team, 2 channels, for "
    )
    plain = run(folder, "plan")
    assert "channel crew/drills" not in plain.out
    staging = run(folder, "plan", "--env", "staging")
    lines = [" ".join(line.split()) for line in staging.out.splitlines()]
    assert "+ channel crew/dispatch private teams/crew.yaml:5" in lines
    assert "+ channel crew/drills inventories/staging/override.yaml:5" in lines


def test_a_mistake_stands_in_the_override(tmp_path: Path) -> None:
    folder = company(tmp_path)
    (folder / "inventories/staging/override.yaml").write_text("teams: {crew: {visible: open}}\n")
    assert run(folder, "validate").code == 0
    for verb in ("validate", "plan", "deploy", "render"):
        done = run(folder, verb, "--env", "staging")
        assert done.code == 3
        assert done.err.startswith("inventories/staging/override.yaml:1:16  error    teams[0].vis")


def test_an_environment_that_is_not_there(tmp_path: Path) -> None:
    done = run(company(tmp_path), "validate", "--env", "stagin")
    assert (done.code, done.err.splitlines()[0]) == (2, "error: no environment `stagin`")
    assert "did you mean `staging`?" in done.err


def test_the_resolved_company(tmp_path: Path) -> None:
    folder = company(tmp_path)
    done = run(folder, "validate", "--resolved", "--env", "staging")
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert done.code == 0
    assert "private: true # inventories/staging/override.yaml:4" in lines
    assert "topic: Hello # teams/crew.yaml:5" in lines
    assert "edition: team # the sandbox" in lines
    body = json.loads(run(folder, "validate", "--resolved", "--json").out)
    assert body["company"]["chat"] == {"platform": "mattermost", "edition": "team"} | {
        "version": body["company"]["chat"]["version"]
    }
    assert body["origins"]["chat.edition"] == "default of mattermost"


def test_no_secret_is_looked_up_to_show_the_company(tmp_path: Path) -> None:
    folder = company(tmp_path)
    with (folder / "company.yaml").open("a", encoding="utf-8") as file:
        file.write("smtp: {host: localhost, password: env:SMTP_PASSWORD}\n")
    canary = "canary-in-the-mail-7"
    done = run(folder, "validate", "--resolved", env={"SMTP_PASSWORD": canary})
    assert "password: env:SMTP_PASSWORD" in done.out
    assert canary not in done.out + done.err
    assert run(folder, "validate", "--resolved").code == 0

"""A value that no server shows again: a fingerprint in the vault tells whether it changed."""

import json

import pytest

from tests.cli.conftest import Place

SPEC = """\
version: 1
company: {name: Acme}
chat: {platform: mattermost}
policy: {unsupported: note}
smtp: {host: mail.acme.example, username: chat, password: env:SMTP_PASSWORD}
"""
OLD = {"SMTP_PASSWORD": "canary-smtp-old-1"}
NEW = {"SMTP_PASSWORD": "canary-smtp-new-2"}
SETTING = {"action": "update", "kind": "setting", "name": "smtp.password"}


def changes(place: Place, env: dict[str, str]) -> list[dict[str, str]]:
    done = place.server("plan", "--json", env=env)
    assert done.code == 0, done.err
    assert "canary" not in done.out + done.err
    found = json.loads(done.out)["changes"]
    return [{k: c[k] for k in SETTING} for c in found if c["name"] == "smtp.password"]


@pytest.fixture
def kept(place: Place) -> Place:
    """A vault is there, and the first password was written with it."""
    place.write(SPEC + "users: [{username: ann, name: Ann Berg, email: ann@acme.example}]\n")
    assert place.server("apply", "--yes", env=OLD).code == 0
    assert (place.folder / "vault.yaml").exists()
    return place


def test_a_changed_secret_is_a_change_without_its_value(kept: Place) -> None:
    assert changes(kept, OLD) == []
    assert changes(kept, NEW) == [SETTING]
    plan = kept.server("plan", env=NEW)
    assert "smtp.password" in plan.out
    assert "(hidden)" in plan.out
    assert kept.server("apply", "--yes", env=NEW).code == 0
    assert changes(kept, NEW) == []
    assert kept.server("plan", "--expect-no-changes", env=NEW).code == 0
    assert changes(kept, OLD) == [SETTING]


def test_a_write_that_failed_is_not_noted(kept: Place) -> None:
    from chatops.sandbox.faults import Fault

    kept.sandbox.faults.add(Fault(method="PUT", path="/api/v4/config/patch", status=500, times=99))
    assert kept.server("apply", "--yes", env=NEW).code == 1
    kept.sandbox.faults.clear()
    assert changes(kept, NEW) == [SETTING]


def test_without_a_vault_nobody_can_tell(place: Place) -> None:
    place.write(SPEC)
    assert place.server("apply", "--yes", env=OLD).code == 0
    assert not (place.folder / "vault.yaml").exists()
    assert changes(place, NEW) == []
    plan = place.server("plan", env=NEW)
    assert "nobody can tell whether it is as the file says: no vault remembers" in plan.out


def test_a_vault_that_the_run_itself_makes_knows_what_it_wrote(place: Place) -> None:
    place.write(SPEC + "integrations: {bots: [{username: robo, display_name: Robo}]}\n")
    assert place.server("apply", "--yes", env=OLD).code == 0
    assert (place.folder / "vault.yaml").exists(), "the token of the bot is in it"
    assert changes(place, OLD) == []
    assert changes(place, NEW) == [SETTING]


def test_a_vault_that_knows_nothing_of_it_shows_it_once(place: Place) -> None:
    place.write(SPEC)
    assert place.server("apply", "--yes", env=OLD).code == 0
    place.write(SPEC + "users: [{username: ann, name: Ann Berg, email: ann@acme.example}]\n")
    assert place.server("apply", "--yes", "--only", "user", env=OLD).code == 0
    assert changes(place, OLD) == [SETTING]
    assert place.server("apply", "--yes", env=OLD).code == 0
    assert changes(place, OLD) == []


def test_a_pipeline_that_may_not_note_it_says_so(kept: Place) -> None:
    key = (kept.folder / ".chatops" / "vault-password").read_text().strip()
    pipeline = {"CI": "true", "CHATOPS_VAULT_PASSWORD": key}
    assert changes(kept, OLD | pipeline) == []
    done = kept.server("apply", "--yes", "-q", env=NEW | pipeline)
    assert done.code == 0, done.err
    assert "cannot note what was written (setting:smtp.password)" in done.err
    assert changes(kept, NEW | pipeline) == [SETTING]
    assert kept.server("apply", "--yes", "--write-vault", env=NEW | pipeline).code == 0
    assert changes(kept, NEW | pipeline) == []


def test_a_locked_vault_cannot_tell(kept: Place) -> None:
    (kept.folder / ".chatops" / "vault-password").rename(kept.folder / "copy")
    assert changes(kept, NEW) == []
    wrong = kept.server("plan", env=NEW | {"CHATOPS_VAULT_PASSWORD": "another"})
    assert wrong.code == 1
    assert "does not open" in wrong.err

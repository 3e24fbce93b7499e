"""`chatops output`: secrets come out where they are asked for, and nowhere else."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from chatops.platforms.base import Credential, Network, Target
from chatops.platforms.registry import platforms
from chatops.secrets import Secret
from tests.cli.conftest import COMPANY, Done, Place, company_on
from tests.cli.test_canaries import Watch

INTEGRATIONS = """\
integrations:
  incoming_webhooks: [{name: "ci & co", channel: crew/dispatch}, {name: pay, channel: crew/wages}]
  outgoing_webhooks:
    - {name: weather, channel: crew/dispatch, trigger_words: ["!w"], url: "https://b.example/w"}
  bots: [{username: robo, display_name: Robo, channels: [crew/dispatch]}]
"""
EVERY = pytest.mark.parametrize("place", sorted(platforms()), indirect=True)


@pytest.fixture(scope="module", params=sorted(platforms()))
def full(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """A company that was applied, which the tests only read."""
    with company_on(request.param, tmp_path_factory.mktemp(request.param)) as place:
        place.write(COMPANY % request.param + INTEGRATIONS)
        done = place.server("apply", "--yes")
        assert done.code == 0, done.err
        yield place


@contextmanager
def away(path: Path) -> Iterator[None]:
    """As if this file were not there."""
    hidden = path.rename(path.with_name("away"))
    try:
        yield
    finally:
        hidden.rename(path)


def revealed(place: Place) -> dict[str, str]:
    done = place.server("output", "--reveal", "--json")
    assert done.code == 0, done.err
    return {f"{row['key']}.{row['name']}": row["value"] for row in json.loads(done.out)}


def test_the_list_hides_what_is_secret(full: Place) -> None:
    done = full.server("output")
    assert done.code == 0
    values = revealed(full)
    assert {k for k in values if not k.startswith("bot:")} == {
        "incoming-webhook:ci & co.url",
        "incoming-webhook:pay.url",
        "outgoing-webhook:weather.token",
    }
    assert "bot:robo.token" in values
    rows = json.loads(full.server("output", "--json").out)
    hidden = {f"{r['key']}.{r['name']}" for r in rows if r["secret"]}
    assert all(r["value"] is None for r in rows if r["secret"])
    for name in hidden:
        assert values[name] not in done.out + done.err
    assert done.out.count("••••••") == len(hidden)
    assert "--reveal" in done.err


def test_one_value_is_printed_as_it_is(full: Place) -> None:
    url = full.server("output", "incoming-webhook:ci & co.url")
    assert (url.code, url.out) == (0, revealed(full)["incoming-webhook:ci & co.url"] + "\n")
    said = requests.post(url.out.strip(), json={"text": "build 7 is green"}, timeout=10)
    assert said.status_code == 200
    token = full.server("output", "BOT:Robo.token", "-q")
    assert token.err == ""
    platform = platforms()[full.sandbox.workspace.product]
    values = revealed(full)
    credential = Credential(
        token=Secret(token.out.strip()), user_id=values.get("bot:robo.user_id", "")
    )
    target = Target(url=full.sandbox.url, credential=credential, network=Network())
    server = platform.connect(target)
    assert server.me == "robo"
    server.close()


@EVERY
def test_nothing_of_it_is_anywhere_else(place: Place) -> None:
    place.write(COMPANY % place.sandbox.workspace.product + INTEGRATIONS)
    with Watch(()) as watch:
        runs = [
            place.server("plan", "-v", "--debug", "-o", "p.json"),
            place.server("apply", "--yes", "-v", "--debug"),
            place.server("plan", "--json", "--debug"),
            place.server("output", "--debug"),
            place.server("output", "--json"),
        ]
    assert [r.code for r in runs] == [0] * len(runs), [r.err for r in runs if r.code]
    rows = json.loads(place.server("output", "--reveal", "--json").out)
    secrets = [r["value"] for r in rows if r["secret"]]
    # The token alone would open the door as well as the whole address.
    secrets += [s.rsplit("/", 1)[1] for s in secrets if s.startswith("http")]
    assert len(secrets) >= 6
    files = [p for p in place.folder.rglob("*") if p.is_file()]
    texts = [r.out + r.err for r in runs] + list(watch.lines)
    texts += [p.read_bytes().decode(errors="replace") for p in files]
    for secret in secrets:
        assert not [text for text in texts if secret in text]


def test_what_is_not_there_yet_is_said(place: Place) -> None:
    place.write(COMPANY % place.sandbox.workspace.product + INTEGRATIONS)
    done = place.server("output")
    assert done.code == 0
    assert "bot:robo" in done.out
    assert "not on the server yet" in done.out
    one = place.server("output", "bot:robo.token")
    assert one.code == 1
    assert "not on the server yet" in one.err


def test_a_token_that_no_vault_holds_is_said_and_everything_else_shown(full: Place) -> None:
    with away(full.folder / "vault.yaml"):
        done, one = full.server("output"), full.server("output", "bot:robo.token")
    assert done.code == 0
    assert "the server showed it once" in done.out
    assert done.out.count("••••••") == 3
    assert one.code == 1
    assert "the server showed it once" in one.err
    assert one.out == ""


def test_a_locked_vault_hides_tokens_alone(full: Place) -> None:
    with away(full.folder / ".chatops" / "vault-password"):
        done, one = full.server("output"), full.server("output", "bot:robo.token")
    assert done.code == 0, done.err
    assert "its password is not here" in done.out
    assert done.out.count("••••••") == 3
    assert one.code == 1
    assert "CHATOPS_VAULT_PASSWORD" in one.err


def test_a_name_that_is_none_is_told_with_the_nearest(full: Place) -> None:
    done = full.server("output", "bot:rob.token")
    assert done.code == 2
    assert "did you mean `bot:robo.token`?" in done.err
    plain = full.server("output", "teams")
    assert plain.code == 2
    assert "there are: incoming-webhook:ci & co" in plain.err


def test_patterns_choose_things(full: Place) -> None:
    rows = json.loads(full.server("output", "incoming-webhook:*", "--json").out)
    assert [r["key"] for r in rows] == ["incoming-webhook:ci & co", "incoming-webhook:pay"]


def test_no_secret_that_the_file_refers_to_is_needed(full: Place) -> None:
    text = (full.folder / "company.yaml").read_text()
    full.write(text + "smtp: {host: m.example, username: chat, password: env:NOWHERE}\n", "x.yaml")
    assert full.server("plan", "-f", "x.yaml").code == 3
    assert full.server("output", "bot:robo.token", "-f", "x.yaml").code == 0


def test_a_pipeline_that_cannot_keep_a_token_makes_no_bot(place: Place) -> None:
    place.write(COMPANY % place.sandbox.workspace.product + INTEGRATIONS)
    done = place.server("apply", "--yes", env={"CI": "true"})
    assert done.code == 5
    assert "robo" in done.err
    rows = json.loads(place.server("output", "--json").out)
    assert all(r["lacking"] for r in rows)


def test_a_file_without_anything_of_the_kind(place: Place) -> None:
    done = place.server("output")
    assert (done.code, done.out) == (0, "nothing in the file gives anything\n")
    assert json.loads(place.server("output", "--json").out) == []


def test_before_there_is_a_sandbox(chatops: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "company.yaml").write_text(COMPANY % "rocketchat" + INTEGRATIONS)
    done = chatops("output")
    assert done.code == 1
    assert "chatops deploy" in done.err

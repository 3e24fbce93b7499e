"""The settings of a server: read in two calls, written key by key, looked at afterwards."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from chatops.errors import ApiError
from chatops.platforms.base import Credential, Run
from chatops.platforms.mattermost.client import Client
from chatops.platforms.mattermost.handlers import Configuration, SettingsHandler
from chatops.platforms.mattermost.settings import SETTINGS
from chatops.resources import UNKNOWN, Ids, Key, Kind, Setting
from chatops.secrets import Secret

from .conftest import NETWORK, Bench
from .stage import Answer, Play, Stage
from .test_settings_table import SAMPLES


def key(name: str) -> Key:
    return Key(Kind.SETTING, name)


@pytest.fixture(autouse=True)
def as_before(bench: Bench) -> Any:
    """The server's settings are everybody's: what a test writes is put back."""
    before = bench.server.client.get("/config")
    yield
    owned: dict[str, dict[str, Any]] = {}
    for entry in SETTINGS.values():
        # What a plugin holds has tests of its own, on a server that has plugins.
        for product_key in entry.keys if not entry.plugin else ():
            section, _, name = product_key.partition(".")
            owned.setdefault(section, {})[name] = before[section][name]
    bench.server.client.put("/config/patch", owned)


def test_all_are_read_in_three_calls(bench: Bench) -> None:
    before = bench.calls
    assert {k.name for k in bench.all(Kind.SETTING)} == SETTINGS.keys()
    assert bench.calls - before == 3, "the config, what is locked, the plugins that are there"


def test_those_asked_for(bench: Bench) -> None:
    assert bench.read(key("company.name")).keys() == {key("company.name")}


@pytest.mark.parametrize(("name", "value"), [s for s in SAMPLES if not SETTINGS[s[0]].plugin])
def test_what_is_written_reads_back(bench: Bench, name: str, value: Any) -> None:
    bench.update(key(name), value=value)
    assert bench.one(key(name)).resource.value == value


def test_only_the_keys_of_the_setting_are_touched(bench: Bench) -> None:
    before = bench.server.client.get("/config")
    bench.update(key("sign_in.password.min_length"), value=17)
    after = bench.server.client.get("/config")
    assert after["PasswordSettings"].pop("MinimumLength") == 17
    before["PasswordSettings"].pop("MinimumLength")
    assert after == before


@pytest.mark.parametrize("name", ["smtp.password", "storage.files.secret_key"])
def test_a_masked_secret_is_unknown_once_set(bench: Bench, name: str) -> None:
    bench.update(key(name), value=Secret("the-secret-of-it"))
    assert bench.one(key(name)).resource.value is UNKNOWN


def kept(locks: object) -> Play:
    """A server that answers 200 to a patch and keeps its own value."""
    config = {"TeamSettings": {"SiteName": "Its own"}}

    def play(method: str, path: str) -> Answer:
        return 200, "application/json", locks if path.endswith("/environment") else config

    return play


def test_what_the_environment_sets_is_locked(stage: Callable[[Play], Stage]) -> None:
    server = stage(kept({"TeamSettings": {"SiteName": True}}))
    client = Client(server.url, NETWORK, Credential(token=Secret("a-token-of-ours")))
    handler = SettingsHandler(client, Configuration(client))
    (live,) = handler.read([key("company.name")], Ids())
    assert live.resource.value == "Its own"
    assert "MM_TEAMSETTINGS_SITENAME" in live.locked["value"]
    with pytest.raises(ApiError, match="kept its own value") as caught:
        handler.create(Setting(name="company.name", value="Ours"), Run(ids=Ids()))
    assert "MM_TEAMSETTINGS_SITENAME" in caught.value.hint
    assert caught.value.call == "PUT /config/patch"


def test_a_value_that_did_not_take_is_no_success(stage: Callable[[Play], Stage]) -> None:
    """As with a language that the server does not speak."""
    server = stage(kept({}))
    client = Client(server.url, NETWORK, Credential(token=Secret("a-token-of-ours")))
    handler = SettingsHandler(client, Configuration(client))
    (live,) = handler.read([key("company.name")], Ids())
    assert live.locked == {}
    with pytest.raises(ApiError, match="kept its own value") as caught:
        handler.create(Setting(name="company.name", value="Ours"), Run(ids=Ids()))
    assert "environment" not in caught.value.hint


def test_an_invalid_value_is_refused(bench: Bench) -> None:
    with pytest.raises(ApiError) as caught:
        bench.update(key("limits.people_per_team"), value=-1)
    assert caught.value.code == "model.config.is_valid.max_users.app_error"


def test_eight_at_once_are_all_kept(bench: Bench) -> None:
    """The server has no lock around its config; the handler queues, and saves in few calls."""
    values: dict[str, Any] = {
        "company.name": "Nordlys",
        "sign_in.password.min_length": 13,
        "sign_in.email_domains": ("nordlys.example",),
        "smtp.host": "mail.nordlys.example",
        "smtp.port": 2525,
        "smtp.security": "tls",
        "smtp.username": "chat",
        "storage.files.bucket": "nordlys",
    }
    handler = bench.server.handlers[Kind.SETTING]
    workers = [
        threading.Thread(target=handler.create, args=(Setting(name=name, value=value), bench.run))
        for name, value in values.items()
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    read = bench.read(*(key(name) for name in values))
    assert {k.name: live.resource.value for k, live in read.items()} == values


def test_a_bad_one_spoils_nobody_elses(bench: Bench) -> None:
    values: dict[str, Any] = {
        "company.name": "x" * 31,
        "sign_in.password.min_length": 15,
        "smtp.port": 4465,
        "storage.files.region": "eu-north-1",
    }
    handler = bench.server.handlers[Kind.SETTING]
    wrong: dict[str, ApiError] = {}

    def write(name: str, value: Any) -> None:
        try:
            handler.create(Setting(name=name, value=value), bench.run)
        except ApiError as error:
            wrong[name] = error

    workers = [threading.Thread(target=write, args=item) for item in values.items()]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert wrong.keys() == {"company.name"}
    assert "30 bytes" in wrong["company.name"].message
    assert bench.one(key("smtp.port")).resource.value == 4465
    assert bench.one(key("storage.files.region")).resource.value == "eu-north-1"

"""Meetings in the chat: Mattermost's plugin, on a server that takes plugins, and on one that not.

The sandbox "has" the plugin at its address. CHATOPS_LIVE_MATTERMOST with CHATOPS_LIVE_PLUGINS=1
runs all of it on a real server whose uploads are on, with a bundle of our own in its place.
"""

import io
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from chatops.core.events import Outcome
from chatops.deploy import flow
from chatops.deploy.company import load_company
from chatops.deploy.keeping import shelf_of
from chatops.environments import Environment, Where
from chatops.errors import RefusedError
from chatops.platforms.mattermost.client import Client
from chatops.platforms.mattermost.server import MattermostServer
from chatops.secrets import Secret
from chatops.ui import plan_text
from tests.contract.cases.story import QUIET, Case, Chapter
from tests.contract.test_contract import said_no, tell
from tests.contract.world import World, settings, world

SECRET = "Shared-by-both-0123456789abcdefghij"
TOKEN = "video: {url: https://meet.contract.example}\n" + QUIET
CASE = Case(
    "meetings",
    "setting",
    requires=("setting.video",),
    chapters=(
        Chapter("video: {url: 'https://meet.contract.example/', auth: open}\n" + QUIET),
        Chapter(TOKEN, words=("video.auth", "token", "video.secret", "video.app_id")),
        Chapter(TOKEN.replace("meet.", "other."), words=("https://other.contract.example",)),
        Chapter("video: {url: https://other.contract.example, auth: open}\n" + QUIET),
        Chapter("company: {name: Contract}\n" + QUIET, changes=None),
    ),
)


class Keeping(World):
    """A server whose environment has a vault and a place for plugins."""

    source = ""

    @property
    def environment(self) -> Environment:
        there = replace(super().environment, plugins={"jitsi": self.source} if self.source else {})
        if not (self.folder / "company.yaml").exists():
            return there
        return replace(there, shelf=shelf_of(load_company(self.folder / "company.yaml"), there))

    def know(self, secret: str) -> None:
        self.write(TOKEN)
        shelf = self.environment.shelf
        assert shelf is not None
        shelf.keep("video_app_secret", Secret(secret))


def bundle(name: str, *, hidden: str = "") -> bytes:
    """A plugin that does nothing, with Jitsi's keys."""
    keys = ("JitsiURL", "JitsiJWT", "JitsiAppID", "JitsiAppSecret", "Hidden")
    manifest = {
        "id": name,
        "name": name,
        "version": "2.1.0",
        "webapp": {"bundle_path": "main.js"},
        "settings_schema": {
            "settings": [
                {"key": k, "type": "bool" if k == "JitsiJWT" else "text", "secret": k == hidden}
                for k in keys
            ]
        },
    }
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for path, content in (("plugin.json", json.dumps(manifest)), ("main.js", "// nothing")):
            member = tarfile.TarInfo(f"{name}/{path}")
            member.size = len(content.encode())
            archive.addfile(member, io.BytesIO(content.encode()))
    return packed.getvalue()


@contextmanager
def keeping(**options: Any) -> Iterator[Keeping]:
    with world("mattermost", **options) as made:
        yield Keeping(made.platform, made.url, made.credential, made.sandbox, made.folder)


@pytest.fixture
def meetings() -> Iterator[Keeping]:
    """A server that takes plugins, and has none."""
    live = os.environ.get("CHATOPS_LIVE_PLUGINS") and os.environ.get("CHATOPS_LIVE_MATTERMOST")
    with keeping(**({} if live else {"has_plugins": True})) as made:
        made.know(SECRET)
        if live:
            file = made.folder / "jitsi.tar.gz"
            file.write_bytes(bundle("jitsi"))
            made.source = str(file)
            leave_behind(made)
        yield made
        client = connected(made).client
        for name in ("jitsi", "other"):
            client.discard(f"/plugins/{name}")


def leave_behind(world: World) -> None:
    """A real server keeps what the tests before set; this one starts from something else."""
    client = connected(world).client
    send(client, "jitsi", bundle("jitsi"))
    left = {"jitsi": {"jitsiappid": "left", "jitsiappsecret": "left-behind"}}
    states = held(world)["PluginStates"] | {"jitsi": {"Enable": False}}
    client.put("/config/patch", {"PluginSettings": {"Plugins": left, "PluginStates": states}})
    client.discard("/plugins/jitsi")


def send(client: Client, name: str, content: bytes) -> None:
    client.form("/plugins", {}, {"plugin": (f"{name}.tar.gz", content)})


def connected(world: World) -> MattermostServer:
    server = world.connect()
    assert isinstance(server, MattermostServer)
    return server


def held(world: World) -> dict[str, Any]:
    """What the server keeps of plugins."""
    config: dict[str, Any] = connected(world).client.get("/config")["PluginSettings"]
    return config


def test_contract(meetings: Keeping) -> None:
    tell(meetings, CASE)


def test_the_plugin_is_told_what_its_source_asks_for(meetings: Keeping) -> None:
    meetings.make(TOKEN)
    assert held(meetings)["Plugins"]["jitsi"] == {
        "jitsiurl": "https://meet.contract.example",
        "jitsijwt": True,
        "jitsiappid": "chatops",
        "jitsiappsecret": SECRET,
    }
    told = connected(meetings).client.get("/plugins/statuses")
    assert ("jitsi", 2) in [(p["plugin_id"], p["state"]) for p in told]


def test_another_plugin_keeps_what_it_has(meetings: Keeping) -> None:
    client = connected(meetings).client
    send(client, "other", bundle("other", hidden="Hidden"))
    other = {"Hidden": "what-only-other-knows", "jitsiurl": "its own"}
    # As somebody wrote it before us, in other letters.
    client.put(
        "/config/patch",
        {
            "PluginSettings": {
                "Plugins": {"other": other, "jitsi": {"JitsiURL": "x", "JitsiEmbedded": True}},
                "PluginStates": held(meetings)["PluginStates"] | {"other": {"Enable": True}},
            }
        },
    )
    meetings.make(TOKEN)
    now = held(meetings)
    assert now["Plugins"]["other"] == {"Hidden": "*" * 32, "jitsiurl": "its own"}
    assert now["PluginStates"]["other"] == {"Enable": True}
    assert "JitsiURL" not in now["Plugins"]["jitsi"]
    if meetings.sandbox is not None:
        kept = meetings.sandbox.workspace.site.setting("PluginSettings", "Plugins")
        assert kept["other"] == other


def test_a_secret_that_nobody_knows_is_left_alone(meetings: Keeping) -> None:
    meetings.make(TOKEN)
    for path in meetings.folder.glob("vault*"):
        path.unlink()
    planned = meetings.plan(TOKEN)
    assert not planned.plan.changes
    shown = plan_text(planned.plan.view)
    assert "chatops secret set video_app_secret --env contract" in shown
    assert held(meetings)["Plugins"]["jitsi"]["jitsiappsecret"] == SECRET


def test_a_new_secret_is_a_change_that_is_never_shown(meetings: Keeping) -> None:
    meetings.make(TOKEN)
    meetings.know(SECRET[::-1])
    shown = meetings.make(TOKEN)
    assert "video.secret" in shown
    assert SECRET not in shown and SECRET[::-1] not in shown
    assert held(meetings)["Plugins"]["jitsi"]["jitsiappsecret"] == SECRET[::-1]


def test_a_plugin_that_went_away_comes_back(meetings: Keeping) -> None:
    """What was set for it is hidden while it is away, and in force when it is back."""
    meetings.make(TOKEN)
    connected(meetings).client.discard("/plugins/jitsi")
    shown = meetings.make(TOKEN.replace("example}", "example, auth: open}"))
    assert "video.enabled" in shown and "video.auth" in shown
    assert held(meetings)["Plugins"]["jitsi"]["jitsijwt"] is False


def test_where_it_cannot_be_fetched_the_way_out_is_told(meetings: Keeping) -> None:
    meetings.source = "https://127.0.0.1:9/jitsi.tar.gz"
    events = meetings.apply(meetings.plan("company: {name: Fetched}\n" + TOKEN))
    failed = [e for e in events if e.outcome is Outcome.FAILED]
    assert failed and all(e.change.key.name.startswith("video.") for e in failed)
    assert failed[0].problem is not None
    assert "cannot fetch the plugin" in failed[0].problem.message
    assert "plugins: {jitsi: ./jitsi.tar.gz}" in failed[0].problem.hint
    done = [e.change.key.name for e in events if e.outcome is Outcome.DONE]
    assert done == ["company.name"]


def test_a_server_without_plugins_says_so_before_anything_is_done() -> None:
    with keeping(has_plugins=False) as made:
        made.know(SECRET)
        planned = made.plan(TOKEN)
        shown = plan_text(planned.plan.view)
        assert not [c for c in planned.plan.changes if c.key.name.startswith("video.")]
        assert "MM_PLUGINSETTINGS_ENABLE=true" in shown
        assert all("value" in settings(made.connect())[k].locked for k in _video_keys(planned))


def _video_keys(planned: flow.Planned) -> list[Any]:
    resources = planned.company.desired.resources
    return [r.key for r in resources if r.key.name.startswith("video.")]


def test_rocket_chat_says_no_at_the_line() -> None:
    with world("rocketchat") as made:
        note = made.platform.facts(made.connect().release).cell("setting.video").note
        said_no(made, [CASE.chapters[1].text], note)


def test_what_stands_for_a_secret_is_never_written() -> None:
    """On hosts of ours `deploy` makes the secret; nothing else may write what stands for it."""
    with keeping(has_plugins=True) as made:
        made.write(TOKEN)
        hosts = replace(made.environment, target=Where.HOSTS)
        planned = flow.plan_live(
            load_company(made.folder / "company.yaml"),
            hosts,
            made.credential,
            flow.Asked(),
            lambda step: None,
        )
        assert any(c.key.name == "video.secret" for c in planned.plan.changes)
        with pytest.raises(RefusedError, match="not made yet"):
            made.apply(planned)
        assert "jitsi" not in held(made)["Plugins"]

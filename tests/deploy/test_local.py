import stat
from pathlib import Path

import pytest

from chatops.deploy import local
from chatops.deploy.ansible import Event, EventKind
from chatops.deploy.render import render, write
from chatops.errors import InstallError
from chatops.spec.models import Spec

TRICKY = "Nordlys {{ lookup('ansible.builtin.pipe', 'false') }}"


@pytest.fixture
def build(tmp_path: Path) -> Path:
    spec = Spec.model_validate(
        {"version": 1, "company": {"name": TRICKY}, "chat": {"platform": "mattermost"}}
    )
    write(render(spec, "sandbox", "mattermost"), tmp_path / "build")
    return tmp_path / "build"


def test_a_playbook_puts_the_sandbox_in_place_once(state: Path, build: Path) -> None:
    would = local.install("mattermost", state=state, build=build, check=True)
    assert would.changed == 3, "check mode tells what would change"
    assert not state.exists()

    events: list[Event] = []
    first = local.install("mattermost", state=state, build=build, on_event=events.append)
    assert first.changed == would.changed
    assert local.control("status", "mattermost", state).url == first.url
    changed = [e.name for e in events if e.kind is EventKind.CHANGED]
    assert changed == ["Make the state folder", "Put the settings in place", "Start the server"]

    second = local.install("mattermost", state=state, build=build)
    assert (second.url, second.changed) == (first.url, 0)
    assert local.install("mattermost", state=state, build=build, check=True).changed == 0

    home = state.parents[1]
    assert (home / ".gitignore").read_text() == "*\n"
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert len(list((home / "logs").iterdir())) == 4


def test_a_failed_installation_says_where_and_why(state: Path, build: Path) -> None:
    state.mkdir(parents=True)
    (state / "sandbox.sqlite3").write_bytes(b"this is no database " * 100)
    with pytest.raises(InstallError) as caught:
        local.install("mattermost", state=state, build=build)
    assert "the task `Start the server` failed on localhost" in str(caught.value)
    assert "file is not a database" in str(caught.value)
    assert ".jsonl" in caught.value.hint


def test_what_was_not_rendered_cannot_be_installed(state: Path, tmp_path: Path) -> None:
    with pytest.raises(InstallError, match=r"cannot read .*vars\.json"):
        local.install("mattermost", state=state, build=tmp_path)


def test_the_sandbox_is_controlled_with_errors_of_ours(state: Path) -> None:
    assert local.control("start", "mattermost", state).changed
    with pytest.raises(InstallError, match="is not one of rocketchat"):
        local.control("status", "rocketchat", state)
    assert local.control("stop", "mattermost", state).changed

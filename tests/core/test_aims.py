"""Sets that others add to as well: what is ours to take away, and what stays."""

from dataclasses import dataclass

import pytest

from chatops.core.aims import aim
from chatops.core.diff import Observed, compare
from chatops.core.order import graph
from chatops.platforms.base import Action, Change
from chatops.resources import (
    UNKNOWN,
    Bot,
    Channel,
    Department,
    IncomingWebhook,
    Key,
    Live,
    Picture,
    PinnedMessages,
    Role,
    Setting,
    User,
)
from chatops.secrets import Secret
from tests.core.build import company, person


def test_permissions_are_added_and_taken_and_the_rest_stays() -> None:
    want = Role(name="member", may=frozenset({"post.pin"}), may_not=frozenset({"team.create"}))
    have = Role(name="member", may=frozenset({"team.create", "emoji.create"}))
    assert aim(want, have).may == {"post.pin", "emoji.create"}
    assert aim(want, None).may == {"post.pin"}


def test_only_our_own_pins_are_taken_down() -> None:
    want = PinnedMessages(team="t", channel="c", texts=frozenset({"new"}))
    have = PinnedMessages(
        team="t", channel="c", texts=frozenset({"old", "theirs"}), ours=frozenset({"old"})
    )
    assert aim(want, have).texts == {"new", "theirs"}


def test_a_bot_leaves_no_channel() -> None:
    want = Bot(username="robo", channels=frozenset({"t/a"}))
    assert aim(want, Bot(username="robo", channels=frozenset({"t/b"}))).channels == {"t/a", "t/b"}


@pytest.mark.parametrize(
    ("exact", "left"), [(False, {"ann", "ben", "eve"}), (True, {"ann", "eve"})]
)
def test_agents(exact: bool, left: set[str]) -> None:
    want = Department(name="d", agents=frozenset({"ann"}))
    have = Department(name="d", agents=frozenset({"ben", "eve"}))
    assert aim(want, have, exact=exact, inactive={"eve"}).agents == left


def test_roles_of_others_stay_on_a_person() -> None:
    want = User(username="ann", own_roles=frozenset({"clerk"}))
    have = User(username="ann", own_roles=frozenset({"driver", "theirs"}))
    assert aim(want, have, own_roles={"clerk", "driver"}).own_roles == {"clerk", "theirs"}


@dataclass(frozen=True)
class Remembered:
    same_as: str | None

    def same(self, key: Key, name: str, value: Secret | Picture) -> bool | None:
        if self.same_as is None:
            return None
        told = value.reveal() if isinstance(value, Secret) else value.sha256
        return told == self.same_as


@pytest.mark.parametrize(
    ("memory", "changes", "notes"), [("the-key-itself", 0, 0), ("other", 1, 0), (None, 0, 1)]
)
def test_what_no_server_shows_is_compared_by_memory(
    memory: str | None, changes: int, notes: int
) -> None:
    want = Setting(name="smtp.password", value=Secret("the-key-itself"))
    there = Live(resource=Setting(name="smtp.password", value=UNKNOWN), id="x")
    live = {there.key.folded: there}
    found = compare(company(), (want,), Observed(live=live, memory=Remembered(memory)), {})
    assert (len(found.changes), len(found.notes)) == (changes, notes)


def test_a_picture_that_is_not_there_is_a_change_without_any_memory() -> None:
    desired = company(users=[person("ann")])
    want = User(username="ann", picture=Picture(name="a.png", data=b"", sha256="aa"))
    there = Live(resource=User(username="ann", picture=""), id="x")
    found = compare(desired, (want,), Observed(live={there.key.folded: there}), {})
    assert [c.changed for c in found.changes] == [("picture",)]


def test_a_webhook_moves_out_before_its_channel_is_put_away() -> None:
    channel = Channel(team="t", name="old", archived=True)
    away = Change(
        action=Action.UPDATE,
        key=channel.key,
        want=channel,
        have=Live(resource=Channel(team="t", name="old", archived=False), id="c"),
        changed=("archived",),
    )
    hook = IncomingWebhook(name="ci", channel="t/new")
    moved = Change(
        action=Action.UPDATE,
        key=hook.key,
        want=hook,
        have=Live(resource=IncomingWebhook(name="ci", channel="t/old"), id="h"),
        changed=("channel",),
    )
    nodes = {n.change.key: n for n in graph([away, moved], {}) if n.change}
    assert nodes[hook.key] in nodes[channel.key].waits


def test_what_is_put_away_and_not_there_is_not_made() -> None:
    desired = company(teams=[{"name": "t", "channels": [{"name": "old", "archived": True}]}])
    wanted = tuple(r for r in desired.resources if isinstance(r, Channel))
    assert compare(desired, wanted, Observed(live={}), {}).changes == ()

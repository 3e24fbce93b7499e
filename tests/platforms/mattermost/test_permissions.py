"""What the words for permissions mean, and what the built-in roles hold."""

import re
from dataclasses import replace
from itertools import chain

import pytest

from chatops.errors import ApiError
from chatops.platforms.base import Credential, Release
from chatops.platforms.mattermost import PLATFORM
from chatops.platforms.mattermost.permissions import (
    COMPOSED,
    NONE,
    ROLES,
    WORDS,
    permissions_of,
    seat,
)
from chatops.resources import ADMIN, CHANNEL_LEAD, MEMBER, TEAM_LEAD, Key, Kind, in_part
from chatops.spec.models import PERMISSIONS
from tests.platforms.mattermost.conftest import PASSWORD, Bench, Site

NEW = Release((11, 7), "team")


def test_every_word_is_a_permission_or_says_why_not() -> None:
    facts = PLATFORM.facts(NEW)
    for word in PERMISSIONS:
        assert word in WORDS or word in COMPOSED or facts.cell(f"permission.{word}").note, word
    assert set(WORDS) | set(COMPOSED) <= set(PERMISSIONS)
    assert all(re.match(rf"{name}(\.|$)", w) is None for name, _ in NONE for w in WORDS)


def test_no_permission_stands_behind_two_words() -> None:
    everything = list(chain.from_iterable(entry.permissions for entry in WORDS.values()))
    assert len(everything) == len(set(everything))


def test_a_permission_sits_where_it_counts() -> None:
    assert seat("team.create", MEMBER) == "system_user"
    assert seat("team.create", TEAM_LEAD) is None
    assert seat("channel.create_public", MEMBER) == "team_user"
    assert seat("channel.archive", MEMBER) == "channel_user"
    assert seat("channel.archive", TEAM_LEAD) == "team_admin"
    assert seat("emoji.create", TEAM_LEAD) == "team_admin"
    assert seat("channel.create_public", CHANNEL_LEAD) is None
    facts = PLATFORM.facts(NEW)
    assert not facts.cell("permission.team.create.team-lead").held
    assert not facts.cell("permission.channel.create.channel-lead").held
    assert not facts.cell(f"permission.channel.create.{ADMIN}").held
    assert facts.cell("permission.team.create.member").held


def test_old_servers_call_some_otherwise() -> None:
    old = permissions_of("integration.manage_own", Release((10, 11), "team"))
    assert "manage_incoming_webhooks" in old
    assert "manage_own_incoming_webhooks" in permissions_of("integration.manage_own", NEW)


def test_a_fresh_server_holds_what_the_facts_say(bench: Bench) -> None:
    """On the sandbox, and on a real one that nobody has changed."""
    release = bench.server.release
    fresh = {x.key: x for x in PLATFORM.facts(release).pristine if x.key.kind is Kind.ROLE}
    live = bench.all(Kind.ROLE)
    assert {k.name for k in live} == {k.name for k in fresh} == set(ROLES)
    for key, there in live.items():
        assert there.resource.may == fresh[key].resource.may, key


def test_what_is_held_in_part_becomes_whole_or_nothing(bench: Bench) -> None:
    key, client = Key(Kind.ROLE, TEAM_LEAD), bench.server.client
    part = in_part("channel.archive")
    role = client.get("/roles/name/team_admin")
    before = set(role["permissions"])

    def permitted() -> set[str]:
        return set(client.get("/roles/name/team_admin")["permissions"])

    def half() -> frozenset[str]:
        one_of_two = sorted({*before, "delete_public_channel"})
        client.put(f"/roles/{role['id']}/patch", {"permissions": one_of_two})
        held = bench.one(key).resource.may
        assert part in held
        return held - {part}

    both = {"delete_public_channel", "delete_private_channel"}
    try:
        others = half()
        bench.update(key, may=others)
        assert permitted() == before
        bench.update(key, may=half() | {"channel.archive"})
        assert permitted() == before | both
        assert bench.one(key).resource.may == others | {"channel.archive"}
    finally:
        client.put(f"/roles/{role['id']}/patch", {"permissions": sorted(before)})


def test_what_upgrades_have_added_stays(bench: Bench) -> None:
    """A role holds far more than we have words for, and keeps it."""
    key, client = Key(Kind.ROLE, MEMBER), bench.server.client
    names = ("system_user", "team_user", "channel_user")
    before = {n: set(client.get(f"/roles/name/{n}")["permissions"]) for n in names}
    may = bench.one(key).resource.may
    bench.update(key, may=may - {"team.create", "channel.archive"})
    after = {n: set(client.get(f"/roles/name/{n}")["permissions"]) for n in names}
    assert before["system_user"] - after["system_user"] == {"create_team"}
    assert before["team_user"] == after["team_user"]
    gone = {"delete_public_channel", "delete_private_channel"}
    assert before["channel_user"] - after["channel_user"] == gone
    bench.update(key, may=may)
    assert {n: set(client.get(f"/roles/name/{n}")["permissions"]) for n in names} == before


def test_a_member_may_not_change_roles(bench: Bench, site: Site) -> None:
    name = bench.user("meek")
    weak = replace(site, credential=Credential(username=name, password=PASSWORD)).connect()
    with pytest.raises(ApiError) as caught:
        Bench(weak).update(Key(Kind.ROLE, MEMBER), may=frozenset())
    assert "no permission" in caught.value.message
    weak.close()

"""What roles may do on a server, and the company's own ones."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from chatops.errors import ApiError
from chatops.platforms.base import Action, Can, Change, Credential, Release, Run
from chatops.platforms.rocketchat import PLATFORM
from chatops.platforms.rocketchat.client import Client
from chatops.platforms.rocketchat.handlers.roles import Roles
from chatops.platforms.rocketchat.normalize import NORMALIZE
from chatops.platforms.rocketchat.permissions import (
    BORN,
    BUILT_IN,
    COMPOSED,
    IN_ROOMS,
    NOWHERE,
    WORDS,
    permissions_of,
    words_held,
)
from chatops.platforms.rocketchat.rolebook import RoleBook
from chatops.resources import GUEST, Ids, Key, Kind, Role, User, in_part
from chatops.sandbox.server import Sandbox
from chatops.spec.models import PERMISSIONS
from tests.platforms.rocketchat.conftest import NETWORK, PASSWORD, Bench
from tests.platforms.rocketchat.replay import line, recorded, replay

Own = Callable[..., tuple[Sandbox, Bench]]


def _role(name: str) -> Key:
    return Key(Kind.ROLE, name)


def _holders(bench: Bench, permission: str) -> set[str]:
    rows = bench.server.client.get("permissions.listAll")["update"]
    return set(next(row["roles"] for row in rows if row["_id"] == permission))


def test_every_word_of_the_language_is_held_or_refused() -> None:
    assert {*WORDS, *COMPOSED, *NOWHERE} == set(PERMISSIONS)


def test_no_permission_stands_behind_two_words() -> None:
    for table in (WORDS, *IN_ROOMS.values()):
        behind = [permission for permissions in table.values() for permission in permissions]
        assert len(behind) == len(set(behind))


def test_a_fresh_server_is_as_we_say(own: Own) -> None:
    _, bench = own()
    facts = PLATFORM.facts(Release((8, 3), "community"))
    born = {x.key: x.resource for x in facts.pristine if x.key.kind is Kind.ROLE}
    assert {key: live.resource for key, live in bench.all(Kind.ROLE).items()} == born
    rows = bench.server.client.get("permissions.listAll")["update"]
    there = {row["_id"]: set(row["roles"]) & set(BUILT_IN.values()) for row in rows}
    assert {p: set(roles.split()) for p, roles in BORN.items()} == {p: there[p] for p in BORN}


def test_words_are_given_and_taken_and_nothing_else(own: Own) -> None:
    _, bench = own()
    before = bench.server.client.get("permissions.listAll")["update"]
    live = bench.one(_role("member")).resource
    assert "emoji.create" not in live.may
    wanted = (live.may | {"emoji.create", "integration.manage_own"}) - {"team.create"}
    bench.update(_role("member"), may=wanted)
    assert bench.one(_role("member")).resource.may == wanted
    assert "user" in _holders(bench, "manage-emoji")
    assert _holders(bench, "create-team") == {"admin"}
    bench.update(_role("member"), may=live.may)
    after = bench.server.client.get("permissions.listAll")["update"]

    def grants(rows: list[dict]) -> dict[str, set[str]]:
        return {row["_id"]: set(row["roles"]) for row in rows}

    assert grants(after) == grants(before)


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_each_word_is_given_to_each_role_that_can_hold_it(own: Own, name: str) -> None:
    _, bench = own()
    words = frozenset(IN_ROOMS.get(name, WORDS))
    bench.update(_role(name), may=words)
    assert bench.one(_role(name)).resource.may == words
    bench.update(_role(name), may=frozenset())
    assert bench.one(_role(name)).resource.may == frozenset()


def test_a_word_that_is_held_in_part_is_told_and_taken_as_a_whole(own: Own) -> None:
    _, bench = own()
    rows = [{"_id": "mention-here", "roles": ["admin", "owner"]}]
    bench.server.client.post("permissions.update", {"permissions": rows})
    live = bench.one(_role("member")).resource
    part = in_part("post.mention_all")
    assert part in live.may
    assert "post.mention_all" not in live.may
    bench.update(_role("member"), may=live.may - {part})
    assert "user" not in _holders(bench, "mention-all")
    bench.update(_role("member"), may=(live.may - {part}) | {"post.mention_all"})
    assert "post.mention_all" in bench.one(_role("member")).resource.may


def test_roles_of_others_in_a_list_stay_though_many_write_at_once(own: Own) -> None:
    _, bench = own()
    handler = bench.server.handlers[Kind.ROLE]
    lives = bench.all(Kind.ROLE)
    words = {"member": "emoji.create", "guest": "emoji.create", "admin": "video.start"}

    def give(name: str) -> None:
        have = lives[_role(name)]
        may = (have.resource.may | {words[name]}) - {"post.mention_all"}
        want = replace(have.resource, may=may)
        change = Change(action=Action.UPDATE, key=have.key, want=want, have=have, changed=("may",))
        handler.update(change, bench.run)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(give, words))
    assert {"user", "guest", "admin"} <= _holders(bench, "manage-emoji")
    assert _holders(bench, "mention-all") == {"owner", "moderator", "federated-external"}


def test_what_somebody_else_gave_since_is_not_taken_back(own: Own) -> None:
    _, bench = own()
    have = bench.one(_role("member"))
    rows = [{"_id": "manage-emoji", "roles": ["admin", "bot"]}]
    bench.server.client.post("permissions.update", {"permissions": rows})
    want = replace(have.resource, may=have.resource.may | {"emoji.create"})
    change = Change(action=Action.UPDATE, key=have.key, want=want, have=have, changed=("may",))
    bench.server.handlers[Kind.ROLE].update(change, bench.run)
    assert _holders(bench, "manage-emoji") == {"admin", "bot", "user"}


def test_a_permission_that_a_release_does_not_know_makes_no_difference() -> None:
    grants = {"mention-all": frozenset({"user"})}
    assert "post.mention_all" in words_held("member", "user", grants)


def test_who_was_given_the_right_has_it(own: Own) -> None:
    _, bench = own()
    team, (name,) = bench.staffed(1)
    room = bench.run.ids.get(Kind.CHANNEL, f"{team}/{bench.channel(team)}")
    client = bench.signed_in(name)
    message = bench.server.client.post("chat.postMessage", {"roomId": room, "text": "x"})
    body = {"messageId": message["message"]["_id"]}
    with pytest.raises(ApiError):
        client.post("chat.pinMessage", body)
    live = bench.one(_role("member")).resource
    bench.update(_role("member"), may=live.may | {"post.pin"})
    client.post("chat.pinMessage", body)


def test_further_roles_are_refused_without_a_licence(own: Own) -> None:
    _, bench = own()
    with pytest.raises(ApiError) as caught:
        bench.create(Role(name="auditor", own=True, may=frozenset({"post.pin"})))
    assert "enterprise" in caught.value.message


def test_a_role_of_our_own(own: Own) -> None:
    _, bench = own(licence="Enterprise")
    assert bench.server.release.edition == "enterprise"
    may = frozenset({"emoji.create", "post.pin"})
    made = bench.create(Role(name="auditor", own=True, description="Looks", may=may))
    live = bench.one(_role("auditor"))
    assert live.resource == Role(name="auditor", own=True, description="Looks", may=may)
    assert (live.id, live.protected) == (made.id, False)
    rows = {"roleId": live.id, "name": "auditor", "mandatory2fa": True, "description": "Looks"}
    bench.server.client.post("roles.update", rows)
    bench.update(_role("auditor"), description="Looks at all", may=frozenset({"team.create"}))
    live = bench.one(_role("auditor"))
    assert (live.resource.description, live.resource.may) == ("Looks at all", {"team.create"})
    (row,) = (r for r in bench.server.client.get("roles.list")["roles"] if r["_id"] == live.id)
    assert row["mandatory2fa"] is True
    with pytest.raises(ApiError) as caught:
        bench.create(Role(name="auditor", own=True, may=frozenset()))
    assert caught.value.code == "error-duplicate-role-names-not-allowed"


def test_people_have_roles_of_our_own_and_lose_them(own: Own) -> None:
    _, bench = own(licence="Pro")
    for name in ("auditor", "driver"):
        bench.create(Role(name=name, own=True, may=frozenset({"post.pin"})))
    ida = bench.user(own_roles=frozenset({"auditor"}))
    key = Key(Kind.USER, ida)
    assert bench.one(key).resource.own_roles == {"auditor"}
    assert bench.one(key).resource.roles == {"member"}
    bench.update(key, own_roles=frozenset({"driver"}))
    assert bench.one(key).resource.own_roles == {"driver"}
    bench.update(key, own_roles=frozenset())
    assert bench.one(key).resource.own_roles == frozenset()
    with pytest.raises(ApiError, match="no role pilot"):
        wish = User(username=bench.fresh("bo"), own_roles=frozenset({"pilot"}), password=PASSWORD)
        bench.create(wish)


def test_a_licence_caps_guests_and_says_how_many_there_are(own: Own) -> None:
    _, bench = own(licence="Enterprise")
    for _ in range(3):
        bench.user(roles=frozenset({GUEST}))
    with pytest.raises(ApiError, match="no further guest"):
        bench.user(roles=frozenset({GUEST}))
    limits = PLATFORM.connect(bench.target).limits
    assert (limits.guests, limits.guests_now) == (3, 3)
    assert (limits.people, limits.people_now) == (1000, 4)


def test_without_a_licence_guests_are_not_counted(bench: Bench) -> None:
    names = [bench.user(roles=frozenset({GUEST})) for _ in range(4)]
    assert bench.one(Key(Kind.USER, names[0])).resource.roles == {GUEST}
    assert (bench.server.limits.guests, bench.server.limits.people) == (None, None)


def test_a_word_that_is_others_together_is_written_as_those() -> None:
    role = Role(
        name="member", may=frozenset({"channel.create"}), may_not=frozenset({"channel.create"})
    )
    once = NORMALIZE[Kind.ROLE](role)
    parts = {"channel.create_public", "channel.create_private"}
    assert (once.may, once.may_not) == (parts, parts)
    assert NORMALIZE[Kind.ROLE](once) == once


@pytest.mark.parametrize(
    ("edition", "feature", "can"),
    [
        ("community", "permission.channel.create.member", Can.YES),
        ("community", "permission.channel.create.team-lead", Can.YES),
        ("community", "permission.channel.create.channel-lead", Can.NO),
        ("community", "permission.team.create.team-lead", Can.NO),
        ("community", "permission.team.invite.team-lead", Can.YES),
        ("community", "permission.team.invite.channel-lead", Can.NO),
        ("community", "permission.post.pin.channel-lead", Can.YES),
        ("community", "permission.post.edit_own.member", Can.NO),
        ("community", "permission.guest.invite.admin", Can.NO),
        ("community", "permission.post.pin.guest", Can.YES),
        ("enterprise", "permission.post.pin.guest", Can.NO),
        ("community", "role.own", Can.PAID),
        ("starter", "role.own", Can.PAID),
        ("pro", "role.own", Can.YES),
        ("community", "user.own_roles", Can.PAID),
    ],
)
def test_support(edition: str, feature: str, can: Can) -> None:
    assert PLATFORM.facts(Release((8, 9), edition)).cell(feature).can is can


def test_a_word_that_means_nothing_for_a_role_has_no_permission() -> None:
    assert permissions_of("emoji.create", "team-lead") == ()
    assert permissions_of("channel.create_public", "team-lead") == ("create-team-channel",)
    assert permissions_of("channel.create_public", "anything") == ("create-c",)


def test_what_a_real_server_answered_is_understood() -> None:
    """Only the first roles and permissions were kept of the recorded lists."""
    roles = recorded("8.3")["roles.list"]
    rows = [row for row in roles["response"]["roles"] if isinstance(row, dict)]
    grants = recorded("8.3")["permissions.listAll"]
    lists = [row for row in grants["response"]["update"] if isinstance(row, dict)]
    lists.append({"_id": "manage-emoji", "roles": ["admin"]})
    lines = [
        {**roles, "response": {"roles": rows, "success": True}},
        {**grants, "response": {"update": lists, "remove": [], "success": True}},
        line("POST", "permissions.update", recorded("8.3")["permissions.update"]["response"]),
    ]
    with replay(lines) as server:
        client = Client(server.url, NETWORK, Credential())
        handler = Roles(client, RoleBook(client))
        found = {live.key.name: live for live in handler.read(None, Ids())}
        assert set(found) == {"admin", "channel-lead"}
        assert found["admin"].resource.may == {"emoji.create"}
        have = found["channel-lead"]
        want = Role(name="channel-lead", may=frozenset({"post.pin"}))
        change = Change(action=Action.UPDATE, key=have.key, want=want, have=have, changed=("may",))
        handler.update(change, Run(ids=Ids()))
        assert server.sent("POST permissions.update") == [], "it knows no pin-message"
        have = found["admin"]
        want = Role(name="admin", may=frozenset())
        change = Change(action=Action.UPDATE, key=have.key, want=want, have=have, changed=("may",))
        handler.update(change, Run(ids=Ids()))
        (sent,) = server.sent("POST permissions.update")
    assert sent.body == {"permissions": [{"_id": "manage-emoji", "roles": []}]}

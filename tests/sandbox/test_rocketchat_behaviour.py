"""What the Rocket.Chat stand-in does beyond the recorded steps: its reference pages, in tests."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from chatops.sandbox import Sandbox
from tests.sandbox.replay import steps_of
from tests.sandbox.test_replay_rocketchat import RECORDING

PASSWORD = "Admin-pass-1"
LONG = "Long-enough-Pass-1"


class Person:
    """Somebody who calls; every answer is (status, body)."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.url = f"{sandbox.url}/api/v1/"
        self.http = requests.Session()
        self.ident = ""

    def login(self, name: str, password: str = PASSWORD) -> "Person":
        status, body = self.post("login", user=name, password=password)
        assert status == 200, body
        self.ident = body["data"]["userId"]
        self.http.headers.update(
            {"X-Auth-Token": body["data"]["authToken"], "X-User-Id": self.ident}
        )
        return self

    def sure(self) -> "Person":
        """With the second factor on every call from here on."""
        code = hashlib.sha256(PASSWORD.encode()).hexdigest()
        self.http.headers.update({"x-2fa-code": code, "x-2fa-method": "password"})
        return self

    def post(self, name: str, /, **body: Any) -> tuple[int, dict[str, Any]]:
        answer = self.http.post(self.url + name, json=body, timeout=30)
        return answer.status_code, answer.json()

    def get(self, name: str, /, **query: Any) -> tuple[int, dict[str, Any]]:
        answer = self.http.get(self.url + name, params=query, timeout=30)
        return answer.status_code, answer.json()

    def make(self, username: str, **more: Any) -> str:
        body = {"email": f"{username}@example.com", "name": username.title(), "password": PASSWORD}
        status, told = self.post("users.create", username=username, **body, **more)
        assert status == 200, told
        return str(told["user"]["_id"])

    def room(self, family: str, name: str, **more: Any) -> str:
        status, told = self.post(f"{family}.create", name=name, **more)
        assert status == 200, told
        return str(told[family[:-1]]["_id"])


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("rocketchat") as running:
        running.workspace.seed_admin("boss", PASSWORD, "boss@example.com")
        yield running


@pytest.fixture
def boss(sandbox: Sandbox) -> Person:
    return Person(sandbox).login("boss").sure()


def test_the_first_to_register_is_admin_and_the_door_can_be_shut() -> None:
    with Sandbox("rocketchat") as sandbox:
        anybody = Person(sandbox)
        first = {"username": "ann", "email": "ann@example.com", "pass": LONG, "name": "Ann"}
        status, told = anybody.post("users.register", **first)
        assert status == 200
        assert "emails" not in told["user"] and "roles" not in told["user"]
        second = {"username": "ben", "email": "ben@example.com", "pass": LONG, "name": "Ben"}
        assert anybody.post("users.register", **second)[0] == 200
        ann = Person(sandbox).login("ann", LONG)
        assert ann.get("me")[1]["roles"] == ["user", "admin"]
        assert Person(sandbox).login("ben", LONG).get("me")[1]["roles"] == ["user"]
        code = hashlib.sha256(LONG.encode()).hexdigest()
        ann.http.headers.update({"x-2fa-code": code, "x-2fa-method": "password"})
        assert ann.post("settings/Accounts_RegistrationForm", value="Disabled")[0] == 200
        third = {"username": "cid", "email": "cid@example.com", "pass": LONG, "name": "Cid"}
        status, told = anybody.post("users.register", **third)
        assert (status, told["errorType"]) == (400, "error-user-registration-disabled")


def test_the_limiter_sleeps_in_the_first_run_and_wakes_after(sandbox: Sandbox) -> None:
    boss = Person(sandbox).login("boss")
    boss.make("ann")
    ann = Person(sandbox).login("ann")
    assert {ann.get("me")[0] for _ in range(12)} == {200}
    sandbox.restart()
    answers = [ann.http.get(ann.url + "me", timeout=30) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert answers[9].headers["X-RateLimit-Remaining"] == "0"
    assert "Retry-After" not in answers[10].headers
    assert {boss.get("me")[0] for _ in range(12)} == {200}


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    with Sandbox("rocketchat", tmp_path) as sandbox:
        sandbox.workspace.seed_admin("boss", PASSWORD, "boss@example.com")
        boss = Person(sandbox).login("boss").sure()
        boss.make("ann")
        rid = boss.room("channels", "plans", members=["ann"], extraData={"topic": "t"})
        boss.post("settings/Site_Name", value="Here")
        boss.post("permissions.update", permissions=[{"_id": "create-c", "roles": ["admin"]}])
        boss.post("chat.postMessage", roomId=rid, text="hello")
        before = boss.get("channels.info", roomId=rid), boss.get("users.list")
        sandbox.restart()
        assert (boss.get("channels.info", roomId=rid), boss.get("users.list")) == before
        assert boss.get("settings/Site_Name")[1]["value"] == "Here"
        assert boss.get("channels.members", roomId=rid)[1]["total"] == 2
        ann = Person(sandbox).login("ann")
        assert ann.post("channels.create", name="no")[0] == 403


def test_a_personal_token_does_not_spare_the_second_factor_but_a_setting_does(
    sandbox: Sandbox, boss: Person
) -> None:
    _, told = boss.post("users.generatePersonalAccessToken", tokenName="t", bypassTwoFactor=True)
    token = Person(sandbox)
    token.http.headers.update({"X-Auth-Token": told["token"], "X-User-Id": boss.ident})
    assert token.get("me")[0] == 200
    assert token.post("settings/Site_Name", value="x")[1]["errorType"] == "totp-required"
    fallback = "Accounts_TwoFactorAuthentication_Enforce_Password_Fallback"
    assert boss.post(f"settings/{fallback}", value=False)[0] == 200
    assert token.post("settings/Site_Name", value="x")[0] == 200
    assert boss.get("users.getPersonalAccessTokens")[1]["tokens"][0]["name"] == "t"


def test_names_are_one_space_for_rooms_teams_and_archived_rooms(boss: Person) -> None:
    old = boss.room("channels", "old")
    assert boss.post("channels.archive", roomId=old)[0] == 200
    for family in ("channels", "groups"):
        _, told = boss.post(f"{family}.create", name="old")
        assert told["errorType"] == "error-archived-duplicate-name"
    assert boss.post("teams.create", name="crew", type=0)[0] == 200
    assert boss.post("channels.create", name="crew")[1]["errorType"] == (
        "error-duplicate-channel-name"
    )
    assert boss.post("users.create", username="crew", name="C", email="c@x.y", password="p")[1][
        "errorType"
    ] == ("error-field-unavailable")
    _, told = boss.post("rooms.saveRoomSettings", rid=old, roomName="boss")
    assert told["errorType"] == "error-duplicate-handle"
    assert boss.get("rooms.info", roomId=old)[1]["errorType"] == "error-room-archived"
    assert boss.get("channels.info", roomId=old)[0] == 200


def test_private_groups_are_closed_to_an_admin_until_the_right_is_given(
    sandbox: Sandbox, boss: Person
) -> None:
    ann, ben = boss.make("ann"), boss.make("ben")
    rid = Person(sandbox).login("ann").room("groups", "secret")
    assert boss.get("groups.info", roomId=rid)[1]["errorType"] == "error-room-not-found"
    assert boss.get("rooms.adminRooms.getRoom", rid=rid)[1]["name"] == "secret"
    assert boss.post("rooms.saveRoomSettings", rid=rid, roomTopic="t")[0] == 200
    assert boss.post("groups.invite", roomId=rid, userId=ben)[1]["errorType"] == "error-not-allowed"
    granted = [
        {"_id": "add-user-to-any-p-room", "roles": ["admin"]},
        {"_id": "kick-user-from-any-p-room", "roles": ["admin"]},
    ]
    assert boss.post("permissions.update", permissions=granted)[0] == 200
    assert boss.post("groups.invite", roomId=rid, userId=ben)[0] == 200
    assert boss.post("groups.kick", roomId=rid, userId=ben)[0] == 200
    _, told = boss.post("groups.kick", roomId=rid, userId=ann)
    assert told["errorType"] == "error-you-are-last-owner"


def test_the_last_owner_and_the_last_admin_stay(sandbox: Sandbox, boss: Person) -> None:
    uid = boss.make("ann")
    ann = Person(sandbox).login("ann")
    rid = ann.room("groups", "hers")
    boss.make("ben")
    ann.post("groups.invite", roomId=rid, username="ben")
    status, told = boss.post("users.setActiveStatus", userId=uid, activeStatus=False)
    assert (status, told["errorType"]) == (400, "user-last-owner")
    assert told["details"] == {"shouldBeRemoved": [], "shouldChangeOwner": ["hers"]}
    status, _ = boss.post(
        "users.setActiveStatus", userId=uid, activeStatus=False, confirmRelinquish=True
    )
    assert status == 200
    assert ann.get("me")[0] == 401
    ben = Person(sandbox).login("ben")
    owners = ben.get("groups.roles", roomId=rid)[1]["roles"]
    assert {sub["u"]["username"] for sub in owners} == {"ann", "ben"}
    _, told = boss.post("users.setActiveStatus", userId=boss.ident, activeStatus=False)
    assert told["errorType"] == "error-action-not-allowed"
    assert boss.post("users.delete", userId="rocket.cat")[1]["errorType"] == (
        "error-action-not-allowed"
    )


def test_a_team_carries_its_rooms_and_its_default_rooms_their_members(boss: Person) -> None:
    ann, ben = boss.make("ann"), boss.make("ben")
    _, told = boss.post("teams.create", name="crew", type=1, members=["ann", "nobody"])
    team, main = told["team"]["_id"], told["team"]["roomId"]
    inner = boss.room("channels", "inner", extraData={"teamId": team}, excludeSelf=True)
    assert boss.post("teams.updateRoom", roomId=inner, isDefault=True)[0] == 200
    assert boss.get("channels.members", roomId=inner)[1]["total"] == 2
    members = [{"userId": ben, "roles": ["owner"]}]
    assert boss.post("teams.addMembers", teamId=team, members=members)[0] == 200
    assert boss.get("channels.members", roomId=inner)[1]["total"] == 3
    names = {m["user"]["username"] for m in boss.get("teams.members", teamId=team)[1]["members"]}
    assert names == {"boss", "ann", "ben"}
    assert [r["name"] for r in boss.get("teams.listRooms", teamId=team)[1]["rooms"]] == ["inner"]
    assert boss.post("rooms.delete", roomId=main)[1]["errorType"] == (
        "error-cannot-delete-team-channel"
    )
    assert boss.post("teams.update", teamId=team, data={"name": "crowd", "type": 0})[0] == 200
    info = boss.get("rooms.info", roomId=main)[1]
    assert (info["room"]["name"], info["room"]["t"], info["team"]["name"]) == (
        "crowd",
        "c",
        "crowd",
    )
    types = {"types[]": ["teams"]}
    assert boss.get("rooms.adminRooms", **types)[1]["total"] == 1
    assert boss.get("rooms.adminRooms", filter="inn")[1]["rooms"][0]["teamId"] == team
    assert boss.post("teams.removeMember", teamId=team, userId=ann)[0] == 200
    assert boss.post("teams.delete", teamId=team)[0] == 200
    assert "teamId" not in boss.get("channels.info", roomId=inner)[1]["channel"]


def test_people_come_into_default_rooms_unless_told_not_to(boss: Person) -> None:
    rid = boss.room("channels", "hall")
    assert boss.post("channels.setDefault", roomId=rid, default=True)[0] == 200
    boss.make("ann")
    boss.make("ben", joinDefaultChannels=False)
    found = boss.get("channels.members", roomId=rid)[1]["members"]
    assert [user["username"] for user in found] == ["ann", "boss"]


def test_pages_are_cut_at_the_limit_and_zero_is_everything(boss: Person) -> None:
    for number in range(104):
        boss.make(f"p{number:03}", joinDefaultChannels=False)
    _, told = boss.get("users.list", count=1000)
    assert (len(told["users"]), told["total"]) == (100, 106)
    assert len(boss.get("users.list", count=0)[1]["users"]) == 106
    assert len(boss.get("users.list")[1]["users"]) == 50
    _, told = boss.get("users.list", count=100, offset=100)
    assert (len(told["users"]), told["offset"]) == (6, 100)
    assert boss.get("users.list", sort='{"username":-1}', count=1)[1]["users"][0]["username"] == (
        "rocket.cat"
    )
    assert boss.get("users.list", sort="nonsense")[1]["errorType"] == "error-invalid-sort"
    _, told = boss.get("users.listByStatus", status="active", searchTerm="P00")
    assert told["total"] == 10


def test_settings_tell_their_defaults_only_when_asked(boss: Person) -> None:
    boss.post("settings/API_User_Limit", value=7)
    plain = {s["_id"]: s for s in boss.get("settings", count=100)[1]["settings"]}
    full = {
        s["_id"]: s for s in boss.get("settings", count=100, includeDefaults="true")[1]["settings"]
    }
    assert "packageValue" not in plain["API_User_Limit"]
    assert (full["API_User_Limit"]["value"], full["API_User_Limit"]["packageValue"]) == (7, 500)
    assert boss.get("settings/Cloud_Workspace_Id") == (400, {"success": False})


def test_custom_fields_are_kept_once_the_server_knows_of_them(boss: Person) -> None:
    uid = boss.make("ann", customFields={"title": "Chief"})
    assert "customFields" not in boss.get("users.info", userId=uid)[1]["user"]
    known = '{"title": {"type": "text", "required": false, "maxLength": 10}}'
    boss.post("settings/Accounts_CustomFields", value=known)
    fields = {"customFields": {"title": "Chief", "other": "x"}}
    assert boss.post("users.update", userId=uid, data=fields)[0] == 200
    assert boss.get("users.info", userId=uid)[1]["user"]["customFields"] == {"title": "Chief"}
    long = {"customFields": {"title": "x" * 11}}
    assert boss.post("users.update", userId=uid, data=long)[0] == 400


def test_members_come_with_their_roles_owners_first(boss: Person) -> None:
    ann = boss.make("ann")
    rid = boss.room("channels", "plans", members=["ann"])
    boss.make("aaa")
    boss.post("channels.invite", roomId=rid, usernames=["aaa"])
    boss.post("channels.addModerator", roomId=rid, userId=ann)
    found = boss.get("rooms.membersOrderedByRole", roomId=rid)[1]["members"]
    assert [(m["username"], m.get("roles", [])) for m in found] == [
        ("boss", ["owner"]),
        ("ann", ["moderator"]),
        ("aaa", []),
    ]


def test_the_picture_shows_teams_rooms_people_and_words(sandbox: Sandbox, boss: Person) -> None:
    boss.make("ann")
    team = boss.post("teams.create", name="crew", type=0)[1]["team"]["_id"]
    rid = boss.room("channels", "plans", extraData={"teamId": team, "topic": "Plans"})
    boss.post("chat.postMessage", roomId=rid, text="hello")
    view = sandbox.workspace.view()
    crew, rest = view.teams
    plans = next(channel for channel in crew.channels if channel.name == "plans")
    assert (plans.topic, plans.members, plans.private) == ("Plans", ("boss",), False)
    assert [m.text for m in plans.messages if not m.system] == ["hello"]
    assert [channel.name for channel in rest.channels] == ["general"]
    assert {person.username for person in view.people} == {"rocket.cat", "boss", "ann"}


def test_the_product_refuses_in_its_own_words(sandbox: Sandbox) -> None:
    refusal = sandbox.workspace.refusal(429, 3)
    assert refusal.status_code == 429
    assert b"must wait 3 seconds" in bytes(refusal.body)
    assert "x-ratelimit-reset" in refusal.headers and "retry-after" not in refusal.headers
    assert sandbox.workspace.refusal(502, 0).status_code == 502


def test_probes_and_version_need_no_login(sandbox: Sandbox, boss: Person) -> None:
    for path in ("/health", "/livez", "/readyz"):
        assert requests.get(sandbox.url + path, timeout=30).status_code == 200
    anonymous = requests.get(f"{sandbox.url}/api/info", timeout=30).json()
    assert anonymous["version"] == "8.3"
    told = boss.http.get(f"{sandbox.url}/api/info", timeout=30).json()
    assert told["version"] == sandbox.workspace.version == "8.3.0"


SPOILT: tuple[Any, ...] = ({"x": 1}, 5, None, "", [], ["a"], [{"x": 1}], [None], "@x", "rocket.cat")


def test_no_request_makes_it_fall_over(sandbox: Sandbox, boss: Person) -> None:
    steps = [
        step
        for step in steps_of(RECORDING)
        if isinstance(step["request"], dict)
        and step["path"].startswith("/api/v1/")
        and not step["path"].endswith(("logout", "login"))
        and "/settings" not in step["path"]
    ]
    fallen = []
    for step in steps:
        body = {key: "GENERAL" if key == "roomId" else v for key, v in step["request"].items()}
        path = step["path"].removeprefix("/api/v1/")
        for key in body:
            for value in SPOILT[len(path) % 3 :: 3]:
                sent = {**body, key: value}
                answer = boss.http.request(step["method"], boss.url + path, json=sent, timeout=30)
                if answer.status_code >= 500:
                    fallen.append(f"{path}: {sent}")
    assert not fallen, "\n".join(fallen)

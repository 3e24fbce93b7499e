"""The Python client that people write their scripts with takes the sandbox for a Rocket.Chat."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from rocketchat_API.APIExceptions.RocketExceptions import (
    RocketApiException,
    RocketAuthenticationException,
    RocketBadStatusCodeException,
)
from rocketchat_API.rocketchat import RocketChat

from chatops.sandbox import Sandbox
from tests.clients.pictures import png

# The library opens the files that it sends and never closes them.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
NAME, PASSWORD = "root", "Sup3r-secret!pw"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("rocketchat") as sandbox:
        sandbox.workspace.seed_admin(NAME, PASSWORD, "root@acme.example")
        yield sandbox


@pytest.fixture
def admin(sandbox: Sandbox) -> Iterator[RocketChat]:
    with requests.Session() as session:
        yield RocketChat(NAME, PASSWORD, server_url=sandbox.url, session=session)


def with_second_factor(client: RocketChat) -> None:
    """What the library has no word for: the password once more, as these headers."""
    client.headers["x-2fa-code"] = hashlib.sha256(PASSWORD.encode()).hexdigest()
    client.headers["x-2fa-method"] = "password"


def person(client: RocketChat, name: str) -> str:
    made = client.users_create(f"{name}@acme.example", name.title(), PASSWORD, name)
    return str(made["user"]["_id"])


def refused(call: Any, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
    with pytest.raises(RocketApiException) as told:
        call(*args, **kwargs)
    return told.value.error, told.value.error_type


def test_login_logout_and_errors(sandbox: Sandbox, admin: RocketChat) -> None:
    assert admin.me()["username"] == NAME
    assert admin.info()["version"] == "8.3.0"
    with requests.Session() as session:
        with pytest.raises(RocketAuthenticationException):
            RocketChat(NAME, "no-such-password", server_url=sandbox.url, session=session)
        token = {k: admin.headers[k] for k in ("X-Auth-Token", "X-User-Id")}
        by_token = RocketChat(
            auth_token=token["X-Auth-Token"],
            user_id=token["X-User-Id"],
            server_url=sandbox.url,
            session=session,
        )
        assert by_token.me()["_id"] == token["X-User-Id"]
    assert refused(admin.users_info, username="nobody") == ("User not found.", None)
    person(admin, "ann")
    assert refused(person, admin, "ann")[1] == "error-field-unavailable"
    with pytest.raises(RocketBadStatusCodeException):
        admin.call_api_get("no.such.thing")
    admin.logout()
    assert refused(admin.me)[0] == "You must be logged in to do this."


def test_people_and_the_second_factor(admin: RocketChat, tmp_path: Path) -> None:
    ann = person(admin, "ann")
    assert refused(admin.users_update, ann, name="Ann Holm")[1] == "totp-required"
    with_second_factor(admin)
    assert admin.users_update(ann, name="Ann Holm")["user"]["name"] == "Ann Holm"
    admin.users_set_active_status(ann, False)
    assert admin.users_info(user_id=ann)["user"]["active"] is False
    admin.users_set_active_status(ann, True)
    admin.roles_add_user_to_role("admin", "ann")
    assert {u["username"] for u in admin.roles_get_users_in_role("admin")} == {NAME, "ann"}
    admin.roles_remove_user_from_role("admin", "ann")
    picture = tmp_path / "me.png"
    picture.write_bytes(png(64, 64))
    assert admin.users_set_avatar(str(picture))["success"]
    assert admin.users_set_status("At lunch", status="away")["success"]
    # The role is an enterprise feature.
    assert refused(admin.roles_create, "pilot")[1] == "error-action-not-allowed"


def test_the_client_walks_all_pages(admin: RocketChat) -> None:
    made = {person(admin, f"p{n}") for n in range(7)}
    everybody = list(admin.users_list(count=3))
    assert made <= {u["_id"] for u in everybody} and len(everybody) == len(made) + 2
    assert len(list(admin.users_list(count=3, max_count=4))) == 4


def test_channels_groups_and_teams(admin: RocketChat) -> None:
    ann, bo = person(admin, "ann"), person(admin, "bo")
    ops = admin.channels_create("ops", members=["ann"])["channel"]["_id"]
    admin.channels_set_topic(ops, "On call: Ann")
    admin.channels_set_description(ops, "What runs")
    shown = admin.channels_info(channel="ops")["channel"]
    assert (shown["topic"], shown["description"]) == ("On call: Ann", "What runs")
    admin.channels_invite(ops, bo)
    admin.channels_add_moderator(ops, bo)
    moderators = admin.channels_moderators(room_id=ops)["moderators"]
    assert [m["username"] for m in moderators] == ["bo"]
    admin.channels_add_owner(ops, username="ann")
    admin.channels_kick(ops, bo)
    assert {m["username"] for m in admin.channels_members(room_id=ops)} == {NAME, "ann"}
    admin.channels_set_read_only(ops, True)
    admin.channels_set_announcement(ops, "Closed on Friday")
    admin.channels_rename(ops, "ops2")
    admin.channels_archive(ops)
    assert admin.channels_info(room_id=ops)["channel"]["archived"]
    admin.channels_unarchive(ops)
    assert refused(admin.channels_create, "ops2")[1] == "error-duplicate-channel-name"
    secret = admin.groups_create("secret", members=["ann"])["group"]["_id"]
    admin.groups_invite(secret, bo)
    assert len(list(admin.groups_members(room_id=secret))) == 3
    assert [g["name"] for g in admin.groups_list_all()] == ["secret"]
    eng = admin.teams_create("eng", 0)["team"]["_id"]
    admin.teams_add_members(team_name="eng", members=[{"userId": ann, "roles": ["member"]}])
    admin.teams_add_rooms(rooms=[ops], team_id=eng)
    assert {m["user"]["username"] for m in admin.teams_members(team_name="eng")} == {NAME, "ann"}
    assert [r["name"] for r in admin.teams_list_rooms(team_id=eng)] == ["ops2"]
    talk = admin.rooms_create_discussion(ops, "Which lorry?")["discussion"]
    assert talk["prid"] == ops


def test_messages(admin: RocketChat) -> None:
    person(admin, "ann")
    ops = admin.channels_create("ops", members=["ann"])["channel"]["_id"]
    said = admin.chat_post_message(
        "@ann 2026.11 is out", channel="#ops", attachments=[{"text": "notes", "color": "#0a5"}]
    )["message"]
    assert [m["username"] for m in said["mentions"]] == ["ann"]
    reply = admin.chat_post_message("well done", room_id=ops, tmid=said["_id"])["message"]
    assert [m["_id"] for m in admin.chat_get_thread_messages(said["_id"])] == [reply["_id"]]
    admin.chat_react(said["_id"], emoji="tada")
    assert admin.chat_get_message(said["_id"])["message"]["reactions"][":tada:"]["usernames"] == [
        NAME
    ]
    admin.chat_pin_message(said["_id"])
    assert [m["_id"] for m in admin.chat_get_pinned_messages(ops)] == [said["_id"]]
    admin.chat_unpin_message(said["_id"])
    admin.chat_star_message(said["_id"])
    assert [m["_id"] for m in admin.chat_get_starred_messages(ops)] == [said["_id"]]
    admin.chat_update(ops, said["_id"], "2026.12 is out")
    assert [m["_id"] for m in admin.chat_search(ops, "2026.12")] == [said["_id"]]
    sent = admin.chat_send_message({"rid": ops, "msg": "sent"})["message"]
    spoken = [m["msg"] for m in admin.channels_history(ops) if not m.get("t")]
    assert {"sent", "2026.12 is out"} <= set(spoken)
    admin.chat_delete(ops, sent["_id"])
    assert "sent" not in [m["msg"] for m in admin.channels_history(ops)]
    direct = admin.dm_create("ann")["room"]["rid"]
    admin.chat_post_message("good morning", room_id=direct)
    assert [m["msg"] for m in admin.dm_history(direct)] == ["good morning"]
    assert {m["username"] for m in admin.dm_members(direct)} == {NAME, "ann"}


def test_files(admin: RocketChat, sandbox: Sandbox, tmp_path: Path) -> None:
    ops = admin.channels_create("ops")["channel"]["_id"]
    notes, picture = tmp_path / "day plan.txt", tmp_path / "map.png"
    notes.write_text("hello")
    picture.write_bytes(png(32, 32))
    up = admin.rooms_media(ops, str(notes))["file"]
    assert up["url"] == f"/file-upload/{up['_id']}/day%20plan.txt"
    message = admin.rooms_media_confirm(ops, up["_id"], msg="see", description="the plan")[
        "message"
    ]
    assert (message["msg"], message["file"]["name"]) == ("see", "day plan.txt")
    assert message["attachments"][0]["description"] == "the plan"
    drawn = admin.rooms_media(ops, str(picture))["file"]
    shown = admin.rooms_media_confirm(ops, drawn["_id"])["message"]
    assert shown["attachments"][0]["image_type"] == "image/png"
    assert [f["name"] for f in admin.channels_files(room_id=ops)] == ["day plan.txt", "map.png"]
    got = requests.get(sandbox.url + up["url"], headers=admin.headers, timeout=10)
    assert (got.text, got.headers["content-type"].split(";")[0]) == ("hello", "text/plain")
    assert requests.get(sandbox.url + up["url"], timeout=10).status_code == 403
    assert refused(admin.rooms_media_confirm, ops, "nothing")[1] == "invalid-file"


def test_integrations_emoji_permissions_and_settings(
    admin: RocketChat, sandbox: Sandbox, tmp_path: Path
) -> None:
    admin.channels_create("ops")
    hook = admin.integrations_create("webhook-incoming", "ci", True, NAME, "#ops", False)
    made = hook["integration"]
    address = f"{sandbox.url}/hooks/{made['_id']}/{made['token']}"
    assert requests.post(address, json={"text": "green"}, timeout=10).json() == {"success": True}
    room = admin.channels_info(channel="ops")["channel"]["_id"]
    assert "green" in [m["msg"] for m in admin.channels_history(room)]
    assert [i["name"] for i in admin.integrations_list()] == ["ci"]
    admin.integrations_update("webhook-incoming", "ci2", True, NAME, "#ops", False, made["_id"])
    assert admin.integrations_get(made["_id"])["integration"]["name"] == "ci2"
    admin.integrations_remove("webhook-incoming", made["_id"])
    assert list(admin.integrations_list()) == []
    picture = tmp_path / "nordlys.png"
    picture.write_bytes(png(32, 32))
    admin.custom_emoji_create("nordlys", str(picture), aliases="nl")
    assert [e["aliases"] for e in admin.custom_emoji_all()] == [["nl"]]
    assert any(p["_id"] == "create-c" for p in admin.permissions_list_all()["update"])
    assert {r["_id"] for r in admin.roles_list()["roles"]} >= {"admin", "user", "owner"}
    assert refused(admin.settings_update, "Site_Name", "Acme")[1] == "totp-required"
    with_second_factor(admin)
    admin.settings_update("Site_Name", "Acme")
    assert admin.settings_get("Site_Name")["value"] == "Acme"
    assert len(list(admin.settings(count=100, max_count=150))) == 150
    found = admin.directory(json.dumps({"type": "channels", "text": "ops"}))
    assert "ops" in json.dumps(list(found))


def test_the_limiter_is_the_callers_to_mind(sandbox: Sandbox, admin: RocketChat) -> None:
    person(admin, "ann")
    sandbox.restart()
    with requests.Session() as session:
        ann = RocketChat("ann", PASSWORD, server_url=sandbox.url, session=session)
        with pytest.raises(RocketApiException) as told:
            for _ in range(11):
                ann.me()
    assert told.value.status_code == 429

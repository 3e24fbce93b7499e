"""The Python client that people write their bots with takes the sandbox for a Mattermost.

With CHATOPS_LIVE_MATTERMOST the same tests run against a real server.
"""

import asyncio
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from mattermostautodriver import AsyncTypedDriver, TypedDriver
from mattermostautodriver import exceptions as said

from chatops.sandbox import Sandbox
from tests.clients.pictures import png

NAME, PASSWORD = "root", "Sup3r-secret!pw"
LIVE = "CHATOPS_LIVE_MATTERMOST"


@dataclass(frozen=True)
class Chat:
    url: str
    name: str
    password: str

    def options(self, name: str = "", password: str = "", **more: Any) -> dict[str, Any]:
        parts = urlsplit(self.url)
        return {
            "scheme": parts.scheme,
            "url": parts.hostname,
            "port": parts.port,
            "login_id": name or self.name,
            "password": password or self.password,
            "max_retries": 0,
            **more,
        }


@pytest.fixture(scope="module")
def chat() -> Iterator[Chat]:
    if os.environ.get(LIVE):
        yield Chat(os.environ[LIVE], os.environ[f"{LIVE}_USERNAME"], os.environ[f"{LIVE}_PASSWORD"])
        return
    with Sandbox("mattermost") as sandbox:
        sandbox.workspace.seed_admin(NAME, PASSWORD, "root@acme.example")
        yield Chat(sandbox.url, NAME, PASSWORD)


@pytest.fixture
def admin(chat: Chat) -> Iterator[TypedDriver]:
    with TypedDriver(chat.options()) as driver:
        driver.login()
        yield driver
        driver.logout()


@pytest.fixture
def tag() -> str:
    return secrets.token_hex(4)


def person(driver: TypedDriver, name: str) -> dict[str, Any]:
    return dict(
        driver.users.create_user(
            email=f"{name}@acme.example", username=name, password=PASSWORD, first_name="Ann"
        )
    )


def team_and_channel(driver: TypedDriver, tag: str) -> tuple[str, str]:
    team = driver.teams.create_team(name=f"eng-{tag}", display_name="Engineering", type="O")
    channel = driver.channels.create_channel(
        team_id=team["id"], name=f"ops-{tag}", display_name="Ops", type="O", header="On call: Ann"
    )
    return team["id"], channel["id"]


def test_login_by_password_and_by_token(chat: Chat, admin: TypedDriver) -> None:
    assert admin.client.username == chat.name
    made = admin.users.create_user_access_token("me", "for a bot")
    with TypedDriver(chat.options(token=made["token"])) as by_token:
        assert by_token.login()["id"] == admin.client.userid
    admin.users.revoke_user_access_token(made["id"])
    with TypedDriver(chat.options(token=made["token"])) as late:
        with pytest.raises(said.NoAccessTokenProvided):
            late.login()


def test_errors_become_the_clients_exceptions(chat: Chat, admin: TypedDriver, tag: str) -> None:
    with TypedDriver(chat.options(password="no-such-password")) as stranger:
        with pytest.raises(said.NoAccessTokenProvided) as wrong:
            stranger.login()
    assert wrong.value.error_id == "api.user.login.invalid_credentials_email_username"
    with pytest.raises(said.ResourceNotFound) as nobody:
        admin.users.get_user_by_username(f"nobody-{tag}")
    assert nobody.value.error_id == "app.user.get_by_username.app_error"
    person(admin, f"bo-{tag}")
    with pytest.raises(said.InvalidOrMissingParameters) as double:
        admin.users.create_user(
            email=f"x{tag}@acme.example", username=f"bo-{tag}", password=PASSWORD
        )
    assert double.value.error_id == "app.user.save.username_exists.app_error"
    with TypedDriver(chat.options(f"bo-{tag}", PASSWORD)) as bo:
        bo.login()
        with pytest.raises(said.NotEnoughPermissions):
            bo.system.patch_config({"TeamSettings": {"SiteName": "Mine"}})
    with pytest.raises(said.FeatureDisabled):
        admin.groups.get_groups()
    with pytest.raises(said.InvalidMattermostError) as unknown:
        admin.client.get("/api/v4/no/such/thing")
    assert unknown.value.args[0].startswith('{"id":"api.context.404.app_error"')


def test_people_from_start_to_end(admin: TypedDriver, tag: str) -> None:
    ann = person(admin, f"ann-{tag}")
    admin.users.patch_user(ann["id"], position="Head", nickname="A")
    admin.users.update_user_roles(ann["id"], "system_user system_admin")
    found = admin.users.get_user(ann["id"])
    assert (found["position"], found["nickname"]) == ("Head", "A")
    assert found["roles"] == "system_user system_admin"
    assert [u["id"] for u in admin.users.search_users(f"ann-{tag}")] == [ann["id"]]
    assert [u["id"] for u in admin.users.get_users_by_ids([ann["id"]])] == [ann["id"]]
    admin.users.update_user_active(ann["id"], False)
    assert admin.users.get_user(ann["id"])["delete_at"] > 0
    admin.users.update_user_active(ann["id"], True)
    admin.users.set_profile_image(ann["id"], ("a.png", png(128, 128), "image/png"))
    assert admin.users.get_profile_image(ann["id"]).headers["content-type"] == "image/png"


def test_pages(admin: TypedDriver, tag: str) -> None:
    team, _ = team_and_channel(admin, tag)
    made = {person(admin, f"p{n}-{tag}")["id"] for n in range(5)}
    admin.teams.add_team_members(team, [{"team_id": team, "user_id": u} for u in sorted(made)])
    pages = [admin.teams.get_team_members(team, page=n, per_page=2) for n in range(4)]
    assert [len(page) for page in pages] == [2, 2, 2, 0]
    assert {m["user_id"] for page in pages for m in page} == made | {admin.client.userid}
    assert len(admin.users.get_users(in_team=team, per_page=4)) == 4


def test_teams_and_channels(admin: TypedDriver, tag: str) -> None:
    team, channel = team_and_channel(admin, tag)
    ann = person(admin, f"ann-{tag}")
    assert admin.teams.get_team_by_name(f"eng-{tag}")["id"] == team
    admin.teams.patch_team(team, display_name="Engineers")
    admin.teams.add_team_member(team, ann["id"])
    admin.teams.update_team_member_roles(team, ann["id"], "team_user team_admin")
    assert admin.teams.get_team_member(team, ann["id"])["scheme_admin"]
    admin.channels.add_channel_member(channel, user_id=ann["id"])
    admin.channels.update_channel_member_scheme_roles(channel, ann["id"], True, True)
    members = admin.channels.get_channel_members(channel)
    assert {m["user_id"]: m["scheme_admin"] for m in members}[ann["id"]]
    admin.channels.patch_channel(channel, header="On call: Bo", purpose="What runs")
    by_name = admin.channels.get_channel_by_name(team, f"ops-{tag}")
    assert (by_name["header"], by_name["purpose"]) == ("On call: Bo", "What runs")
    assert admin.channels.get_channel_stats(channel)["member_count"] == 2
    admin.channels.delete_channel(channel)
    with pytest.raises(said.ResourceNotFound):
        admin.channels.get_channel_by_name(team, f"ops-{tag}")
    admin.channels.restore_channel(channel)
    admin.channels.remove_user_from_channel(channel, ann["id"])
    assert [m["user_id"] for m in admin.channels.get_channel_members(channel)] == [
        admin.client.userid
    ]
    admin.teams.remove_team_member(team, ann["id"])


def test_posts_replies_reactions_and_pins(admin: TypedDriver, tag: str) -> None:
    team, channel = team_and_channel(admin, tag)
    me = admin.client.userid
    post = admin.posts.create_post(channel, f"release {tag} :rocket: #now", props={"build": 7})
    assert (post["hashtags"], post["props"]) == ("#now", {"build": 7})
    reply = admin.posts.create_post(channel, "well done", root_id=post["id"])
    thread = admin.posts.get_post_thread(post["id"])
    assert set(thread["order"]) == {post["id"], reply["id"]}
    assert {p["reply_count"] for p in thread["posts"].values()} == {1}
    admin.reactions.save_reaction({"user_id": me, "post_id": post["id"], "emoji_name": "tada"})
    seen = admin.posts.get_post(post["id"])
    assert [r["emoji_name"] for r in seen["metadata"]["reactions"]] == ["tada"]
    assert seen["has_reactions"] and seen["update_at"] > post["update_at"]
    admin.reactions.delete_reaction(me, post["id"], "tada")
    assert "reactions" not in admin.posts.get_post(post["id"])["metadata"]
    admin.posts.pin_post(post["id"])
    assert admin.channels.get_pinned_posts(channel)["order"] == [post["id"]]
    admin.posts.unpin_post(post["id"])
    edited = admin.posts.patch_post(post["id"], message=f"release {tag}b")
    assert edited["edit_at"] > 0 and edited["hashtags"] == ""
    found = admin.posts.search_posts(team, terms=f"release {tag}b", is_or_search=False)
    assert found["order"] == [post["id"]]
    either = admin.posts.search_posts(team, terms=f"{tag}b done", is_or_search=True)
    assert set(either["order"]) == {post["id"], reply["id"]}
    assert (
        admin.posts.search_posts(team, terms=f"{tag}b -release", is_or_search=False)["order"] == []
    )
    flag = {"user_id": me, "category": "flagged_post", "name": post["id"], "value": "true"}
    admin.preferences.update_preferences(me, [flag])
    assert admin.posts.get_flagged_posts_for_user(me, channel_id=channel)["order"] == [post["id"]]
    whispered = admin.posts.create_post_ephemeral(me, {"channel_id": channel, "message": "psst"})
    assert whispered["type"] == "system_ephemeral"
    assert whispered["id"] not in admin.posts.get_posts_for_channel(channel)["order"]
    admin.posts.delete_post(post["id"])
    with pytest.raises(said.ResourceNotFound):
        admin.posts.get_post(post["id"])


def test_files(admin: TypedDriver, chat: Chat, tag: str) -> None:
    _, channel = team_and_channel(admin, tag)
    notes = admin.files.upload_file(files=("notes.txt", b"hello", "text/plain"), channel_id=channel)
    drawn = admin.files.upload_file(
        files=("plan.PNG", png(300, 200)), channel_id=channel, client_ids="mine"
    )
    assert drawn["client_ids"] == ["mine"]
    text, picture = notes["file_infos"][0], drawn["file_infos"][0]
    assert (text["extension"], text["size"], text["mime_type"]) == (
        "txt",
        5,
        "text/plain; charset=utf-8",
    )
    assert (picture["width"], picture["height"], picture["has_preview_image"]) == (300, 200, True)
    post = admin.posts.create_post(channel, "see", file_ids=[text["id"], picture["id"]])
    assert [f["name"] for f in post["metadata"]["files"]] == ["notes.txt", "plan.PNG"]
    assert {f["id"] for f in admin.posts.get_file_infos_for_post(post["id"])} == set(
        post["file_ids"]
    )
    got = admin.files.get_file(text["id"])
    assert (got.content, got.headers["content-type"]) == (b"hello", "text/plain; charset=utf-8")
    assert got.headers["content-disposition"].startswith('attachment;filename="notes.txt"')
    assert admin.files.get_file_thumbnail(picture["id"]).headers["content-type"] == "image/jpeg"
    with pytest.raises(said.InvalidOrMissingParameters) as none:
        admin.files.get_file_preview(text["id"])
    assert none.value.error_id == "api.file.get_file_preview.no_preview.app_error"
    # A file hangs on one post only.
    assert admin.posts.create_post(channel, "again", file_ids=[text["id"]])["file_ids"] is None
    stranger = person(admin, f"bo-{tag}")
    with TypedDriver(chat.options(stranger["username"], PASSWORD)) as bo:
        bo.login()
        with pytest.raises(said.NotEnoughPermissions):
            bo.files.get_file(text["id"])
    admin.posts.delete_post(post["id"])
    with pytest.raises(said.ResourceNotFound):
        admin.files.get_file_info(text["id"])
    with pytest.raises(said.NotEnoughPermissions):
        admin.files.upload_file(files=("a", b"a"), channel_id="z" * 26)


def test_webhooks_and_commands(admin: TypedDriver, tag: str) -> None:
    team, channel = team_and_channel(admin, tag)
    hook = admin.webhooks.create_incoming_webhook(channel, display_name="CI", description="builds")
    admin.client.call_webhook(hook["id"], {"text": "green", "attachments": [{"text": "all of it"}]})
    newest = admin.posts.get_posts_for_channel(channel, per_page=1)
    post = newest["posts"][newest["order"][0]]
    assert (post["message"], post["type"]) == ("green", "slack_attachment")
    assert post["props"]["attachments"][0]["text"] == "all of it"
    assert [h["id"] for h in admin.webhooks.get_incoming_webhooks(team_id=team)] == [hook["id"]]
    out = admin.webhooks.create_outgoing_webhook(
        team, "weather", ["!weather"], ["https://bots.acme.example/weather"], channel_id=channel
    )
    again = admin.webhooks.regen_outgoing_hook_token(out["id"])
    assert again == {"status": "OK"} or again["token"] != out["token"]
    admin.webhooks.delete_outgoing_webhook(out["id"])
    admin.webhooks.delete_incoming_webhook(hook["id"])
    assert admin.webhooks.get_incoming_webhooks(team_id=team) == []
    command = admin.commands.create_command(team, "P", f"truck{tag}", "https://bots.acme.example/t")
    assert command["token"]
    listed = admin.commands.list_commands(team_id=team, custom_only=True)
    assert [c["trigger"] for c in listed] == [f"truck{tag}"]
    with pytest.raises(said.InvalidOrMissingParameters):
        admin.commands.create_command(team, "P", f"truck{tag}", "https://bots.acme.example/t")
    with pytest.raises(said.ResourceNotFound):
        admin.commands.execute_command(channel, f"/none{tag} at all")
    admin.commands.delete_command(command["id"])


def test_bots_and_their_tokens(admin: TypedDriver, chat: Chat, tag: str) -> None:
    team, channel = team_and_channel(admin, tag)
    before = admin.system.get_config()["ServiceSettings"]["EnableBotAccountCreation"]
    admin.system.patch_config({"ServiceSettings": {"EnableBotAccountCreation": True}})
    bot = admin.bots.create_bot(f"robo-{tag}", display_name="Robo", description="Speaks")
    admin.teams.add_team_member(team, bot["user_id"])
    admin.channels.add_channel_member(channel, user_id=bot["user_id"])
    token = admin.users.create_user_access_token(bot["user_id"], "pipeline")["token"]
    with TypedDriver(chat.options(token=token)) as robo:
        assert robo.login()["is_bot"]
        assert robo.posts.create_post(channel, "beep")["user_id"] == bot["user_id"]
    assert bot["user_id"] in {b["user_id"] for b in admin.bots.get_bots(per_page=200)}
    admin.bots.disable_bot(bot["user_id"])
    assert admin.bots.get_bot(bot["user_id"], include_deleted=True)["delete_at"] > 0
    admin.system.patch_config({"ServiceSettings": {"EnableBotAccountCreation": before}})


def test_emoji(admin: TypedDriver, tag: str) -> None:
    _, channel = team_and_channel(admin, tag)
    given = json.dumps({"name": f"e{tag}", "creator_id": admin.client.userid})
    emoji = admin.emoji.create_emoji(("e.png", png(64, 64), "image/png"), given)
    assert admin.emoji.get_emoji_by_name(f"e{tag}")["id"] == emoji["id"]
    assert admin.emoji.get_emoji_image(emoji["id"]).content[:4] == b"\x89PNG"
    post = admin.posts.create_post(channel, f"see :e{tag}:")
    assert [e["id"] for e in admin.posts.get_post(post["id"])["metadata"]["emojis"]] == [
        emoji["id"]
    ]
    with pytest.raises(said.InvalidOrMissingParameters):
        admin.emoji.create_emoji(("e.png", png(64, 64), "image/png"), given)
    admin.emoji.delete_emoji(emoji["id"])


def test_conversations_presence_and_what_is_unread(
    admin: TypedDriver, chat: Chat, tag: str
) -> None:
    me, ann, bo = admin.client.userid, person(admin, f"ann-{tag}"), person(admin, f"bo-{tag}")
    direct = admin.channels.create_direct_channel([me, ann["id"]])
    assert direct["type"] == "D" and set(direct["name"].split("__")) == {me, ann["id"]}
    assert admin.channels.create_direct_channel([ann["id"], me])["id"] == direct["id"]
    assert admin.channels.create_group_channel([me, ann["id"], bo["id"]])["type"] == "G"
    admin.posts.create_post(direct["id"], "good morning")
    assert admin.status.get_user_status(me)["status"] in ("online", "dnd")
    assert admin.status.get_user_status(ann["id"])["status"] == "offline"
    with TypedDriver(chat.options(ann["username"], PASSWORD)) as driver:
        driver.login()
        assert driver.channels.get_channel_unread("me", direct["id"])["msg_count"] == 1
        driver.channels.view_channel("me", direct["id"])
        assert driver.channels.get_channel_unread("me", direct["id"])["msg_count"] == 0
        driver.status.update_user_status(ann["id"], "away")
        assert driver.users.publish_user_typing("me", direct["id"]) == {"status": "OK"}
        driver.status.update_user_custom_status("me", emoji="calendar", text="In a meeting")
        props = driver.users.get_user("me")["props"]
        assert json.loads(props["customStatus"])["text"] == "In a meeting"
    told = admin.status.get_users_statuses_by_ids([ann["id"]])
    assert [(s["status"], s["manual"]) for s in told] == [("away", True)]


def test_roles_and_settings(admin: TypedDriver) -> None:
    role = admin.roles.get_role_by_name("system_user")
    wanted = [p for p in role["permissions"] if p != "create_team"]
    admin.roles.patch_role(role["id"], permissions=wanted)
    assert "create_team" not in admin.roles.get_roles_by_names(["system_user"])[0]["permissions"]
    admin.roles.patch_role(role["id"], permissions=role["permissions"])
    before = admin.system.get_config()["TeamSettings"]["SiteName"]
    admin.system.patch_config({"TeamSettings": {"SiteName": "Acme"}})
    assert admin.system.get_client_config()["SiteName"] == "Acme"
    admin.system.patch_config({"TeamSettings": {"SiteName": before}})
    assert admin.system.get_ping()["status"] == "OK"


def test_a_limited_client_waits_as_told(chat: Chat) -> None:
    if os.environ.get(LIVE):
        pytest.skip("a real server's limiter cannot be ordered")
    with Sandbox("mattermost") as sandbox:
        sandbox.workspace.seed_admin(NAME, PASSWORD, "root@acme.example")
        mine = Chat(sandbox.url, NAME, PASSWORD)
        with TypedDriver(mine.options(max_retries=1)) as driver:
            driver.login()
            driver.client.client.post(
                f"{sandbox.url}/_sandbox/faults",
                json={
                    "kind": "status",
                    "status": 429,
                    "path": "/api/v4/users/me",
                    "retry_after": 0,
                },
            ).raise_for_status()
            assert driver.users.get_user("me")["username"] == NAME
        with TypedDriver(mine.options()) as hasty:
            hasty.login()
            hasty.client.client.post(
                f"{sandbox.url}/_sandbox/faults",
                json={
                    "kind": "status",
                    "status": 429,
                    "path": "/api/v4/users/me",
                    "retry_after": 7,
                },
            ).raise_for_status()
            with pytest.raises(said.TooManyRequests) as told:
                hasty.users.get_user("me")
            assert told.value.retry_after == 7


def test_the_async_driver(chat: Chat, tag: str) -> None:
    async def work() -> list[str]:
        async with AsyncTypedDriver(chat.options()) as driver:
            await driver.login()
            team = await driver.teams.create_team(name=f"a-{tag}", display_name="A", type="O")
            named = await driver.channels.get_channel_by_name(team["id"], "town-square")
            await asyncio.gather(
                *(driver.posts.create_post(named["id"], f"post {n}") for n in range(5))
            )
            posts = await driver.posts.get_posts_for_channel(named["id"])
            await driver.logout()
            return [p["message"] for p in posts["posts"].values() if not p["type"]]

    assert sorted(asyncio.run(work())) == [f"post {n}" for n in range(5)]


# The driver calls aiohttp in a way that is to go.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_bot_hears_at_once_what_is_said(chat: Chat, tag: str) -> None:
    async def work() -> None:
        heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

        async def hear(text: str) -> None:
            await heard.put(json.loads(text))

        async def next_of(name: str) -> dict[str, Any]:
            while True:
                event = await asyncio.wait_for(heard.get(), 15)
                if event.get("event") == name:
                    return event

        async with AsyncTypedDriver(chat.options()) as admin:
            await admin.login()
            me = admin.client.userid
            listening = asyncio.create_task(admin.init_websocket(hear))
            assert (await next_of("hello"))["broadcast"]["user_id"] == me
            team = await admin.teams.create_team(name=f"w-{tag}", display_name="W", type="O")
            ops = await admin.channels.create_channel(
                team_id=team["id"], name=f"w-{tag}", display_name="Watch", type="O"
            )
            name = f"ann-{tag}"
            ann = await admin.users.create_user(
                email=f"{name}@acme.example", username=name, password=PASSWORD
            )
            await admin.teams.add_team_member(team["id"], ann["id"])
            await admin.channels.add_channel_member(ops["id"], user_id=ann["id"])
            async with AsyncTypedDriver(chat.options(name, PASSWORD)) as driver:
                await driver.login()
                # What is said where the bot is not, it does not hear.
                secret = await driver.channels.create_channel(
                    team_id=team["id"], name=f"s-{tag}", display_name="S", type="P"
                )
                await driver.posts.create_post(secret["id"], "behind closed doors")
                post = await driver.posts.create_post(ops["id"], f"@{chat.name} build it")
                while True:
                    event = await next_of("posted")
                    told = json.loads(event["data"]["post"])
                    assert told["message"] != "behind closed doors"
                    if told["id"] == post["id"]:
                        break
                data = event["data"]
                assert (data["channel_display_name"], data["channel_type"]) == ("Watch", "O")
                assert (data["sender_name"], data["team_id"]) == (f"@{name}", team["id"])
                assert json.loads(data["mentions"]) == [me]
                assert event["broadcast"]["channel_id"] == ops["id"]
                assert event["seq"] > 0
                await driver.reactions.save_reaction(
                    {"user_id": ann["id"], "post_id": post["id"], "emoji_name": "tada"}
                )
                reaction = json.loads((await next_of("reaction_added"))["data"]["reaction"])
                assert (reaction["emoji_name"], reaction["user_id"]) == ("tada", ann["id"])
                await driver.users.publish_user_typing(ann["id"], ops["id"])
                assert (await next_of("typing"))["data"]["user_id"] == ann["id"]
                await driver.posts.patch_post(post["id"], message="never mind")
                edited = json.loads((await next_of("post_edited"))["data"]["post"])
                assert edited["message"] == "never mind"
                await driver.posts.delete_post(post["id"])
                assert (await next_of("post_deleted"))["data"]["delete_by"] == ann["id"]
                direct = await driver.channels.create_direct_channel([ann["id"], me])
                await driver.posts.create_post(direct["id"], "psst")
                said_directly = (await next_of("posted"))["data"]
                assert said_directly["channel_display_name"] == f"@{name}"
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    asyncio.run(work())


def test_a_stranger_hears_nothing(chat: Chat) -> None:
    async def work() -> Any:
        url = f"{chat.url}/api/v4/websocket"
        async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
            challenge = {"seq": 1, "action": "authentication_challenge", "data": {"token": "no"}}
            await socket.send_str(json.dumps(challenge))
            return (await asyncio.wait_for(socket.receive(), 15)).type

    assert asyncio.run(work()) in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)

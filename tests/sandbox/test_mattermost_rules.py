"""What the stand-in for Mattermost refuses and does beside what was recorded.

Identifiers and statuses are those of the real server's handlers (11.6).
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from chatops.sandbox import Sandbox
from tests.sandbox.conftest import PASSWORD, Api, administrator

NOBODY = "z" * 26
BODY, URL = "api.context.invalid_body_param.app_error", "api.context.invalid_url_param.app_error"
PERMISSION = "api.context.permissions.app_error"
MISSING_USER = "app.user.missing_account.const"
MISSING_CHANNEL = "app.channel.get.existing.app_error"
PNG = (
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8"
    "cfc000000301010018dd8db00000000049454e44ae426082"
)


@pytest.fixture
def world(admin: Api) -> dict[str, str]:
    return populate(admin)


@pytest.fixture(scope="module")
def refusing() -> Iterator[tuple[Api, dict[str, str]]]:
    """An administrator and a world for calls that are refused, and so change nothing."""
    with Sandbox("mattermost") as sandbox:
        admin = administrator(sandbox)
        yield admin, populate(admin)


def populate(admin: Api) -> dict[str, str]:
    """Names for what the calls below are about."""
    ann, bob, cyd = (admin.person(name) for name in ("ann", "bob", "cyd"))
    team = admin.team("eng", ann, bob)
    dev = admin.channel(team, "dev")
    secret = admin.channel(team, "secret", "P")
    admin.ok("POST", f"/channels/{dev}/members", json={"user_id": ann})
    square = admin.ok("GET", f"/teams/{team}/channels/name/town-square")["id"]
    patch = {"ServiceSettings": {"EnableBotAccountCreation": True}}
    admin.ok("PUT", "/config/patch", json=patch)
    bot = admin.ok("POST", "/bots", json={"username": "robby"})["user_id"]
    return {
        "ann": ann, "bob": bob, "cyd": cyd, "team": team, "dev": dev, "secret": secret,
        "square": square, "bot": bot, "nobody": NOBODY,
    }  # fmt: skip


# As administrator: method, path, query, body, status, identifier.
REFUSED: list[tuple[str, str, dict[str, str], Any, int, str]] = [
    ("GET", "/users/{nobody}", {}, None, 404, MISSING_USER),
    ("GET", "/users/email/none@acme.example", {}, None, 404, MISSING_USER),
    ("GET", "/users/email/none", {}, None, 400, URL),
    ("GET", "/users", {"sort": "height"}, None, 400, URL),
    ("GET", "/users", {"sort": "create_at"}, None, 400, URL),
    ("GET", "/users", {"role": "wizard"}, None, 400, BODY),
    ("GET", "/users", {"not_in_channel": NOBODY}, None, 400, URL),
    ("GET", "/users", {"in_channel": NOBODY}, None, 403, PERMISSION),
    ("POST", "/users/ids", {}, [], 400, BODY),
    ("POST", "/users/ids", {}, {"a": 1}, 400, "api.payload.parse.error"),
    ("POST", "/users/search", {}, {"term": ""}, 400, BODY),
    ("POST", "/users/search", {}, {"term": "a", "limit": 1001}, 400, BODY),
    ("PUT", "/users/{ann}/roles", {}, {"roles": "system_admin"}, 400, BODY),
    ("PUT", "/users/{ann}/roles", {}, {"roles": "system_user system_manager"}, 400,
     "api.user.update_user_roles.license.app_error"),
    ("PUT", "/users/me/roles", {}, {"roles": "system_user"}, 400,
     "app.user.update.lastAdmin.app_error"),
    ("PUT", "/users/{nobody}/roles", {}, {"roles": "system_user"}, 400, MISSING_USER),
    ("PUT", "/users/{ann}/active", {}, {"active": "no"}, 400, BODY),
    ("PUT", "/users/{ann}/patch", {}, {"username": "bob"}, 400,
     "app.user.save.username_exists.app_error"),
    ("PUT", "/users/{ann}/patch", {}, {"nickname": "x" * 65}, 400,
     "model.user.is_valid.nickname.app_error"),
    ("PUT", "/users/{ann}/patch", {}, {"position": 7}, 400, BODY),
    ("PUT", "/users/me/patch", {}, {"email": "new@acme.example"}, 400, BODY),
    ("PUT", "/users/{ann}/auth", {}, {"auth_service": "ldap"}, 400,
     "api.user.update_user_auth.invalid_request"),
    ("PUT", "/users/me/password", {}, {"new_password": PASSWORD}, 400, BODY),
    ("DELETE", "/users/{ann}", {"permanent": "true"}, None, 401,
     "api.user.delete_user.not_enabled.for_admin.app_error"),
    ("POST", "/users/{ann}/promote", {}, None, 501,
     "api.user.promote_guest_to_user.no_guest.app_error"),
    ("POST", "/users/{nobody}/tokens", {}, {"description": "x"}, 404, MISSING_USER),
    ("POST", "/users/tokens/revoke", {}, {"token_id": NOBODY}, 404,
     "app.user_access_token.get_by_user.app_error"),
    ("GET", "/teams/{nobody}", {}, None, 404, "app.team.get.find.app_error"),
    ("GET", "/teams/short", {}, None, 400, URL),
    ("GET", "/teams/name/x", {}, None, 400, URL),
    ("POST", "/teams", {}, {"name": "x" * 65, "display_name": "x", "type": "O"}, 400,
     "model.team.is_valid.url.app_error"),
    ("POST", "/teams", {}, {"name": "sales", "display_name": "", "type": "O"}, 400,
     "model.team.is_valid.name.app_error"),
    ("POST", "/teams", {}, {"name": "helpdesk", "display_name": "x", "type": "O"}, 400,
     "model.team.is_valid.reserved.app_error"),
    ("PUT", "/teams/{team}/patch", {}, {"display_name": ""}, 400,
     "model.team.is_valid.name.app_error"),
    ("PUT", "/teams/{team}/privacy", {}, {"privacy": "P"}, 400, BODY),
    ("POST", "/teams/{team}/members", {}, {"team_id": NOBODY, "user_id": NOBODY}, 400, BODY),
    ("POST", "/teams/{team}/members/batch", {}, [], 400, BODY),
    ("DELETE", "/teams/{team}/members/{cyd}", {}, None, 400,
     "api.team.remove_user_from_team.missing.app_error"),
    ("DELETE", "/teams/{team}/members/{nobody}", {}, None, 404, MISSING_USER),
    ("PUT", "/teams/{team}/members/{cyd}/schemeRoles", {}, {"scheme_user": True}, 404,
     "app.team.get_member.missing.app_error"),
    ("PUT", "/teams/{team}/members/{ann}/roles", {}, {"roles": "channel_admin"}, 400,
     "api.channel.update_team_member_roles.scheme_role.app_error"),
    ("PUT", "/teams/{team}/members/{ann}/roles", {}, {"roles": "team_admin"}, 400,
     "api.team.update_team_member_roles.unset_user_scheme.app_error"),
    ("DELETE", "/teams/{team}", {"permanent": "true"}, None, 401,
     "api.user.delete_team.not_enabled.for_admin.app_error"),
    ("GET", "/channels/{nobody}", {}, None, 404, MISSING_CHANNEL),
    ("GET", "/channels/{nobody}/members", {}, None, 403, PERMISSION),
    ("PUT", "/channels/{nobody}/patch", {}, {"header": "x"}, 404, MISSING_CHANNEL),
    ("PUT", "/channels/{dev}/patch", {}, {"colour": "red"}, 400,
     "api.channel.patch_update_channel.no_changes.app_error"),
    ("PUT", "/channels/{dev}/patch", {}, {"header": "x" * 1025}, 400,
     "model.channel.is_valid.header.app_error"),
    ("PUT", "/channels/{dev}/patch", {}, {"purpose": "x" * 251}, 400,
     "model.channel.is_valid.purpose.app_error"),
    ("PUT", "/channels/{square}/patch", {}, {"name": "square"}, 400,
     "api.channel.update_channel.tried.app_error"),
    ("DELETE", "/channels/{square}", {}, None, 400,
     "api.channel.delete_channel.cannot.app_error"),
    ("DELETE", "/channels/{dev}", {"permanent": "true"}, None, 401,
     "api.user.delete_channel.not_enabled.for_admin.app_error"),
    ("POST", "/channels/{dev}/members", {}, {"user_id": NOBODY}, 404, MISSING_USER),
    ("POST", "/channels/{dev}/members", {}, {"user_id": "{cyd}"}, 404,
     "app.team.get_member.missing.app_error"),
    ("POST", "/channels/{dev}/members", {}, {"user_ids": [NOBODY] * 1001}, 400, BODY),
    ("POST", "/channels/{dev}/members", {}, {"user_ids": ["ann"]}, 400, BODY),
    ("PUT", "/channels/{dev}/members/{ann}/schemeRoles", {}, {"scheme_admin": True}, 400,
     "api.channel.update_channel_member_roles.unset_user_scheme.app_error"),
    ("POST", "/channels/direct", {}, ["{ann}", NOBODY], 400,
     "api.channel.create_direct_channel.invalid_user.app_error"),
    ("POST", "/channels/group", {}, ["{ann}", "{bob}", NOBODY], 400,
     "api.channel.create_group.bad_user.app_error"),
    ("POST", "/posts", {}, {"channel_id": NOBODY, "message": "x"}, 403, PERMISSION),
    ("POST", "/posts", {}, {"channel_id": "{dev}", "message": "x" * 16384}, 400,
     "model.post.is_valid.message_length.app_error"),
    ("POST", "/posts/{nobody}/pin", {}, None, 403, PERMISSION),
    ("GET", "/posts/{nobody}", {}, None, 404, "app.post.get.app_error"),
    ("POST", "/hooks/incoming", {}, {"channel_id": NOBODY}, 404, MISSING_CHANNEL),
    ("GET", "/hooks/outgoing/{nobody}", {}, None, 404, "app.webhooks.get_outgoing.app_error"),
    ("POST", "/hooks/outgoing", {}, {"team_id": "{team}", "channel_id": "{secret}",
     "callback_urls": ["http://x.example"]}, 403, "api.outgoing_webhook.disabled.app_error"),
    ("POST", "/hooks/outgoing", {}, {"team_id": "{team}", "channel_id": "{dev}"}, 400,
     "model.outgoing_hook.is_valid.callback.app_error"),
    ("GET", "/commands", {}, None, 400, BODY),
    ("POST", "/commands", {}, {"team_id": "{team}", "trigger": "go", "method": "P"}, 400,
     "model.command.is_valid.url.app_error"),
    ("POST", "/commands", {}, {"team_id": "{team}", "trigger": "go", "method": "X",
     "url": "http://x.example"}, 400, "model.command.is_valid.method.app_error"),
    ("GET", "/commands/{nobody}", {}, None, 404, "store.sql_command.save.get.app_error"),
    ("POST", "/bots", {}, {"username": "ro bot"}, 400, "model.bot.is_valid.username.app_error"),
    ("POST", "/bots", {}, {"username": "ann"}, 400, "app.user.save.username_exists.app_error"),
    ("GET", "/bots/{nobody}", {}, None, 404, "store.sql_bot.get.missing.app_error"),
    ("GET", "/emoji/name/nothing", {}, None, 404, "app.emoji.get_by_name.no_result"),
    ("GET", "/roles/name/nothing", {}, None, 404, "app.role.get_by_name.app_error"),
    ("POST", "/roles/names", {}, [f"role{n}" for n in range(101)], 400,
     "api.roles.get_multiple_by_name_too_many.request_error"),
    ("PUT", "/config/patch", {}, {"ServiceSettings": {"SiteURL": ""}}, 400,
     "api.config.update_config.clear_siteurl.app_error"),
    ("PUT", "/config/patch", {}, {"PluginSettings": {"EnableUploads": True}}, 403,
     "api.config.update_config.not_allowed_security.app_error"),
    ("PUT", "/config/patch", {}, {"TeamSettings": {"MaxUsersPerTeam": "many"}}, 400, BODY),
    ("PUT", "/config/patch", {}, {"EmailSettings": {"ConnectionSecurity": "SSL"}}, 400,
     "model.config.is_valid.email_security.app_error"),
    ("GET", "/license/client", {}, None, 400, "api.license.client.old_format.app_error"),
    ("POST", "/uploads", {}, {"type": "import", "filename": "a.zip", "file_size": 1 << 40}, 413,
     "api.upload.create.upload_too_large.app_error"),
    ("POST", "/jobs", {}, {"type": "magic"}, 400,
     "api.job.unable_to_create_job.incorrect_job_type"),
    ("PUT", "/channels/{dev}/moderations/patch", {}, [], 403,
     "api.channel.patch_channel_moderations.license.error"),
    ("POST", "/plugins", {}, None, 501, "app.plugin.upload_disabled.app_error"),
    ("GET", "/system/ping", {"x": "y" * 2100}, None, 414,
     "basic_security_check.url.too_long_error"),
    ("PATCH", "/users/{ann}", {}, {}, 404, "api.context.404.app_error"),
    ("GET", "/no/such/thing", {}, None, 404, "api.context.404.app_error"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "status", "ident"),
    REFUSED,
    ids=[f"{n} {case[0]} {case[1]}" for n, case in enumerate(REFUSED)],
)
def test_refused(
    refusing: tuple[Api, dict[str, str]],
    method: str,
    path: str,
    query: dict[str, str],
    body: Any,
    status: int,
    ident: str,
) -> None:
    admin, world = refusing
    text = json.dumps(body)
    for name, value in world.items():
        path, text = path.replace(f"{{{name}}}", value), text.replace(f"{{{name}}}", value)
    options = {} if body is None else {"data": text}
    assert admin.refused(method, path, params=query, **options) == (status, ident)


# As an ordinary member: method, path, body; all of them are refused for want of a permission.
FORBIDDEN: list[tuple[str, str, Any]] = [
    ("GET", "/config", None),
    ("PUT", "/config/patch", {}),
    ("GET", "/channels", None),
    ("GET", "/teams/{team}/channels/private", None),
    ("PUT", "/users/{bob}/patch", {"position": "x"}),
    ("PUT", "/users/{ann}/roles", {"roles": "system_user system_admin"}),
    ("PUT", "/teams/{team}/patch", {"display_name": "x"}),
    ("DELETE", "/teams/{team}", None),
    ("DELETE", "/teams/{team}/members/{bob}", None),
    ("PUT", "/channels/{dev}/privacy", {"privacy": "P"}),
    ("PUT", "/channels/{dev}/members/{ann}/schemeRoles", {"scheme_user": True}),
    ("POST", "/hooks/incoming", {"channel_id": "{dev}"}),
    ("POST", "/commands", {"team_id": "{team}"}),
    ("POST", "/bots", {"username": "x"}),
    ("GET", "/channels/{secret}/members", None),
]


@pytest.mark.parametrize(("method", "path", "body"), FORBIDDEN)
def test_forbidden_to_members(
    refusing: tuple[Api, dict[str, str]], method: str, path: str, body: Any
) -> None:
    admin, world = refusing
    ann = admin.login("ann")
    text = json.dumps(body)
    for name, value in world.items():
        path, text = path.replace(f"{{{name}}}", value), text.replace(f"{{{name}}}", value)
    options = {} if body is None else {"data": text}
    assert ann.refused(method, path, **options) == (403, PERMISSION)


def test_strangers(sandbox: Sandbox, admin: Api) -> None:
    stranger = Api(sandbox.url)
    expired = (401, "api.context.session_expired.app_error")
    assert stranger.refused("GET", "/users") == expired
    stranger.http.headers["Authorization"] = "Bearer nonsense"
    assert stranger.refused("GET", "/users/me") == expired
    assert stranger.ok("GET", "/system/ping")["status"] == "OK"
    # A cookie comes before the header.
    token = str(admin.http.headers["Authorization"]).split()[1]
    stranger.http.cookies.set("MMAUTHTOKEN", token)
    assert stranger.ok("GET", "/users/me")["username"] == "root"
    assert stranger.refused("POST", "/users/ids", json=["x"]) == expired


def test_others_see_less(admin: Api, world: dict[str, str]) -> None:
    seen = admin.login("ann").ok("GET", f"/users/{world['bob']}")
    assert (seen["auth_data"], seen["auth_service"]) == ("", "")
    assert "notify_props" not in seen
    assert "last_password_update" in admin.login("bob").ok("GET", "/users/me")
    hidden = {"PrivacySettings": {"ShowEmailAddress": False, "ShowFullName": False}}
    admin.ok("PUT", "/config/patch", json=hidden)
    assert admin.login("ann").ok("GET", f"/users/{world['bob']}")["email"] == ""
    assert admin.ok("GET", f"/users/{world['bob']}")["email"] == "bob@acme.example"


def test_too_many_wrong_passwords(sandbox: Sandbox, admin: Api) -> None:
    admin.person("ann")
    wrong = {"login_id": "ann", "password": "wrong"}
    for _ in range(10):
        assert admin.call("POST", "/users/login", json=wrong).status_code == 401
    right = {"login_id": "ann", "password": PASSWORD}
    ident = "api.user.check_user_login_attempts.too_many.app_error"
    assert Api(sandbox.url).refused("POST", "/users/login", json=right) == (401, ident)


def test_the_deactivated_lose_their_sessions_and_their_bots(admin: Api) -> None:
    ann = admin.person("ann")
    roles = {"roles": "system_user system_admin"}
    admin.ok("PUT", f"/users/{ann}/roles", json=roles)
    on = {"ServiceSettings": {"EnableBotAccountCreation": True}}
    admin.ok("PUT", "/config/patch", json=on)
    caller = admin.login("ann")
    bot = caller.ok("POST", "/bots", json={"username": "robby"})["user_id"]
    token = caller.ok("POST", f"/users/{ann}/tokens", json={"description": "x"})["token"]
    admin.ok("DELETE", f"/users/{ann}")
    assert caller.call("GET", "/users/me").status_code == 401
    caller.http.headers["Authorization"] = f"Bearer {token}"
    assert caller.call("GET", "/users/me").status_code == 401
    assert admin.ok("GET", "/bots") == []
    disabled = admin.ok("GET", "/bots", params={"include_deleted": "true"})
    assert [b["user_id"] for b in disabled] == [bot]


def test_leaving_a_team_ends_channel_memberships(admin: Api, world: dict[str, str]) -> None:
    team, ann, dev = world["team"], world["ann"], world["dev"]
    admin.ok("DELETE", f"/teams/{team}/members/{ann}")
    assert admin.call("GET", f"/channels/{dev}/members/{ann}").status_code == 404
    assert admin.ok("GET", f"/teams/{team}/members/{ann}")["delete_at"] > 0
    listed = admin.ok("GET", f"/teams/{team}/members")
    assert ann not in [member["user_id"] for member in listed]
    body = {"user_id": ann}
    ident = "api.channel.add_user.to.channel.failed.deleted.app_error"
    assert admin.refused("POST", f"/channels/{dev}/members", json=body) == (400, ident)
    admin.ok("POST", f"/teams/{team}/members", json={"team_id": team, "user_id": ann})
    admin.ok("POST", f"/channels/{dev}/members", json=body)


def test_archiving_a_channel_drops_its_webhooks(admin: Api, world: dict[str, str]) -> None:
    dev = world["dev"]
    hook = {"channel_id": dev, "display_name": "ci"}
    ident = admin.ok("POST", "/hooks/incoming", json=hook)["id"]
    admin.ok("DELETE", f"/channels/{dev}")
    assert admin.ok("GET", "/hooks/incoming") == []
    admin.ok("POST", f"/channels/{dev}/restore")
    assert admin.call("GET", f"/hooks/incoming/{ident}").status_code == 404
    found = admin.ok("GET", f"/channels/{dev}/posts")
    kinds = [found["posts"][ident]["type"] for ident in found["order"]]
    assert kinds[:2] == ["system_channel_restored", "system_channel_deleted"]


def test_an_incoming_webhook_writes(sandbox: Sandbox, admin: Api, world: dict[str, str]) -> None:
    body = {"channel_id": world["dev"]}
    hook = admin.ok("POST", "/hooks/incoming", json=body)
    address = f"{sandbox.url}/hooks/{hook['id']}"
    answer = requests.post(address, json={"text": "built"}, timeout=30)
    assert (answer.status_code, answer.text) == (200, "ok")
    found = admin.ok("GET", f"/channels/{world['dev']}/posts", params={"per_page": 1})
    assert found["posts"][found["order"][0]]["message"] == "built"
    assert requests.post(address, json={}, timeout=30).status_code == 400


def test_a_full_team(admin: Api) -> None:
    admin.ok("PUT", "/config/patch", json={"TeamSettings": {"MaxUsersPerTeam": 2}})
    people = [admin.person(f"p{n}") for n in range(3)]
    team = admin.team("eng", people[0])
    member = {"team_id": team, "user_id": people[1]}
    full = (400, "app.team.join_user_to_team.save_member.max_accounts.app_error")
    assert admin.refused("POST", f"/teams/{team}/members", json=member) == full
    batch = [{"team_id": team, "user_id": ident} for ident in people]
    path = f"/teams/{team}/members/batch"
    answer = admin.ok("POST", path, params={"graceful": "true"}, json=batch)
    assert [row["error"] and row["error"]["id"] for row in answer] == [None, full[1], full[1]]
    # The deactivated do not count.
    admin.ok("DELETE", f"/users/{people[0]}")
    admin.ok("POST", f"/teams/{team}/members", json=member)


def test_secrets_are_masked_and_masks_keep_them(admin: Api) -> None:
    settings = {"EmailSettings": {"SMTPPassword": "s3cret", "SMTPServer": "mail.example"}}
    masked = admin.ok("PUT", "/config/patch", json=settings)["EmailSettings"]
    assert masked["SMTPPassword"] == "*" * 32
    admin.ok("PUT", "/config/patch", json={"EmailSettings": masked})
    shown = admin.ok("GET", "/config")["EmailSettings"]
    assert (shown["SMTPPassword"], shown["SMTPServer"]) == ("*" * 32, "mail.example")
    hidden = admin.ok("GET", "/config", params={"remove_masked": "true"})["EmailSettings"]
    assert "SMTPPassword" not in hidden
    admin.ok("PUT", "/config/patch", json={"EmailSettings": {"SMTPPassword": ""}})
    assert admin.ok("GET", "/config")["EmailSettings"]["SMTPPassword"] == ""


def test_maps_of_settings_are_replaced_whole(admin: Api) -> None:
    for states in ({"a": {"Enable": True}}, {"b": {"Enable": False}}):
        patch = {"PluginSettings": {"PluginStates": states, "Enable": True}}
        answer = admin.ok("PUT", "/config/patch", json=patch)["PluginSettings"]
        assert answer["PluginStates"] == states
        assert answer["Enable"] is False


def test_all_settings_sent_back_change_nothing(admin: Api) -> None:
    before = admin.ok("GET", "/config")
    assert admin.ok("PUT", "/config", json=before) == before


def test_pages(admin: Api) -> None:
    for number in range(7):
        admin.person(f"p{number}")
    whole = [user["username"] for user in admin.ok("GET", "/users")]
    assert whole == sorted(whole)
    pages = [admin.ok("GET", "/users", params={"page": page, "per_page": 3}) for page in range(4)]
    assert [len(page) for page in pages] == [3, 3, 2, 0]
    assert [user["username"] for page in pages for user in page] == whole


def test_channels_of_the_whole_server(admin: Api, world: dict[str, str]) -> None:
    admin.ok("DELETE", f"/channels/{world['dev']}")
    found = admin.ok("GET", "/channels", params={"exclude_default_channels": "true"})
    assert [(c["name"], c["team_name"]) for c in found] == [("secret", "eng")]
    query = {"include_deleted": "true", "include_total_count": "true", "per_page": "1"}
    answer = admin.ok("GET", "/channels", params=query)
    assert (len(answer["channels"]), answer["total_count"]) == (1, 4)
    path = f"/teams/{world['team']}/channels/name/dev"
    assert admin.call("GET", path).status_code == 404
    assert admin.ok("GET", path, params={"include_deleted": "true"})["delete_at"] > 0


def test_all_memberships_of_a_person_one_a_line(admin: Api, world: dict[str, str]) -> None:
    path = f"/users/{world['ann']}/channel_members"
    answer = admin.call("GET", path, params={"page": -1})
    assert answer.headers["Content-Type"].startswith("application/x-ndjson")
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert {row["team_name"] for row in rows} == {"eng"}
    assert len(rows) == 3
    assert admin.ok("GET", path, params={"per_page": 2}) == rows[:2]
    lonely = f"/users/{world['cyd']}/channel_members"
    assert admin.call("GET", lonely, params={"page": -1}).status_code == 404


def test_pictures_come_back(admin: Api, world: dict[str, str]) -> None:
    image = {"image": ("a.png", bytes.fromhex(PNG), "image/png")}
    path = f"/users/{world['ann']}/image"
    admin.ok("POST", path, files=image)
    assert admin.call("GET", path).content == bytes.fromhex(PNG)
    assert admin.ok("GET", f"/users/{world['ann']}")["last_picture_update"] > 0
    missing = "api.user.upload_profile_user.no_file.app_error"
    assert admin.refused("POST", path, files={"other": ("a", b"a")}) == (400, missing)
    me = admin.ok("GET", "/users/me")["id"]
    named = {"emoji": json.dumps({"name": "tada", "creator_id": me})}
    ident = "model.emoji.system_emoji_name.app_error"
    assert admin.refused("POST", "/emoji", files=image, data=named) == (400, ident)


def test_join_messages_can_be_switched_off(admin: Api) -> None:
    quiet = {"ServiceSettings": {"ExperimentalEnableDefaultChannelLeaveJoinMessages": False}}
    admin.ok("PUT", "/config/patch", json=quiet)
    team = admin.team("eng", admin.person("ann"))
    square = admin.ok("GET", f"/teams/{team}/channels/name/town-square")["id"]
    assert admin.ok("GET", f"/channels/{square}/posts")["order"] == []


def test_exact_membership_is_unknown_to_11_6_0(admin: Api, world: dict[str, str]) -> None:
    path, body = f"/channels/{world['dev']}/members", {"members": [world["ann"]]}
    assert admin.call("PUT", path, json=body).status_code == 404


@pytest.mark.parametrize("version", ["11.6.1", "11.7.0"])
def test_exact_membership_came_later(version: str) -> None:
    with Sandbox("mattermost", version=version) as sandbox:
        admin = administrator(sandbox)
        assert admin.ok("GET", "/config/client")["Version"] == version
        ann, bob, cyd = (admin.person(name) for name in ("ann", "bob", "cyd"))
        dev = admin.channel(admin.team("eng", ann, bob), "dev", "P")
        path = f"/channels/{dev}/members"
        admin.ok("POST", path, json={"user_id": ann})
        body = {"members": [ann, bob, cyd], "channel_admins": [bob]}
        answer = admin.call("PUT", path, json=body)
        (line,) = [json.loads(text) for text in answer.text.splitlines()]
        root = admin.ok("GET", "/users/me")["id"]
        assert (line["added"], line["removed"]) == ([bob], [root])
        assert [error["user_id"] for error in line["errors"]] == [cyd]
        members = admin.ok("GET", path)
        assert {m["user_id"]: m["scheme_admin"] for m in members} == {ann: False, bob: True}
        assert admin.call("PUT", path, json={"members": []}).status_code == 400


def test_the_cap_on_people_can_be_set_and_lifted() -> None:
    with Sandbox("mattermost", user_limit=2) as sandbox:
        admin = administrator(sandbox)
        admin.person("ann")
        fields = {"username": "bob", "email": "bob@acme.example", "password": PASSWORD}
        ident = "api.user.create_user.user_limits.exceeded"
        assert admin.refused("POST", "/users", json=fields) == (400, ident)
        assert admin.ok("GET", "/limits/server")["maxUsersHardLimit"] == 2
    with Sandbox("mattermost", user_limit=None) as sandbox:
        limits = administrator(sandbox).ok("GET", "/limits/server")
        assert (limits["maxUsersHardLimit"], limits["activeUserCount"]) == (0, 1)

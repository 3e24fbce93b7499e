"""Slash commands."""

from chatops.sandbox.mattermost.errors import bad_body, refuse
from chatops.sandbox.mattermost.permissions import has_in_team, need_in_channel, need_in_team
from chatops.sandbox.mattermost.state import Site
from chatops.sandbox.mattermost.web import OK, Call, Reply, Routes
from chatops.sandbox.mattermost.words import is_http_url, is_id, is_trigger, listed, new_id
from chatops.sandbox.store import Doc

routes = Routes()

# The words that the server itself answers to (server/channels/app/slashcommands).
BUILT_IN = listed(
    "away code collapse dnd echo expand exportlink groupmsg header help invite invite_people join "
    "kick leave logout marketplace me msg mute offline online open purpose remove rename search "
    "secure-connection settings share-channel shortcuts shrug status"
)
_GIVEN = {
    "id": str,
    "token": str,
    "creator_id": str,
    "team_id": str,
    "trigger": str,
    "method": str,
    "username": str,
    "icon_url": str,
    "auto_complete": bool,
    "auto_complete_desc": str,
    "auto_complete_hint": str,
    "display_name": str,
    "description": str,
    "url": str,
}
_KEPT = ("id", "token", "creator_id", "team_id")
_OWN, _OTHERS = "manage_own_slash_commands", "manage_others_slash_commands"


def _check_on(site: Site) -> None:
    if not site.setting("ServiceSettings", "EnableCommands"):
        refuse("api.command.disabled.app_error", 501)


def _check(site: Site, command: Doc) -> None:
    """Stop at the first thing that is wrong with a command; its word must be free in the team."""
    prefix = "model.command.is_valid"
    others = site.commands.where("team", command["team_id"])
    if command["trigger"] in BUILT_IN or any(
        other["trigger"] == command["trigger"] and other["id"] != command["id"] for other in others
    ):
        refuse("api.command.duplicate_trigger.app_error")
    if not is_id(command["team_id"]):
        refuse(f"{prefix}.team_id.app_error")
    if not is_trigger(command["trigger"]):
        refuse(f"{prefix}.trigger.app_error")
    if not 1 <= len(command["url"]) <= 1024:
        refuse(f"{prefix}.url.app_error")
    if not is_http_url(command["url"]):
        refuse(f"{prefix}.url_http.app_error")
    if command["method"] not in ("P", "G"):
        refuse(f"{prefix}.method.app_error")
    if len(command["display_name"].encode()) > 64:
        refuse(f"{prefix}.display_name.app_error")
    if len(command["description"].encode()) > 128:
        refuse(f"{prefix}.description.app_error")


def _fields(given: Doc) -> Doc:
    empty: Doc = {key: kind() for key, kind in _GIVEN.items() if key not in _KEPT}
    fields = empty | {key: value for key, value in given.items() if key in empty}
    return fields | {"trigger": fields["trigger"].lower()}


@routes.post("/commands")
def create_command(call: Call) -> Reply:
    """A new word for a team."""
    site, given = call.site, call.record("command", _GIVEN)
    team_id = given.get("team_id", "")
    need_in_team(call, team_id, _OWN)
    creator_id = given.get("creator_id") or call.my_id
    if creator_id != call.my_id:
        need_in_team(call, team_id, _OTHERS)
        site.user(creator_id)
    _check_on(site)
    now = site.now()
    command = {
        "id": new_id(),
        "token": new_id(),
        "create_at": now,
        "update_at": now,
        "delete_at": 0,
        "creator_id": creator_id,
        "team_id": team_id,
        **_fields(given),
        "plugin_id": "",
    }
    _check(site, command)
    return Reply(site.commands.put(command["id"], command), 201)


@routes.get("/commands")
def list_commands(call: Call) -> list[Doc]:
    """A team's words, all at once; with those of the server unless only custom ones are asked."""
    site, team_id = call.site, call.arg("team_id")
    if not team_id:
        bad_body("team_id")
    need_in_team(call, team_id, "view_team")
    everybody = has_in_team(site, call.me, team_id, _OTHERS)
    if call.flag("custom_only"):
        need_in_team(call, team_id, _OWN)
        _check_on(site)
        found = site.commands.where("team", team_id)
        return [command for command in found if everybody or command["creator_id"] == call.my_id]
    if not has_in_team(site, call.me, team_id, _OWN):
        return _offered(site, team_id)
    found = site.commands.where("team", team_id)
    mine = [command for command in found if everybody or command["creator_id"] == call.my_id]
    return [*map(_built_in, BUILT_IN), *map(_sanitized, mine)]


def _offered(site: Site, team_id: str) -> list[Doc]:
    found = [c for c in site.commands.where("team", team_id) if c["auto_complete"]]
    return [*map(_sanitized, found), *map(_built_in, BUILT_IN)]


def _sanitized(command: Doc) -> Doc:
    secret = {
        "token": "",
        "creator_id": "",
        "method": "",
        "url": "",
        "username": "",
        "icon_url": "",
    }
    return command | secret


def _built_in(word: str) -> Doc:
    empty: Doc = {key: kind() for key, kind in _GIVEN.items()}
    times = {"create_at": 0, "update_at": 0, "delete_at": 0, "plugin_id": ""}
    return empty | times | {"trigger": word, "display_name": word, "auto_complete": True}


def _get(call: Call, *, hidden: bool = False) -> Doc:
    """The command of the path. Who may not handle it does not learn that it is there."""
    ident = call.ident("command_id")
    _check_on(call.site)
    command = call.site.commands.get(ident)
    if command is None or command["delete_at"]:
        refuse("store.sql_command.save.get.app_error", 404)
    team_id = command["team_id"]
    if not has_in_team(call.site, call.me, team_id, _OWN):
        refuse("store.sql_command.save.get.app_error", 404)
    if command["creator_id"] != call.my_id and hidden:
        if not has_in_team(call.site, call.me, team_id, _OTHERS):
            refuse("store.sql_command.save.get.app_error", 404)
    elif command["creator_id"] != call.my_id:
        need_in_team(call, team_id, _OTHERS)
    return command


@routes.get("/commands/{command_id}")
def get_command(call: Call) -> Doc:
    """One command."""
    return _get(call, hidden=True)


@routes.put("/commands/{command_id}")
def update_command(call: Call) -> Doc:
    """Replace what can be changed of a command."""
    site = call.site
    ident = call.ident("command_id")
    given = call.record("command", _GIVEN)
    if given.get("id") != ident:
        bad_body("command")
    old = site.commands.get(ident)
    if old is not None and not old["delete_at"] and given.get("team_id", "") != old["team_id"]:
        refuse("api.command.team_mismatch.app_error")
    command = _get(call) | _fields(given) | {"update_at": site.now()}
    _check(site, command)
    return site.commands.put(ident, command)


@routes.put("/commands/{command_id}/move")
def move_command(call: Call) -> Doc:
    """Give a command to another team."""
    site = call.site
    team = site.team(call.record("team_id", {"team_id": str}).get("team_id", ""))
    need_in_team(call, team["id"], _OWN)
    command = _get(call) | {"team_id": team["id"]}
    _check(site, command)
    site.commands.put(command["id"], command)
    return OK


@routes.put("/commands/{command_id}/regen_token")
def regenerate_token(call: Call) -> Doc:
    """A new token for a command."""
    command = _get(call)
    changed = call.site.commands.put(command["id"], command | {"token": new_id()})
    return {"token": changed["token"]}


@routes.delete("/commands/{command_id}")
def delete_command(call: Call) -> Doc:
    """Take a command away."""
    command = _get(call)
    now = call.site.now()
    call.site.commands.put(command["id"], command | {"delete_at": now, "update_at": now})
    return OK


@routes.get("/teams/{team_id}/commands/autocomplete")
def autocomplete(call: Call) -> list[Doc]:
    """The words to offer after a slash."""
    team_id = call.ident("team_id")
    need_in_team(call, team_id, "view_team")
    return _offered(call.site, team_id)


@routes.post("/commands/execute")
def execute(call: Call) -> Doc:
    """Say a command. The sandbox calls nobody."""
    given = call.record("command_args", {"channel_id": str, "command": str, "team_id": str})
    text, channel_id = given.get("command", ""), given.get("channel_id", "")
    if len(text) <= 1 or not text.startswith("/") or not is_id(channel_id):
        refuse("api.command.execute_command.start.app_error")
    need_in_channel(call, channel_id, "create_post")
    channel = call.site.channel(channel_id)
    if channel["delete_at"]:
        refuse("api.command.execute_command.deleted.error")
    word = text[1:].split()[0].lower()
    found = [
        c for c in call.site.commands.where("team", channel["team_id"]) if c["trigger"] == word
    ]
    if not found and word not in BUILT_IN:
        refuse("api.command.execute_command.not_found.app_error", 404)
    return {"response_type": "ephemeral", "text": "", "trigger_id": new_id()}

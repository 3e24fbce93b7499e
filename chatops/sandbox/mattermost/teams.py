"""Teams."""

from base64 import b64decode, b64encode
from typing import Any

from chatops.sandbox.mattermost.channels import blank
from chatops.sandbox.mattermost.errors import bad_body, bad_url, forbidden, refuse
from chatops.sandbox.mattermost.images import image_size
from chatops.sandbox.mattermost.membership import active, default_channels, join_team
from chatops.sandbox.mattermost.permissions import (
    has,
    has_in_team,
    is_admin,
    need,
    need_in_team,
)
from chatops.sandbox.mattermost.state import Site
from chatops.sandbox.mattermost.web import OK, Call, Reply, Routes
from chatops.sandbox.mattermost.words import (
    is_reserved_team_name,
    is_team_name,
    new_id,
    plain,
    rank,
)
from chatops.sandbox.store import Doc

routes = Routes()

_PATCHABLE = {
    "display_name": str,
    "description": str,
    "company_name": str,
    "allowed_domains": str,
    "allow_open_invite": bool,
    "group_constrained": bool,
}
_GIVEN = _PATCHABLE | {"id": str, "name": str, "email": str, "type": str, "scheme_id": str}
_LONGEST = (
    ("description", 255, "description"),
    ("company_name", 64, "company"),
    ("allowed_domains", 1000, "domains"),
)


def check(team: Doc) -> None:
    """Stop at the first field that a team may not have (model.Team.IsValid)."""
    if not 1 <= len(team["display_name"]) <= 64:
        refuse("model.team.is_valid.name.app_error")
    if len(team["name"]) > 64:
        refuse("model.team.is_valid.url.app_error")
    if len(team["description"].encode()) > 255:
        refuse("model.team.is_valid.description.app_error")
    if is_reserved_team_name(team["name"]):
        refuse("model.team.is_valid.reserved.app_error")
    if not is_team_name(team["name"]):
        refuse("model.team.is_valid.characters.app_error")
    if team["type"] not in ("O", "I"):
        refuse("model.team.is_valid.type.app_error")
    for key, longest, name in _LONGEST:
        if len(team[key].encode()) > longest:
            refuse(f"model.team.is_valid.{name}.app_error")


def shown(call: Call, team: Doc) -> Doc:
    """A team as the caller sees it: its address and invitation are not for everybody."""
    manages = has_in_team(call.site, call.me, team["id"], "manage_team")
    invites = has_in_team(call.site, call.me, team["id"], "invite_user")
    view = {key: value for key, value in team.items() if key != "last_team_icon_update"}
    if team["last_team_icon_update"]:
        view["last_team_icon_update"] = team["last_team_icon_update"]
    if not manages:
        view["email"] = ""
    if not invites:
        view["invite_id"] = ""
    return view


@routes.post("/teams")
def create_team(call: Call) -> Reply:
    """A new team; who makes it becomes its member and administrator."""
    site, given = call.site, call.record("team", _GIVEN)
    if not has(site, call.me, "create_team"):
        refuse("api.team.is_team_creation_allowed.disabled.app_error", 403)
    if given.get("scheme_id"):
        need(call, "sysconsole_write_user_management_permissions")
    now = site.now()
    team = {
        "id": new_id(),
        "create_at": now,
        "update_at": now,
        "delete_at": 0,
        "display_name": plain(given.get("display_name", "")),
        "name": plain(given.get("name", "")),
        "description": plain(given.get("description", "")),
        "email": call.me["email"],
        "type": given.get("type", ""),
        "company_name": plain(given.get("company_name", "")),
        "allowed_domains": given.get("allowed_domains", ""),
        "invite_id": new_id(),
        "allow_open_invite": given.get("allow_open_invite", False),
        "scheme_id": given.get("scheme_id"),
        "group_constrained": given.get("group_constrained"),
        "policy_id": None,
        "cloud_limits_archived": False,
        "last_team_icon_update": 0,
    }
    if given.get("id"):
        refuse("store.sql_team.save_team.existing.app_error")
    check(team)
    if site.teams.find("name", team["name"]) is not None:
        refuse("store.sql_team.save_team.existing.app_error")
    site.teams.put(team["id"], team)
    for name in default_channels(site):
        _create_default_channel(site, team, name)
    join_team(site, team, call.me)
    return Reply(shown(call, team), 201)


def _create_default_channel(site: Site, team: Doc, name: str) -> None:
    title = {"town-square": "Town Square", "off-topic": "Off-Topic"}.get(name, name)
    channel = blank(site, team["id"], name, title, "O")
    site.channels.put(channel["id"], channel)


@routes.get("/teams")
def list_teams(call: Call) -> Any:
    """All teams by display name, archived ones among them."""
    private = has(call.site, call.me, "list_private_teams")
    public = has(call.site, call.me, "list_public_teams")
    if not private and not public:
        refuse("api.team.get_all_teams.insufficient_permissions", 403)
    teams = [
        team
        for team in call.site.teams.all()
        if (private and public) or team["allow_open_invite"] == public
    ]
    teams.sort(key=lambda team: rank(team["display_name"]))
    page = [shown(call, team) for team in call.cut(teams)]
    if call.flag("include_total_count"):
        return {"teams": page, "total_count": len(teams)}
    return page


@routes.post("/teams/search")
def search_teams(call: Call) -> Any:
    """Teams whose names hold a term."""
    shape = {"term": str, "page": int, "per_page": int, "allow_open_invite": bool}
    props = call.record("team_search", shape)
    term = props.get("term", "").lower()
    private = has(call.site, call.me, "list_private_teams")
    found = [
        team
        for team in call.site.teams.all()
        if (term in team["name"] or term in team["display_name"].lower())
        and (private or team["allow_open_invite"])
    ]
    found.sort(key=lambda team: rank(team["display_name"]))
    if "page" in props and "per_page" in props:
        if not private:
            refuse("api.team.search_teams.pagination_not_implemented.public_team_search", 501)
        start = props["page"] * props["per_page"]
        page = [shown(call, team) for team in found[start : start + props["per_page"]]]
        return {"teams": page, "total_count": len(found)}
    return [shown(call, team) for team in found]


def _named(call: Call) -> Doc | None:
    name = call.params["team_name"].lower()
    if not is_team_name(name):
        bad_url("team_name")
    return call.site.teams.find("name", name)


@routes.get("/teams/name/{team_name:name}")
def team_by_name(call: Call) -> Doc:
    """A team by its name, also an archived one."""
    team = _named(call) or refuse("app.team.get_by_name.missing.app_error", 404)
    if not (team["allow_open_invite"] and team["type"] == "O"):
        need_in_team(call, team["id"], "view_team")
    return shown(call, team)


@routes.get("/teams/name/{team_name:name}/exists")
def team_exists(call: Call) -> Doc:
    """Whether a name is taken by a team that the caller may know of."""
    team = _named(call)
    if team is None:
        return {"exists": False}
    member = call.site.team_members.get(f"{team['id']}:{call.my_id}")
    kind = "list_public_teams" if team["allow_open_invite"] else "list_private_teams"
    known = bool(member and not member["delete_at"]) or has(call.site, call.me, kind)
    return {"exists": known}


@routes.get("/teams/invite/{invite_id}")
def invite_info(call: Call) -> Doc:
    """What an invitation leads to."""
    team = call.site.teams.find("invite", call.params["invite_id"])
    if team is None:
        refuse("app.team.get_by_invite_id.finding.app_error", 404)
    if team["type"] != "O":
        refuse("api.team.get_invite_info.not_open_team", 403)
    return {key: team[key] for key in ("display_name", "description", "name", "id")}


@routes.get("/teams/{team_id}")
def get_team(call: Call) -> Doc:
    """One team."""
    team = call.site.team(call.ident("team_id"))
    public = team["allow_open_invite"] and team["type"] == "O"
    if not has_in_team(call.site, call.me, team["id"], "view_team") and not (
        public and has(call.site, call.me, "list_public_teams")
    ):
        forbidden()
    return shown(call, team)


@routes.put("/teams/{team_id}")
def update_team(call: Call) -> Doc:
    """Change a team by sending all of it. Its name stays."""
    team_id, given = call.ident("team_id"), call.record("team", _GIVEN)
    if given.get("id") != team_id:
        bad_body("id")
    need_in_team(call, team_id, "manage_team")
    team = call.site.team(team_id)
    empty: Doc = {key: "" if kind is str else False for key, kind in _PATCHABLE.items()}
    fields = empty | {"group_constrained": None} | given
    return _change(call, team, {key: fields[key] for key in _PATCHABLE})


@routes.put("/teams/{team_id}/patch")
def patch_team(call: Call) -> Doc:
    """Change some fields of a team. A closed door gets a new key each time it is closed."""
    team_id, patch = call.ident("team_id"), call.record("team", _PATCHABLE)
    need_in_team(call, team_id, "manage_team")
    if "allow_open_invite" in patch or "allowed_domains" in patch:
        need_in_team(call, team_id, "invite_user")
    team = call.site.team(team_id)
    if patch.get("allow_open_invite") is False:
        patch["invite_id"] = new_id()
    return _change(call, team, patch)


def _change(call: Call, team: Doc, fields: Doc) -> Doc:
    allowed = call.site.setting("TeamSettings", "RestrictCreationToDomains").lower().split(",")
    wanted = str(fields.get("allowed_domains", "")).replace(",", " ").lower().split()
    if any(allowed) and any(domain not in allowed for domain in wanted):
        refuse("api.team.update_restricted_domains.mismatch.app_error")
    changed = team | fields | {"update_at": call.site.now()}
    check(changed)
    return shown(call, call.site.teams.put(team["id"], changed))


@routes.put("/teams/{team_id}/privacy")
def team_privacy(call: Call) -> Doc:
    """Open to all or by invitation: sets the type and the open door together."""
    site, team_id = call.site, call.ident("team_id")
    privacy = call.loose().get("privacy")
    if privacy not in ("O", "I"):
        bad_body("privacy")
    need_in_team(call, team_id, "manage_team")
    need_in_team(call, team_id, "invite_user")
    team, is_open = site.team(team_id), privacy == "O"
    differs = is_open != team["allow_open_invite"] or privacy != team["type"]
    changed = team | {"type": privacy, "allow_open_invite": is_open, "update_at": site.now()}
    if differs and not is_open:
        changed["invite_id"] = new_id()
    return shown(call, site.teams.put(team_id, changed))


@routes.post("/teams/{team_id}/regenerate_invite_id")
def regenerate_invite(call: Call) -> Doc:
    """A new invitation; the old one leads nowhere."""
    site, team_id = call.site, call.ident("team_id")
    need_in_team(call, team_id, "manage_team")
    need_in_team(call, team_id, "invite_user")
    changed = site.team(team_id) | {"invite_id": new_id(), "update_at": site.now()}
    return shown(call, site.teams.put(team_id, changed))


@routes.delete("/teams/{team_id}")
def delete_team(call: Call) -> Doc:
    """Archive a team; its channels stay as they are."""
    site, team_id = call.site, call.ident("team_id")
    need_in_team(call, team_id, "manage_team")
    if call.flag("permanent"):
        if not site.setting("ServiceSettings", "EnableAPITeamDeletion"):
            whom = ".for_admin" if is_admin(call) else ""
            refuse(f"api.user.delete_team.not_enabled{whom}.app_error", 401)
        _erase(site, site.team(team_id))
        return OK
    now = site.now()
    site.teams.put(team_id, site.team(team_id) | {"delete_at": now, "update_at": now})
    return OK


def _erase(site: Site, team: Doc) -> None:
    for channel in site.channels.where("team", team["id"]):
        for member in site.channel_members.where("channel", channel["id"]):
            site.channel_members.delete(f"{channel['id']}:{member['user_id']}")
        site.channels.delete(channel["id"])
    for member in site.team_members.where("team", team["id"]):
        site.team_members.delete(f"{team['id']}:{member['user_id']}")
    site.teams.delete(team["id"])


@routes.post("/teams/{team_id}/restore")
def restore_team(call: Call) -> Doc:
    """Bring an archived team back."""
    site, team_id = call.site, call.ident("team_id")
    need_in_team(call, team_id, "manage_team")
    changed = site.team(team_id) | {"delete_at": 0, "update_at": site.now()}
    return shown(call, site.teams.put(team_id, changed))


@routes.get("/teams/{team_id}/stats")
def team_stats(call: Call) -> Doc:
    """How many members a team has."""
    team_id = call.ident("team_id")
    need_in_team(call, team_id, "view_team")
    return {
        "team_id": team_id,
        "total_member_count": call.site.team_members.count("team", team_id),
        "active_member_count": active(call.site, {"id": team_id}),
    }


@routes.get("/teams/{team_id}/image")
def get_icon(call: Call) -> Reply:
    """A team's picture."""
    team = call.site.team(call.ident("team_id"))
    if not (team["allow_open_invite"] and team["type"] == "O"):
        need_in_team(call, team["id"], "view_team")
    kept = call.site.images.get(f"team:{team['id']}")
    if kept is None:
        refuse("api.team.get_team_icon.read_file.app_error", 404)
    return Reply(b64decode(kept["content"]), 200, {}, "image/png")


@routes.post("/teams/{team_id}/image", files=True)
def set_icon(call: Call) -> Doc:
    """A new picture as multipart field `image`."""
    site, team_id = call.site, call.ident("team_id")
    need_in_team(call, team_id, "manage_team")
    if not call.headers.get("content-type", "").startswith("multipart/form-data"):
        refuse("api.team.set_team_icon.parse.app_error")
    if not call.files.get("image"):
        refuse("api.team.set_team_icon.no_file.app_error")
    team, content = site.team(team_id), call.files["image"][0].content
    if image_size(content) is None:
        refuse("api.team.set_team_icon.decode.app_error")
    site.images.put(f"team:{team_id}", {"content": b64encode(content).decode()})
    site.teams.put(team_id, team | {"last_team_icon_update": site.now()})
    return OK


@routes.delete("/teams/{team_id}/image")
def remove_icon(call: Call) -> Doc:
    """No picture."""
    site, team_id = call.site, call.ident("team_id")
    need_in_team(call, team_id, "manage_team")
    site.images.delete(f"team:{team_id}")
    site.teams.put(team_id, site.team(team_id) | {"last_team_icon_update": 0})
    return OK


@routes.get("/users/{user_id}/teams")
def teams_of_user(call: Call) -> list[Doc]:
    """The teams that somebody is in, archived ones left out."""
    site, user_id = call.site, call.ident("user_id")
    if user_id != call.my_id:
        need(call, "sysconsole_read_user_management_users")
    found = [site.team(m["team_id"]) for m in site.team_members.where("user", user_id)]
    return [shown(call, team) for team in found if not team["delete_at"]]

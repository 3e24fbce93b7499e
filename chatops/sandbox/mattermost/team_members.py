"""Who belongs to a team."""

from typing import Any

from chatops.sandbox.mattermost.errors import AppError, bad_body, refuse
from chatops.sandbox.mattermost.membership import (
    explicit_roles,
    join_team,
    leave_team,
    scheme_roles,
    team_member_view,
)
from chatops.sandbox.mattermost.permissions import has_in_team, need, need_in_team
from chatops.sandbox.mattermost.web import OK, Call, Reply, Routes
from chatops.sandbox.mattermost.words import is_email, is_id, is_user_roles, new_id, rank
from chatops.sandbox.store import Doc

routes = Routes()

MAXIMUM_BATCH = 256
_MEMBER = {"team_id": str, "user_id": str}


@routes.get("/teams/{team_id}/members")
def list_members(call: Call) -> list[Doc]:
    """Members by user identifier, or by user name if asked; those removed are left out."""
    site, team_id = call.site, call.ident("team_id")
    need_in_team(call, team_id, "view_team")
    members = site.team_members.where("team", team_id)
    if call.flag("exclude_deleted_users"):
        members = [m for m in members if not site.user(m["user_id"])["delete_at"]]
    if call.arg("sort") == "Username":
        members.sort(key=lambda member: rank(site.user(member["user_id"])["username"]))
    else:
        members.sort(key=lambda member: str(member["user_id"]))
    return [team_member_view(member) for member in call.cut(members)]


@routes.post("/teams/{team_id}/members")
def add_member(call: Call) -> Reply:
    """Add one person; who is there already is answered as they are."""
    site, team_id = call.site, call.ident("team_id")
    try:
        given = call.record("member", _MEMBER)
    except AppError as error:
        if error.status == 413:
            raise
        refuse("api.team.add_team_member.invalid_body.app_error")
    if given.get("team_id") != team_id:
        bad_body("team_id")
    user_id = given.get("user_id", "")
    if not is_id(user_id):
        bad_body("user_id")
    if user_id == call.my_id:
        door = "public" if site.team(team_id)["allow_open_invite"] else "private"
        need(call, f"join_{door}_teams")
    else:
        need_in_team(call, team_id, "add_user_to_team")
    if not has_in_team(site, call.me, team_id, "invite_guest") and user_id not in site.users:
        refuse("api.team.user.missing_account", 404)
    team = site.team(team_id)
    member = join_team(site, team, site.user(user_id))
    return Reply(team_member_view(member), 201)


@routes.post("/teams/{team_id}/members/batch")
def add_members(call: Call) -> Reply:
    """Add up to 256 people. `graceful` puts each one's error into the list."""
    site, team_id = call.site, call.ident("team_id")
    graceful = call.arg("graceful") != ""
    given = call.records("members", _MEMBER)
    if len(given) > MAXIMUM_BATCH:
        bad_body("too many members in batch")
    if not given:
        bad_body("no members in batch")
    team = site.team(team_id)
    need_in_team(call, team_id, "add_user_to_team")
    guests = has_in_team(site, call.me, team_id, "invite_guest")
    for row in given:
        user_id = row.get("user_id", "")
        if row.get("team_id") != team_id:
            bad_body(f"team_id for member with user_id={user_id}")
        if not is_id(user_id):
            bad_body("user_id")
        if not guests and user_id not in site.users:
            refuse("api.team.user.missing_account", 404)
    answer: list[Doc] = []
    for row in given:
        try:
            member = join_team(site, team, site.user(row["user_id"]), call.me)
        except AppError as error:
            if not graceful:
                raise
            failure = error.body("")
            answer.append({"user_id": row["user_id"], "member": None, "error": failure})
            continue
        view = team_member_view(member)
        answer.append(
            {"user_id": row["user_id"], "member": view, "error": None} if graceful else view
        )
    return Reply(answer, 201)


@routes.post("/teams/{team_id}/members/ids")
def members_by_ids(call: Call) -> list[Doc]:
    """Memberships of some people; those who have none are missing without a word."""
    site, team_id = call.site, call.ident("team_id")
    wanted = call.strings("user_ids")
    need_in_team(call, team_id, "view_team")
    found = (site.team_members.get(f"{team_id}:{user_id}") for user_id in wanted)
    return [team_member_view(member) for member in found if member and not member["delete_at"]]


@routes.get("/teams/{team_id}/members/{user_id}")
def get_member(call: Call) -> Doc:
    """One membership, also one that has ended."""
    team_id, user_id = call.ident("team_id"), call.ident("user_id")
    need_in_team(call, team_id, "view_team")
    return team_member_view(_member(call, team_id, user_id))


def _member(call: Call, team_id: str, user_id: str) -> Doc:
    return call.site.team_members.get(f"{team_id}:{user_id}") or refuse(
        "app.team.get_member.missing.app_error", 404
    )


@routes.delete("/teams/{team_id}/members/{user_id}")
def remove_member(call: Call) -> Doc:
    """Remove somebody from a team and from all its channels."""
    site, team_id, user_id = call.site, call.ident("team_id"), call.ident("user_id")
    if user_id != call.my_id:
        need_in_team(call, team_id, "remove_user_from_team")
    leave_team(site, site.team(team_id), site.user(user_id), call.me)
    return OK


@routes.put("/teams/{team_id}/members/{user_id}/roles")
def member_roles(call: Call) -> Doc:
    """Replace the roles of a membership by names."""
    team_id, user_id = call.ident("team_id"), call.ident("user_id")
    wanted = call.texts().get("roles", "")
    if not is_user_roles(wanted):
        bad_body("team_member_roles")
    need_in_team(call, team_id, "manage_team_roles")
    changed = explicit_roles(call.site, _member(call, team_id, user_id), wanted, "team")
    call.site.team_members.put(f"{team_id}:{user_id}", changed)
    return OK


@routes.put("/teams/{team_id}/members/{user_id}/schemeRoles")
def member_scheme_roles(call: Call) -> Doc:
    """Make somebody an administrator of a team, or no longer."""
    team_id, user_id = call.ident("team_id"), call.ident("user_id")
    shape = {"scheme_admin": bool, "scheme_user": bool, "scheme_guest": bool}
    given = call.record("scheme_roles", shape)
    need_in_team(call, team_id, "manage_team_roles")
    changed = scheme_roles(_member(call, team_id, user_id), given, "team")
    call.site.team_members.put(f"{team_id}:{user_id}", changed)
    return OK


@routes.get("/users/{user_id}/teams/members")
def memberships_of_user(call: Call) -> list[Doc]:
    """Somebody's memberships in teams."""
    user_id = call.ident("user_id")
    if user_id != call.my_id:
        need(call, "read_other_users_teams")
    members = call.site.team_members.where("user", user_id)
    return [team_member_view(member) for member in members]


@routes.post("/teams/members/invite")
def join_by_invite(call: Call) -> Reply:
    """Join a team through its invitation."""
    site = call.site
    if call.arg("token"):
        refuse("api.user.create_user.signup_link_invalid.app_error")
    if not call.arg("invite_id"):
        refuse("api.team.add_user_to_team.missing_parameter.app_error")
    team = site.teams.find("invite", call.arg("invite_id"))
    if team is None:
        refuse("app.team.get_by_invite_id.finding.app_error", 404)
    return Reply(team_member_view(join_team(site, team, call.me)), 201)


@routes.post("/teams/{team_id}/invite/email")
def invite_by_email(call: Call) -> Any:
    """Invite people by mail. No mail leaves; the answer is the real one's."""
    site, team_id = call.site, call.ident("team_id")
    need_in_team(call, team_id, "invite_user")
    need_in_team(call, team_id, "add_user_to_team")
    try:
        emails = [address.lower() for address in call.strings()]
    except AppError:
        given = call.record("emails", {"emails": list, "channelIds": list, "message": str})
        emails = [str(address).lower() for address in given.get("emails", [])]
    if not emails:
        bad_body("user_email")
    if not site.setting("ServiceSettings", "EnableEmailInvitations"):
        refuse("api.team.invite_members.disabled.app_error", 501)
    bad = AppError("api.team.invite_members.invalid_email.app_error", 400).body(new_id())
    if call.arg("graceful"):
        return [{"email": e, "error": None if is_email(e) else bad} for e in emails]
    if not all(is_email(address) for address in emails):
        refuse("api.team.invite_members.invalid_email.app_error")
    return OK


@routes.delete("/teams/invites/email")
def revoke_invites(call: Call) -> Doc:
    """Make every mailed invitation worthless."""
    need(call, "invalidate_email_invite")
    return OK

"""Who belongs to teams and channels: joining and leaving with all that follows."""

from chatops.sandbox.mattermost.accounts import in_domains
from chatops.sandbox.mattermost.errors import refuse
from chatops.sandbox.mattermost.messages import note
from chatops.sandbox.mattermost.permissions import member_roles
from chatops.sandbox.mattermost.state import Site
from chatops.sandbox.store import Doc

TOWN_SQUARE, OFF_TOPIC = "town-square", "off-topic"
NOTIFICATIONS = {
    "channel_auto_follow_threads": "off",
    "desktop": "default",
    "email": "default",
    "ignore_channel_mentions": "default",
    "mark_unread": "all",
    "push": "default",
}
_FULL_TEAM = "app.team.join_user_to_team"


def team_member_view(member: Doc) -> Doc:
    """A team membership as it is answered."""
    shown = {key: value for key, value in member.items() if key != "create_at"}
    return shown | {"roles": " ".join(member_roles(member))}


def channel_member_view(member: Doc, viewer_id: str) -> Doc:
    """A channel membership as it is answered: when another looked last is nobody's business."""
    shown = member | {"roles": " ".join(member_roles(member))}
    if member["user_id"] != viewer_id:
        shown |= {"last_viewed_at": -1, "last_update_at": -1}
    return shown


def default_channels(site: Site) -> list[str]:
    """The names of the channels that a new member of a team joins."""
    others = site.setting("TeamSettings", "ExperimentalDefaultChannels") or [OFF_TOPIC]
    return list(dict.fromkeys([TOWN_SQUARE, *others]))


def join_team(site: Site, team: Doc, user: Doc, requestor: Doc | None = None) -> Doc:
    """Make somebody a member of a team and of its default channels."""
    key = f"{team['id']}:{user['id']}"
    old = site.team_members.get(key)
    if not in_domains(user["email"], team["allowed_domains"]):
        refuse("api.team.join_user_to_team.allowed_domains.app_error")
    if old is not None and not old["delete_at"]:
        return old
    most = site.setting("TeamSettings", "MaxUsersPerTeam")
    if site.team_members.count("team", team["id"]) >= most and active(site, team) >= most:
        refuse(f"{_FULL_TEAM}.{'max' if old else 'save_member.max'}_accounts.app_error")
    admin, guest = team["email"] == user["email"], "system_guest" in user["roles"].split()
    member = {
        "team_id": team["id"],
        "user_id": user["id"],
        "delete_at": 0,
        "scheme_guest": guest,
        "scheme_user": not guest,
        "scheme_admin": admin,
        "explicit_roles": "",
        "create_at": site.now(),
    }
    site.team_members.put(key, member)
    for name in [] if guest else default_channels(site):
        channel = site.channel_named(team["id"], name)
        if channel is None or channel["type"] != "O" or channel["delete_at"]:
            continue
        if f"{channel['id']}:{user['id']}" not in site.channel_members:
            put_channel_member(site, channel, user, admin=admin)
            _note_default_join(site, channel, user, requestor)
    return member


def active(site: Site, team: Doc) -> int:
    """How many members of a team are not deactivated."""
    members = site.team_members.where("team", team["id"])
    return sum(1 for member in members if not site.user(member["user_id"])["delete_at"])


def _note_default_join(site: Site, channel: Doc, user: Doc, requestor: Doc | None) -> None:
    key = "ExperimentalEnableDefaultChannelLeaveJoinMessages"
    if not site.setting("ServiceSettings", key):
        return
    name = user["username"]
    what = "team" if channel["name"] == TOWN_SQUARE else "channel"
    if requestor is None:
        note(site, channel, user, f"join_{what}", f"{name} joined the {what}.")
    else:
        text = f"{name} added to the {what} by {requestor['username']}."
        note(site, channel, user, f"add_to_{what}", text)


def leave_team(site: Site, team: Doc, user: Doc, requestor: Doc) -> None:
    """End a membership in a team and in all its channels."""
    key = f"{team['id']}:{user['id']}"
    member = site.team_members.get(key)
    if member is None:
        refuse("api.team.remove_user_from_team.missing.app_error")
    for held in site.channel_members.where("user", user["id"]):
        channel = site.channels.get(held["channel_id"])
        if channel is not None and channel["team_id"] == team["id"]:
            site.channel_members.delete(f"{channel['id']}:{user['id']}")
    square = site.channel_named(team["id"], TOWN_SQUARE)
    noisy = "ExperimentalEnableDefaultChannelLeaveJoinMessages"
    if square is not None and site.setting("ServiceSettings", noisy):
        if requestor["id"] == user["id"]:
            note(site, square, user, "leave_team", f"{user['username']} left the team.")
        else:
            text = f"{user['username']} was removed from the team."
            note(site, square, user, "remove_from_team", text)
    site.team_members.put(key, member | {"delete_at": site.now(), "explicit_roles": ""})


def put_channel_member(
    site: Site, channel: Doc, user: Doc, *, admin: bool = False, mentions: int = 0
) -> Doc:
    """Write a new membership in a channel."""
    guest = "system_guest" in user["roles"].split()
    member = {
        "channel_id": channel["id"],
        "user_id": user["id"],
        "last_viewed_at": 0,
        "msg_count": 0,
        "mention_count": mentions,
        "mention_count_root": mentions,
        "urgent_mention_count": 0,
        "msg_count_root": 0,
        "notify_props": dict(NOTIFICATIONS),
        "last_update_at": site.now(),
        "scheme_guest": guest,
        "scheme_user": not guest,
        "scheme_admin": admin,
        "explicit_roles": "",
        "autotranslation_disabled": False,
    }
    return site.channel_members.put(f"{channel['id']}:{user['id']}", member)


def add_to_channel(site: Site, channel: Doc, user_id: str, requestor: Doc) -> Doc:
    """Make somebody a member of a channel and tell the channel; nothing if they are one."""
    key = f"{channel['id']}:{user_id}"
    old = site.channel_members.get(key)
    if old is not None:
        return old
    user = site.user(user_id)
    if user["delete_at"]:
        refuse("app.channel.add_member.deleted_user.app_error", 403)
    team_member = site.team_members.get(f"{channel['team_id']}:{user_id}")
    if team_member is None:
        refuse("app.team.get_member.missing.app_error", 404)
    if team_member["delete_at"]:
        refuse("api.channel.add_user.to.channel.failed.deleted.app_error")
    name = user["username"]
    if requestor["id"] == user_id:
        member = put_channel_member(site, channel, user)
        note(site, channel, user, "join_channel", f"{name} joined the channel.")
        return member
    text = f"{name} added to the channel by {requestor['username']}."
    added = {"addedUserId": user_id, "addedUsername": name, "userId": requestor["id"]}
    note(site, channel, requestor, "add_to_channel", text, **added)
    # The message mentions them, which their membership counts from then on.
    member = put_channel_member(site, channel, user, mentions=1)
    return member | {"mention_count": 0, "mention_count_root": 0}


def remove_from_channel(site: Site, channel: Doc, user: Doc, requestor: Doc) -> None:
    """End a membership in a channel and tell the channel."""
    if channel["name"] == TOWN_SQUARE:
        refuse("api.channel.remove.default.app_error")
    key = f"{channel['id']}:{user['id']}"
    if key not in site.channel_members:
        refuse("app.channel.get_member.missing.app_error", 404)
    site.channel_members.delete(key)
    name = user["username"]
    if requestor["id"] == user["id"]:
        note(site, channel, user, "leave_channel", f"{name} left the channel.")
    else:
        gone = {"removedUserId": user["id"], "removedUsername": name}
        text = f"{name} was removed from the channel."
        note(site, channel, requestor, "remove_from_channel", text, **gone)


def explicit_roles(site: Site, member: Doc, wanted: str, kind: str) -> Doc:
    """A membership with its roles replaced by these names. Stops where the names do not go."""
    fields = {"scheme_guest": False, "scheme_user": False, "scheme_admin": False}
    plain = []
    for name in wanted.split():
        role = site.roles.find("name", name)
        if role is None:
            refuse("app.role.get_by_name.app_error")
        if not role["scheme_managed"]:
            plain.append(name)
        elif name in (f"{kind}_guest", f"{kind}_user", f"{kind}_admin"):
            fields["scheme_" + name.removeprefix(f"{kind}_")] = True
        else:
            refuse(f"api.channel.update_{kind}_member_roles.scheme_role.app_error")
    if fields["scheme_guest"] and fields["scheme_user"]:
        refuse(f"api.{kind}.update_{kind}_member_roles.guest_and_user.app_error")
    if fields["scheme_guest"] != member["scheme_guest"]:
        refuse(f"api.channel.update_{kind}_member_roles.changing_guest_role.app_error")
    if not fields["scheme_user"]:
        refuse(f"api.{kind}.update_{kind}_member_roles.unset_user_scheme.app_error")
    return member | fields | {"explicit_roles": " ".join(plain)}


def scheme_roles(member: Doc, given: Doc, kind: str) -> Doc:
    """A membership with its scheme's roles switched. Stops where they do not go together."""
    if member["scheme_guest"]:
        refuse(f"api.{kind}.update_{kind}_member_roles.guest.app_error")
    if given.get("scheme_guest"):
        refuse(f"api.{kind}.update_{kind}_member_roles.user_and_guest.app_error")
    if not given.get("scheme_user"):
        refuse(f"api.{kind}.update_{kind}_member_roles.unset_user_scheme.app_error")
    return member | {"scheme_user": True, "scheme_admin": bool(given.get("scheme_admin"))}

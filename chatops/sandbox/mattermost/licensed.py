"""What a licence brings, for a sandbox that is told to pose as a server with one.

No server with a licence was at hand: guests and who may write in a channel are written from the
vendor's source alone (server/channels/api4/user.go, app/channel.go, public/model/channel.go).
"""

from chatops.sandbox.mattermost.errors import bad_body, refuse
from chatops.sandbox.mattermost.permissions import need
from chatops.sandbox.mattermost.state import Site
from chatops.sandbox.mattermost.web import OK, Call, Routes
from chatops.sandbox.mattermost.words import listed, new_id
from chatops.sandbox.store import Doc

routes = Routes()

_MODERATED = listed(
    "create_post create_reactions manage_members use_channel_mentions manage_bookmarks"
)
_MEMBERS_ALONE = ("manage_members", "manage_bookmarks")


def is_guest(user: Doc) -> bool:
    """Whether an account is a guest's."""
    return "system_guest" in str(user["roles"]).split()


@routes.post("/users/{user_id}/demote")
def demote(call: Call) -> Doc:
    """Make somebody a guest, in every team and channel they are in."""
    site, user_id = call.site, call.ident("user_id")
    if not site.setting("GuestAccountsSettings", "Enable"):
        refuse("api.team.demote_user_to_guest.disabled.error", 501)
    need(call, "demote_to_guest")
    user = site.user(user_id)
    if is_guest(user):
        refuse("api.user.demote_user_to_guest.already_guest.app_error", 501)
    _turn(site, user, guest=True)
    return OK


@routes.post("/users/{user_id}/promote")
def promote(call: Call) -> Doc:
    """Make a guest a member."""
    site, user_id = call.site, call.ident("user_id")
    need(call, "promote_guest")
    user = site.user(user_id)
    if not is_guest(user):
        refuse("api.user.promote_guest_to_user.no_guest.app_error", 501)
    _turn(site, user, guest=False)
    return OK


def _turn(site: Site, user: Doc, *, guest: bool) -> None:
    roles = "system_guest" if guest else "system_user"
    site.save_user(user | {"roles": roles, "update_at": site.now()})
    scheme = {"scheme_guest": guest, "scheme_user": not guest, "scheme_admin": False}
    for member in site.team_members.where("user", user["id"]):
        site.team_members.put(f"{member['team_id']}:{user['id']}", member | scheme)
    for member in site.channel_members.where("user", user["id"]):
        site.channel_members.put(f"{member['channel_id']}:{user['id']}", member | scheme)


@routes.get("/channels/{channel_id}/moderations")
def moderations(call: Call) -> list[Doc]:
    """What members and guests may do in a channel, and what they may elsewhere."""
    need(call, "sysconsole_read_user_management_channels")
    return _shown(call.site, call.site.channel(call.ident("channel_id")))


@routes.put("/channels/{channel_id}/moderations/patch")
def patch_moderations(call: Call) -> list[Doc]:
    """Take something from a channel's members or guests, or give it back."""
    site = call.site
    need(call, "sysconsole_write_user_management_channels")
    channel = site.channel(call.ident("channel_id"))
    taken = dict(site.moderated.get(channel["id"]) or {})
    for patch in call.records("moderations", {"name": str, "roles": dict}):
        if patch.get("name") not in _MODERATED:
            bad_body("moderations")
        for who, may in patch.get("roles", {}).items():
            if isinstance(may, bool):
                taken[f"{patch['name']}:{who}"] = not may
    taken = {key: True for key, gone in taken.items() if gone}
    # A channel that differs has a scheme of its own; with the last difference it goes.
    site.moderated.put(channel["id"], taken)
    scheme = (channel["scheme_id"] or new_id()) if taken else None
    return _shown(site, site.channels.put(channel["id"], channel | {"scheme_id": scheme}))


def _shown(site: Site, channel: Doc) -> list[Doc]:
    taken = site.moderated.get(channel["id"]) or {}
    rows: list[Doc] = []
    for name in _MODERATED:
        roles: Doc = {
            who: {"value": f"{name}:{who}" not in taken, "enabled": True}
            for who in ("members", "guests")
        }
        if name in _MEMBERS_ALONE:
            roles["guests"] = None
        rows.append({"name": name, "roles": roles})
    return rows

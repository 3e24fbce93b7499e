"""Direct messages between two, group messages among three to eight."""

import hashlib

from chatops.sandbox.mattermost.channels import blank
from chatops.sandbox.mattermost.errors import bad_body, forbidden, refuse
from chatops.sandbox.mattermost.membership import put_channel_member
from chatops.sandbox.mattermost.permissions import has, need
from chatops.sandbox.mattermost.state import Site
from chatops.sandbox.mattermost.web import Call, Reply, Routes
from chatops.sandbox.mattermost.words import is_id
from chatops.sandbox.store import Doc

routes = Routes()

SMALLEST_GROUP, LARGEST_GROUP = 3, 8


@routes.post("/channels/direct")
def direct_channel(call: Call) -> Reply:
    """The channel of two people, made if it is not there."""
    site = call.site
    wanted = call.strings()
    if wanted == [call.my_id]:
        wanted = wanted * 2
    if len(wanted) != 2:
        bad_body("user_ids")
    if not all(is_id(ident) for ident in wanted):
        bad_body("user_id")
    need(call, "create_direct_channel")
    if call.my_id not in wanted and not has(site, call.me, "manage_system"):
        forbidden()
    return Reply(direct(site, *wanted), 201)


def direct(site: Site, first_id: str, second_id: str) -> Doc:
    """The channel of two people, made if it is not there."""
    name = "__".join(sorted((first_id, second_id)))
    found = site.channel_named("", name)
    if found is not None:
        return found
    if first_id not in site.users or second_id not in site.users:
        refuse("api.channel.create_direct_channel.invalid_user.app_error")
    channel = blank(site, "", name, "", "D", first_id) | {"shared": False}
    site.channels.put(channel["id"], channel)
    for ident in dict.fromkeys((first_id, second_id)):
        put_channel_member(site, channel, site.user(ident))
    return channel


@routes.post("/channels/group")
def group_channel(call: Call) -> Reply:
    """The channel of some people and the caller, made if it is not there."""
    site = call.site
    wanted = call.strings("user_ids")
    if not all(is_id(ident) for ident in wanted):
        bad_body("user_id")
    wanted = sorted({*wanted, call.my_id})
    need(call, "create_group_channel")
    if not SMALLEST_GROUP <= len(wanted) <= LARGEST_GROUP:
        refuse("api.channel.create_group.bad_size.app_error")
    users = [user for user in map(site.users.get, wanted) if user]
    if len(users) != len(wanted):
        refuse("api.channel.create_group.bad_user.app_error")
    name = hashlib.sha1("".join(wanted).encode(), usedforsecurity=False).hexdigest()
    found = site.channel_named("", name)
    if found is not None:
        return Reply(found, 201)
    title = ", ".join(sorted(user["username"] for user in users))[:64]
    channel = blank(site, "", name, title, "G") | {"shared": False}
    site.channels.put(channel["id"], channel)
    for user in users:
        put_channel_member(site, channel, user)
    return Reply(channel, 201)


@routes.post("/channels/group/search")
def search_groups(call: Call) -> list[Doc]:
    """The caller's group channels by a term."""
    site = call.site
    term = call.record("channel_search", {"term": str}).get("term", "").lower()
    mine = (site.channel(m["channel_id"]) for m in site.channel_members.where("user", call.my_id))
    return [c for c in mine if c["type"] == "G" and term in c["display_name"].lower()]

"""`channels.*` and `groups.*`: making, reading and listing rooms."""

from typing import Any

from chatops.sandbox.rocketchat import rooms, teams
from chatops.sandbox.rocketchat.directory_api import found_by, search_fields
from chatops.sandbox.rocketchat.listing import finder, only, ordered, words
from chatops.sandbox.rocketchat.messages import newest_first
from chatops.sandbox.rocketchat.refusals import coded, failure, forbidden
from chatops.sandbox.rocketchat.room_lookup import CHANNELS, GROUPS, Family
from chatops.sandbox.rocketchat.state import State
from chatops.sandbox.rocketchat.web import Call, Routes
from chatops.sandbox.store import Doc

routes = Routes()
INTEGRATIONS = (
    "manage-outgoing-integrations",
    "manage-own-outgoing-integrations",
    "manage-incoming-integrations",
    "manage-own-incoming-integrations",
)
MEMBER_FIELDS = words("_id name username nickname status avatarETag _updatedAt")


def _create(call: Call, family: Family, method: str, word: str) -> Doc:
    state, body = call.state, call.body
    extra = body.get("extraData") or {}
    if not isinstance(extra, dict):
        extra = {}
    right, team_right = (
        ("create-c", "create-team-channel")
        if family is CHANNELS
        else ("create-p", "create-team-group")
    )
    if family is CHANNELS and not extra.get("teamId") and not call.can(right):
        raise forbidden()
    if not body.get("name"):
        raise failure(f'{word} "name" is required')
    members = body.get("members")
    if members and not isinstance(members, list):
        raise failure(f'{word} "members" must be an array if provided')
    fields = body.get("customFields")
    if fields and not isinstance(fields, dict):
        raise failure(f'{word} "customFields" must be an object if provided')
    if family is CHANNELS and body.get("teams"):
        if not isinstance(body["teams"], list):
            raise failure("Param teams must be an array")
        members = [*teams.member_names(state, body["teams"]), *(members or [])]
    if extra.get("teamId"):
        team = state.team(extra["teamId"])
        if team is None:
            raise coded(
                "error-team-not-found",
                'The "teamId" param provided does not match any team',
                method=method,
            )
        if not call.can(team_right, rid=team["roomId"]):
            raise coded("error-not-allowed", "Not allowed", method=method)
    elif not call.can(right):
        raise (
            forbidden()
            if family is GROUPS
            else coded("error-not-allowed", "Not allowed", method=method)
        )
    room = rooms.create(
        state,
        family.kind,
        body["name"],
        call.me,
        members or None,
        body.get("readOnly", False),
        ({"customFields": fields} if fields else {}) | extra,
        exclude_self=bool(body.get("excludeSelf")),
    )
    return family.answer(room)


@routes.post("channels.create")
def create_channel(call: Call) -> Doc:
    """A public channel."""
    return _create(call, CHANNELS, "createChannel", "Param")


@routes.post("groups.create")
def create_group(call: Call) -> Doc:
    """A private group."""
    return _create(call, GROUPS, "createPrivateGroup", "Body param")


@routes.get("channels.info")
def channel_info(call: Call) -> Doc:
    """One channel."""
    return CHANNELS.answer(CHANNELS.find(call, call.query, archived=True))


@routes.get("groups.info")
def group_info(call: Call) -> Doc:
    """One group, for its members."""
    return GROUPS.answer(GROUPS.find(call, call.query, archived=True))


def page_of_rooms(call: Call, key: str, found: list[Doc], order: dict[str, int]) -> Doc:
    """A page of rooms in the usual wrapping."""
    page = call.page()
    docs = [rooms.shown(room) for room in page.of(ordered(found, call.sort(order)))]
    return page.answer(key, docs, len(found))


def _mine(call: Call, kind: str) -> list[Doc]:
    found = [call.state.room(sub["rid"]) for sub in call.state.subs_of(call.me["_id"])]
    return [room for room in found if room and room["t"] == kind]


@routes.get("channels.list", permissions=("view-c-room", "view-joined-room"))
def list_channels(call: Call) -> Doc:
    """Channels that the caller may see; those of teams only where they joined."""
    state = call.state
    if call.can("view-c-room"):
        found = [
            room
            for room in state.rooms.where("kind", "c")
            if not room.get("teamId") or state.sub(room["_id"], call.me["_id"])
        ]
    else:
        found = _mine(call, "c")
    if call.query.get("_id"):
        found = [room for room in found if room["_id"] == call.query["_id"]]
    return page_of_rooms(call, "channels", found, {"name": 1})


@routes.get("channels.list.joined")
def list_joined(call: Call) -> Doc:
    """The caller's channels."""
    return page_of_rooms(call, "channels", _mine(call, "c"), {"name": 1})


@routes.get("groups.list")
def list_groups(call: Call) -> Doc:
    """The caller's groups."""
    return page_of_rooms(call, "groups", _mine(call, "p"), {"name": 1})


@routes.get("groups.listAll", permissions=("view-room-administration",))
def list_all_groups(call: Call) -> Doc:
    """Every group."""
    return page_of_rooms(call, "groups", call.state.rooms.where("kind", "p"), {"name": 1})


def active_members(state: State, rid: str) -> list[Doc]:
    """The people in a room who can log in."""
    found = [state.user(sub["u"]["_id"]) for sub in state.subs.where("room", rid)]
    return [user for user in found if user and user["active"]]


def match_text(value: Any, field: str) -> None:
    """Refuse a query field that is no text, in the words of the check it fails."""
    if value is not None and not isinstance(value, str):
        raise failure(
            "Match error: Failed Match.OneOf, Match.Maybe or Match.Optional validation "
            f"in field {field}"
        )


def members_page(call: Call, room: Doc) -> Doc:
    """A page of the active people of a room."""
    query = call.query
    if room.get("broadcast") and not call.can("view-broadcast-member-list", rid=room["_id"]):
        raise forbidden()
    match_text(query.get("filter"), "filter")
    found = filtered_members(call, room)
    order = call.sort({"username": 1})
    page = call.page()
    users = page.of(ordered(found, {"username": order.get("username", 1)}))
    return page.answer("members", [only(u, MEMBER_FIELDS) for u in users], len(found))


def filtered_members(call: Call, room: Doc) -> list[Doc]:
    """The active people of a room that fit the `filter` and `status` asked for."""
    text, status = call.query.get("filter"), call.query.get("status")
    wanted = status if isinstance(status, list) else [status] if status else []
    found = active_members(call.state, room["_id"])
    if wanted:
        found = [user for user in found if user["status"] in wanted]
    if text:
        pattern, fields = finder(text), search_fields(call.state)
        found = [user for user in found if found_by(user, pattern, fields)]
    return found


@routes.get("channels.members")
def channel_members(call: Call) -> Doc:
    """Who is in a channel."""
    return members_page(call, CHANNELS.find(call, call.query, archived=True))


@routes.get("groups.members")
def group_members(call: Call) -> Doc:
    """Who is in a group."""
    return members_page(call, GROUPS.find(call, call.query))


def room_roles(state: State, room: Doc) -> list[Doc]:
    """The memberships that carry a role."""
    return [
        {"_id": sub["_id"], "rid": sub["rid"], "u": sub["u"], "roles": sub["roles"]}
        for sub in state.subs.where("room", room["_id"])
        if sub.get("roles")
    ]


@routes.get("channels.roles")
def channel_roles(call: Call) -> Doc:
    """Owners, moderators and leaders of a channel."""
    return {"roles": room_roles(call.state, CHANNELS.find(call, call.query))}


@routes.get("groups.roles")
def group_roles(call: Call) -> Doc:
    """Owners, moderators and leaders of a group."""
    return {"roles": room_roles(call.state, GROUPS.find(call, call.query))}


def _moderators(call: Call, family: Family) -> Doc:
    room = family.find(call, call.query)
    roles = room_roles(call.state, room)
    return {"moderators": [sub["u"] for sub in roles if "moderator" in sub["roles"]]}


@routes.get("channels.moderators")
def channel_moderators(call: Call) -> Doc:
    """The moderators of a channel."""
    return _moderators(call, CHANNELS)


@routes.get("groups.moderators")
def group_moderators(call: Call) -> Doc:
    """The moderators of a group."""
    return _moderators(call, GROUPS)


def counters(call: Call, room: Doc) -> Doc:
    """How much there is in a room, and how much of it is new to somebody."""
    state, access = call.state, call.can("view-room-administration")
    other = call.query.get("userId")
    if other and not access:
        raise forbidden()
    sub = state.sub(room["_id"], other or call.me["_id"])
    doc: Doc = dict.fromkeys(("members", "unreads", "unreadsFrom", "msgs", "latest"))
    doc |= {"joined": False, "userMentions": None}
    latest = room.get("lm") or room["_updatedAt"]
    if sub and sub["open"]:
        since = sub.get("ls") or sub["ts"]
        unread = sum(m["ts"] >= since for m in state.messages.where("room", room["_id"]))
        doc |= {"joined": True, "unreads": unread, "unreadsFrom": since}
        doc["userMentions"] = sub["userMentions"]
    if access or doc["joined"]:
        people = len(active_members(state, room["_id"]))
        doc |= {"msgs": room["msgs"], "latest": latest, "members": people}
    return doc


@routes.get("channels.counters")
def channel_counters(call: Call) -> Doc:
    """The counters of a channel."""
    return counters(call, CHANNELS.find(call, call.query))


@routes.get("groups.counters")
def group_counters(call: Call) -> Doc:
    """The counters of a group."""
    return counters(call, GROUPS.find(call, call.query))


def history(call: Call, room: Doc) -> Doc:
    """The latest messages of a room, between two times if given."""
    query = call.query
    page = call.page() if "count" in query else None
    count = page.count if page else 20
    offset = call.page().offset
    latest, oldest = query.get("latest"), query.get("oldest")
    inclusive = str(query.get("inclusive", "")).lower() == "true"
    found = [
        message
        for message in newest_first(call.state, room["_id"])
        if (not latest or message["ts"] < latest or (inclusive and message["ts"] == latest))
        and (not oldest or message["ts"] > oldest or (inclusive and message["ts"] == oldest))
    ]
    return {"messages": found[offset : offset + count if count else None]}


@routes.get("channels.history")
def channel_history(call: Call) -> Doc:
    """What was said in a channel."""
    room = CHANNELS.find(call, call.query, archived=True)
    if not rooms.can_access(call.state, call.rights, room, call.me):
        raise forbidden()
    return history(call, room)


@routes.get("groups.history")
def group_history(call: Call) -> Doc:
    """What was said in a group."""
    return history(call, GROUPS.find(call, call.query, archived=True))


def messages_page(call: Call, room: Doc) -> Doc:
    """A page of the messages of a room."""
    found = newest_first(call.state, room["_id"])
    if str(call.query.get("pinned", "")).lower() == "true":
        found = [message for message in found if message.get("pinned")]
    wanted = [ident.strip() for ident in str(call.query.get("mentionIds", "")).split(",")]
    if call.query.get("mentionIds"):
        found = [m for m in found if any(who["_id"] in wanted for who in m.get("mentions", ()))]
    order = call.sort({"ts": -1})
    page = call.page()
    found = found if order == {"ts": -1} else ordered(found, order)
    return page.answer("messages", page.of(found), len(found))


@routes.get("channels.messages", permissions=("view-c-room",))
def channel_messages(call: Call) -> Doc:
    """The messages of a channel, by page."""
    room = CHANNELS.find(call, call.query, archived=True)
    if call.can("view-joined-room") and not call.state.sub(room["_id"], call.me["_id"]):
        raise forbidden()
    return messages_page(call, room)


@routes.get("groups.messages")
def group_messages(call: Call) -> Doc:
    """The messages of a group, by page."""
    return messages_page(call, GROUPS.find(call, call.query))


@routes.get("channels.anonymousread", login=False)
def anonymous_read(call: Call) -> Doc:
    """The messages of a channel for those who are not logged in, where a setting allows it."""
    room = CHANNELS.find(call, call.query, archived=True)
    if call.state.settings["Accounts_AllowAnonymousRead"] is not True:
        raise coded(
            "error-not-allowed",
            'Enable "Allow Anonymous Read"',
            method="channels.anonymousread",
        )
    return messages_page(call, room)


@routes.get("channels.getAllUserMentionsByChannel")
def mentions_by_channel(call: Call) -> Doc:
    """The messages of a channel that call the caller by name."""
    room = call.state.room(call.query["roomId"])
    if room is None:
        raise coded("error-invalid-room", "Invalid room", method="getUserMentionsByChannel")
    uid, page = call.me["_id"], call.page()
    found = [
        message
        for message in reversed(newest_first(call.state, room["_id"]))
        if any(who["_id"] == uid for who in message.get("mentions", ()))
    ]
    return page.answer("mentions", page.of(found), len(found))


def _integrations(call: Call, family: Family, everywhere: str) -> Doc:
    room = family.find(call, call.query, archived=True)
    key = "includeAllPublicChannels" if family is CHANNELS else "includeAllPrivateGroups"
    wanted = {f"#{room['name']}"} | (
        {everywhere} if call.query.get(key, "true") == "true" else set()
    )
    found = [hook for hook in call.state.integrations.all() if wanted & set(hook["channel"])]
    page = call.page()
    docs = page.of(ordered(found, call.sort({"_createdAt": 1})))
    return page.answer("integrations", docs, len(found))


@routes.get("channels.getIntegrations", permissions=INTEGRATIONS)
def channel_integrations(call: Call) -> Doc:
    """The integrations of a channel."""
    return _integrations(call, CHANNELS, "all_public_channels")


@routes.get("groups.getIntegrations", permissions=INTEGRATIONS)
def group_integrations(call: Call) -> Doc:
    """The integrations of a group."""
    return _integrations(call, GROUPS, "all_private_groups")


def _online(call: Call, family: Family, word: str) -> Doc:
    # The query that would name the room is ignored, and so there never is one.
    ident = call.query.get("_id")
    if not ident:
        raise failure("Invalid query")
    room = call.state.room(ident)
    if room is None or room["t"] != family.kind:
        raise failure(f"{word} does not exists")
    if not rooms.can_access(call.state, call.rights, room, call.me):
        raise coded("error-not-allowed", "Not Allowed")
    here = [u for u in active_members(call.state, room["_id"]) if u["status"] != "offline"]
    return {"online": [only(user, ("_id", "username")) for user in here]}


@routes.get("channels.online")
def channel_online(call: Call) -> Doc:
    """Who is there, in a channel."""
    return _online(call, CHANNELS, "Channel")


@routes.get("groups.online")
def group_online(call: Call) -> Doc:
    """Who is there, in a group."""
    return _online(call, GROUPS, "Group")

"""`integrations.*` and the addresses that incoming webhooks get."""

import re
from typing import Any

from starlette.responses import PlainTextResponse, Response

from chatops.sandbox.rocketchat import chat_api, rooms
from chatops.sandbox.rocketchat.listing import only, ordered
from chatops.sandbox.rocketchat.refusals import Refused, coded, failure, forbidden
from chatops.sandbox.rocketchat.state import long_id, short_id
from chatops.sandbox.rocketchat.web import Call, Routes, as_json
from chatops.sandbox.store import Doc

routes = Routes()
INCOMING, OUTGOING = "webhook-incoming", "webhook-outgoing"
ALL = (
    "manage-outgoing-integrations",
    "manage-own-outgoing-integrations",
    "manage-incoming-integrations",
    "manage-own-incoming-integrations",
)
EVERYWHERE = ("all_public_channels", "all_private_groups", "all_direct_messages")
EVENTS = (
    "sendMessage",
    "fileUploaded",
    "roomArchived",
    "roomCreated",
    "roomJoined",
    "roomLeft",
    "userCreated",
)
PAIRS = {"(": ")", "[": "]", "{": "}"}


def _syntax_error(script: str) -> Doc | None:
    """A rough look at a script: whether its brackets close and its classes have names."""
    nameless = re.search(r"\bclass\s*(?=\{)", script)
    if nameless:
        return _told(script, nameless.end(), "A class name is required.")
    stack: list[str] = []
    for place, letter in enumerate(script):
        if letter in PAIRS:
            stack.append(PAIRS[letter])
        elif letter in PAIRS.values() and (not stack or stack.pop() != letter):
            return _told(script, place, f"Unexpected token '{letter}'")
    return _told(script, len(script), "Unexpected token") if stack else None


def _told(script: str, place: int, problem: str) -> Doc:
    """An error with the line it is in and a mark below, as compilers draw it."""
    before = script[:place]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n") - 1
    margin = " " * (len(str(line)) + 2)
    text = script.split("\n")[line - 1]
    message = f"unknown: {problem} ({line}:{column})\n\n> {line} | {text}\n {margin}| "
    message += " " * column + "^"
    return {"name": "SyntaxError", "message": message, "stack": f"SyntaxError: {message}"}


def _compile(hook: Doc) -> None:
    hook.pop("scriptCompiled", None)
    hook.pop("scriptError", None)
    script = hook.get("script")
    if hook.get("scriptEnabled") is True and isinstance(script, str) and script.strip():
        error = _syntax_error(script)
        hook |= {"scriptError": error} if error else {"scriptCompiled": script.strip()}


def _channels(call: Call, body: Doc, verb: str) -> list[str]:
    """The channels a hook is for; each must be there, or be one of the words for many."""
    kind = "Incoming" if body["type"] == INCOMING else "Outgoing"
    method = f"{verb}{kind}Integration"
    text = body.get("channel")
    channels = [part.strip() for part in str(text or "").split(",")]
    if not str(text or "").strip():
        raise coded("error-invalid-channel", "Invalid channel", method=method)
    for channel in channels:
        if body["type"] == OUTGOING and channel in EVERYWHERE:
            continue
        if channel[:1] not in ("@", "#"):
            raise coded(
                "error-invalid-channel-start-with-chars",
                "Invalid channel. Start with @ or #",
                # An incoming hook speaks of the other method, as recorded.
                method="updateIncomingIntegration" if kind == "Incoming" else method,
            )
        state, name = call.state, channel[1:]
        if channel[0] == "@":
            found = state.named(name)
        else:
            found = state.room_named(name) or state.room(name)
        if found is None:
            raise coded("error-invalid-room", "Invalid room", method=method)
        anywhere = channel[0] == "@" or call.can("manage-incoming-integrations", ALL[0])
        if not anywhere and not state.sub(found["_id"], call.me["_id"]):
            raise coded("error-invalid-channel", "Invalid Channel", method=method)
    return channels


def _may(call: Call, kind: str, method: str) -> None:
    word = "incoming" if kind == INCOMING else "outgoing"
    if not call.can(f"manage-{word}-integrations", f"manage-own-{word}-integrations"):
        raise coded("not_authorized", "Unauthorized", method=method)


def _checked(call: Call, body: Doc, verb: str) -> Doc:
    """The fields of a hook, after all that can be wrong with them."""
    state, kind = call.state, body["type"]
    method = f"{verb}{'Incoming' if kind == INCOMING else 'Outgoing'}Integration"
    username = str(body.get("username") or "").strip()
    if not username:
        raise coded("error-invalid-username", "Invalid username", method=method)
    hook = {key: value for key, value in body.items() if key != "integrationId"}
    if kind == OUTGOING:
        if body["event"] not in EVENTS:
            raise coded("error-invalid-event-type", "Invalid event type", method=method)
        urls = [url.strip() for url in body.get("urls") or [] if url.strip()]
        if not urls:
            raise coded("error-invalid-urls", "Invalid URLs", method=method)
        hook["urls"] = urls
        if body.get("triggerWords"):
            hook["triggerWords"] = [word.strip() for word in body["triggerWords"] if word.strip()]
    hook["channel"] = _channels(call, body, verb)
    user = state.named(username)
    if user is None and kind == INCOMING and verb == "update":
        raise coded("error-invalid-post-as-user", "Invalid Post As User", method=method)
    if user is None:
        raise coded("error-invalid-user", "Invalid user", method=method)
    if kind == OUTGOING and verb == "update" and not str(body.get("token") or "").strip():
        raise coded("error-invalid-token", "Invalid token", method=method)
    if kind == INCOMING and "bot" not in user["roles"]:
        # Whoever an incoming hook writes as becomes a bot, a person too.
        user["roles"].append("bot")
        state.save_user(user)
    hook["scriptEngine"] = body.get("scriptEngine") or "isolated-vm"
    if kind == INCOMING:
        hook["overrideDestinationChannelEnabled"] = bool(
            body.get("overrideDestinationChannelEnabled")
        )
    _compile(hook)
    return hook | {"userId": user["_id"], "username": user["username"]}


@routes.post("integrations.create")
def create(call: Call) -> Doc:
    """A webhook. The same again makes a second."""
    body = call.body
    method = "addIncomingIntegration" if body["type"] == INCOMING else "addOutgoingIntegration"
    _may(call, body["type"], method)
    hook = _checked(call, body, "add")
    now = call.state.now()
    by = {"_id": call.me["_id"], "username": call.me["username"]}
    hook |= {"_id": long_id(), "_createdAt": now, "_createdBy": by}
    if body["type"] == INCOMING:
        hook["token"] = "".join(short_id() for _ in range(3))[:48]
    call.state.integrations.put(hook["_id"], {**hook, "_updatedAt": now})
    return {"integration": hook if body["type"] == INCOMING else {**hook, "_updatedAt": now}}


def _own(call: Call, hook: Doc) -> bool:
    word = "incoming" if hook["type"] == INCOMING else "outgoing"
    mine: bool = hook["_createdBy"]["_id"] == call.me["_id"]
    return call.can(f"manage-{word}-integrations") or (
        mine and call.can(f"manage-own-{word}-integrations")
    )


@routes.get("integrations.list", permissions=ALL)
def list_hooks(call: Call) -> Doc:
    """The webhooks, by name or kind if asked."""
    query = call.query
    found = [
        hook
        for hook in call.state.integrations.all()
        if _own(call, hook)
        and (not query.get("name") or str(query["name"]).lower() in str(hook["name"]).lower())
        and (not query.get("type") or hook["type"] == query["type"])
    ]
    page = call.page()
    docs = page.of(ordered(found, call.sort({"ts": -1})))
    return {**page.answer("integrations", docs, len(found)), "items": len(docs)}


@routes.get("integrations.get")
def get(call: Call) -> Doc:
    """One webhook."""
    hook = call.state.integrations.get(call.query["integrationId"])
    maker = call.query.get("createdBy")
    if hook is None or not _own(call, hook) or (maker and hook["_createdBy"]["_id"] != maker):
        raise failure("The integration does not exists.")
    return {"integration": hook}


@routes.get("integrations.history")
def hook_history(call: Call) -> Doc:
    """What an outgoing hook did: nothing, it never runs here."""
    if not call.can("manage-outgoing-integrations", "manage-own-outgoing-integrations"):
        raise forbidden()
    return {**call.page().answer("history", [], 0), "items": 0}


def _named(call: Call, body: Doc) -> Doc:
    state = call.state
    if body["type"] == OUTGOING and body.get("target_url"):
        hooks = state.integrations.all()
        hook = next((h for h in hooks if body["target_url"] in h.get("urls", ())), None)
    else:
        hook = state.integrations.get(str(body.get("integrationId")))
    if hook is None:
        raise failure("No integration found.")
    return hook


@routes.put("integrations.update")
def update(call: Call) -> Doc:
    """Change a webhook; what is left out of the texts is emptied."""
    body = call.body
    old = _named(call, body)
    method = (
        "updateIncomingIntegration" if body["type"] == INCOMING else "updateOutgoingIntegration"
    )
    if not _own(call, old):
        raise coded("not_authorized", "Unauthorized", method=method)
    body = {**body, "username": body.get("username") or old["username"]}
    body.pop("target_url", None)
    hook = {**old, **_checked(call, body, "update")}
    texts = ("avatar", "emoji", "alias", "script")
    hook |= {key: body.get(key) for key in texts}
    hook["_updatedAt"] = call.state.now()
    hook["_updatedBy"] = {"_id": call.me["_id"], "username": call.me["username"]}
    return {"integration": call.state.integrations.put(hook["_id"], hook)}


@routes.post("integrations.remove", permissions=ALL)
def remove(call: Call) -> Doc:
    """Delete a webhook; its kind need not be the one that was said."""
    hook = _named(call, call.body)
    if not _own(call, hook):
        raise coded("not_authorized", "Unauthorized", method="deleteIncomingIntegration")
    call.state.integrations.delete(hook["_id"])
    return {"integration": hook}


@routes.post("/hooks/:ident/:token", login=False)
def run_hook(call: Call) -> Response:
    """Post what somebody sent to a webhook's address. Scripts are kept, not run."""
    state = call.state
    hook = state.integrations.get(call.path["ident"])
    if hook is None or hook.get("token") != call.path["token"] or not hook["enabled"]:
        return PlainTextResponse("Internal Server Error", 500)
    user = state.user(hook["userId"])
    if user is None:
        return PlainTextResponse("Internal Server Error", 500)
    body: dict[str, Any] = only(call.body, ("text", "attachments"))
    body |= {key: hook.get(key) or call.body.get(key) for key in ("alias", "avatar", "emoji")}
    channels = hook["channel"]
    if hook.get("overrideDestinationChannelEnabled") and call.body.get("channel"):
        channels = [call.body["channel"]]
    if not body.get("text") and not body.get("attachments"):
        return as_json({"success": False})
    try:
        for channel in channels:
            room = chat_api.target(state, user, channel)
            if room["t"] == "c" and not state.sub(room["_id"], user["_id"]):
                if not rooms.can_access(state, call.rights, room, user):
                    raise coded("error-not-allowed", "Not allowed", method="joinRoom")
                rooms.join(state, room, user)
            chat_api.post(state, call.rights, user, room, body)
    except Refused as refusal:
        return as_json({"success": False, "error": refusal.body.get("error", "")}, 400)
    return as_json({"success": True})

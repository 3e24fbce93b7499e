"""Whether the server is there and what it is; licence, commands, figures."""

from starlette.responses import PlainTextResponse, Response

from chatops.sandbox.rocketchat import messages, people, rooms
from chatops.sandbox.rocketchat.refusals import coded, failure
from chatops.sandbox.rocketchat.web import Call, Routes, as_json
from chatops.sandbox.store import Doc

routes = Routes()
VERSION = "8.3.0"
# name, parameters, description, permission
COMMANDS = (
    ("sendEmailAttachment", "msg_id", "Send attachment as email", ""),
    ("slackbridge-import", "", "", ""),
    ("archive", "#channel", "Archive", "archive-room"),
    ("unarchive", "#channel", "Unarchive", "unarchive-room"),
    ("create", "#channel", "Create A New Channel", ""),
    ("help", "", "Show the keyboard shortcut list", ""),
    ("hide", "#room", "Hide a room or channel", ""),
    ("invite", "@username", "Invite one user to join this channel", "add-user-to-joined-room"),
    ("invite-all-to", "#room", "Invite all users from this channel to join another", ""),
    ("invite-all-from", "#room", "Invite all users from another channel to join this one", ""),
    ("join", "#channel", "Join the given channel", "view-c-room"),
    ("kick", "@username", "Remove someone from the room", "remove-user"),
    ("leave", "", "Leave the current channel", "leave-c"),
    ("part", "", "Leave the current channel", "leave-c"),
    ("me", "your message", "Displays action text", ""),
    ("msg", "@username message", "Direct message someone", "create-d"),
    ("mute", "@username", "Mute someone in room", "mute-user"),
    ("unmute", "@username", "Unmute someone in room", "mute-user"),
    ("status", "message", "Set your status message", ""),
    ("topic", "message", "Set topic", "edit-room"),
    ("gimme", "your message", "Displays a gesture before your message", ""),
    ("lennyface", "your message", "Displays a face after your message", ""),
    ("shrug", "your message", "Displays a shrug after your message", ""),
    ("tableflip", "your message", "Displays a flipped table", ""),
    ("unflip", "your message", "Displays an unflipped table", ""),
)
FACES = {
    "gimme": "༼ つ ◕_◕ ༽つ {}",
    "lennyface": "{} ( ͡° ͜ʖ ͡°)",
    "shrug": "{} ¯\\_(ツ)_/¯",
    "tableflip": "{} (╯°□°）╯︵ ┻━┻",
    "unflip": "{} ┬─┬ ノ( ゜-゜ノ)",
}


@routes.get("/api/info", login=False)
def info(call: Call) -> Doc:
    """The version: to the patch only for those who may see figures."""
    answer: Doc = {
        "version": VERSION.rpartition(".")[0],
        "minimumClientVersions": {"desktop": "3.9.6", "mobile": "4.39.0"},
        "cloudWorkspaceId": "",
    }
    if call.can("get-server-info", "view-statistics"):
        answer["version"] = VERSION
        answer["info"] = {
            "version": VERSION,
            "build": {"nodeVersion": "v22.16.0", "arch": "x64", "platform": "linux"},
            "commit": {},
            "marketplaceApiVersion": "1.60.0",
        }
    return answer


@routes.get("/health", login=False)
def health(_: Call) -> Response:
    """The old probe."""
    return PlainTextResponse("ok")


@routes.get("/livez", "/readyz", login=False)
def probe(_: Call) -> Response:
    """The new probes."""
    return as_json({"status": "ok"})


@routes.get("/avatar/:name", login=False)
def avatar(call: Call) -> Response:
    """Somebody's picture: a square with a letter."""
    letter = call.path["name"].lstrip("@")[:1].upper()
    letter = letter if letter.isalnum() else "?"
    picture = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200"><rect width="200" '
        'height="200" fill="#607d8b"/><text x="100" y="135" font-size="110" fill="#fff" '
        f'text-anchor="middle" font-family="sans-serif">{letter}</text></svg>'
    )
    return Response(picture, media_type="image/svg+xml")


@routes.get("licenses.info")
def licence(call: Call) -> Doc:
    """Modules and caps; without a licence no modules, and no cap on people."""
    held = call.state.licence
    modules = list(held.modules) if held else []
    answer: Doc = {"activeModules": modules, "externalModules": []}
    caps = {"activeUsers": -1, "guestUsers": -1, "privateApps": 0, "marketplaceApps": 5}
    caps["monthlyActiveContacts"] = -1
    if held:
        caps |= {"activeUsers": held.seats, "guestUsers": held.guests, "privateApps": -1}
    now = dict.fromkeys(caps, 0)
    now |= {"activeUsers": people.active(call.state), "guestUsers": people.guests(call.state)}
    prevented = {name: 0 <= most <= now[name] for name, most in caps.items()}
    prevented |= {"roomsPerGuest": False, "marketplaceApps": False}
    limits: dict[str, Doc] = {name: {"max": most} for name, most in caps.items()}
    if str(call.query.get("loadValues")).lower() == "true":
        for name, limit in limits.items():
            limit["value"] = now[name]
    if not call.can("view-privileged-setting"):
        limits = {}
    tags = [{"name": held.plan, "color": "#5154ec"}] if held else []
    answer |= {"preventedActions": prevented, "limits": limits, "tags": tags, "trial": False}
    return {"license": answer | {"hasValidLicense": held is not None}}


@routes.get("licenses.maxActiveUsers")
def licence_seats(call: Call) -> Doc:
    """How many people there are; null for no cap."""
    held = call.state.licence
    return {
        "maxActiveUsers": held.seats if held else None,
        "activeUsers": people.active(call.state),
    }


def _shown(command: tuple[str, str, str, str], permission: bool) -> Doc:
    name, params, description, right = command
    doc: Doc = {"command": name, "description": description}
    if params:
        doc["params"] = params
    if right and permission:
        doc["permission"] = right
    return doc | {"clientOnly": False, "providesPreview": False}


@routes.get("commands.list")
def list_commands(call: Call) -> Doc:
    """The slash commands."""
    page = call.page()
    docs = [_shown(command, True) for command in COMMANDS]
    return {**page.answer("commands", page.of(docs), len(docs)), "appsLoaded": True}


def _command(name: object) -> tuple[str, str, str, str]:
    for command in COMMANDS:
        if isinstance(name, str) and command[0].lower() == name.lower():
            return command
    raise failure(f"There is no command in the system by the name of: {name}")


@routes.get("commands.get")
def get_command(call: Call) -> Doc:
    """One slash command."""
    name = call.query.get("command")
    if not isinstance(name, str):
        raise failure('The query param "command" must be provided.')
    return {"command": _shown(_command(name), False)}


@routes.post("commands.run")
def run_command(call: Call) -> None:
    """Run a slash command; only those that write something do."""
    state, body = call.state, call.body
    if not isinstance(body.get("command"), str):
        raise failure("You must provide a command to run.")
    if "params" in body and not isinstance(body["params"], str):
        raise failure("The parameters for the command must be a single string.")
    if not isinstance(body.get("roomId"), str):
        raise failure(
            "The room's id where to execute this command must be provided and be a string."
        )
    name = body["command"].lower()
    if not any(command[0].lower() == name for command in COMMANDS):
        raise failure("The command provided does not exist (or is disabled).")
    room = state.room(body["roomId"])
    if room is None or not rooms.can_access(state, call.rights, room, call.me):
        raise coded("error-not-allowed", "Not allowed")
    if name in FACES:
        text = FACES[name].format(body.get("params", "")).strip()
        messages.say(state, room, call.me, {"msg": text})


@routes.get("statistics", permissions=("view-statistics",))
def statistics(call: Call) -> Doc:
    """A few of the figures."""
    state = call.state
    people = [user for user in state.users.all() if user["type"] == "user"]
    kinds = {name: len(state.rooms.where("kind", kind)) for name, kind in _KINDS.items()}
    active = sum(user["active"] for user in people)
    return {
        "_id": "sandbox",
        "uniqueId": state.settings["uniqueID"],
        "version": VERSION,
        "totalUsers": len(people),
        "activeUsers": active,
        "nonActiveUsers": len(people) - active,
        "totalRooms": len(state.rooms),
        **kinds,
        "totalMessages": len(state.messages),
        "teams": {"totalTeams": len(state.teams)},
        "createdAt": state.now(),
    }


_KINDS = {"totalChannels": "c", "totalPrivateGroups": "p", "totalDirect": "d"}


@routes.get("smtp.check", permissions=("manage-cloud", "access-mailer"))
def smtp_check(call: Call) -> Doc:
    """Whether mail is set up."""
    return {"isSMTPConfigured": bool(call.state.settings["SMTP_Host"])}


@routes.get("pw.getPolicy", login=False)
def password_policy(call: Call) -> Doc:
    """What a password must be like."""
    table, prefix = call.state.settings, "Accounts_Password_Policy_"
    enabled = table[prefix + "Enabled"] is True
    policy = [
        ["get-password-policy-minLength", {"minLength": table.number(prefix + "MinLength")}],
        ["get-password-policy-forbidRepeatingCharacters"],
        [
            "get-password-policy-forbidRepeatingCharactersCount",
            {
                "forbidRepeatingCharactersCount": table.number(
                    prefix + "ForbidRepeatingCharactersCount"
                )
            },
        ],
        ["get-password-policy-mustContainAtLeastOneLowercase"],
        ["get-password-policy-mustContainAtLeastOneUppercase"],
        ["get-password-policy-mustContainAtLeastOneNumber"],
        ["get-password-policy-mustContainAtLeastOneSpecialCharacter"],
    ]
    return {"enabled": enabled, "policy": policy if enabled else []}

"""`emoji-custom.*` and `custom-user-status.*`."""

import base64
import re
import secrets
from typing import Any

from starlette.datastructures import UploadFile
from starlette.responses import Response

from chatops.sandbox.rocketchat.listing import finder, ordered
from chatops.sandbox.rocketchat.refusals import coded, failure
from chatops.sandbox.rocketchat.state import long_id
from chatops.sandbox.rocketchat.web import Call, Routes
from chatops.sandbox.store import Doc

routes = Routes()
# How image files begin.
IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"<svg", b"BM")


@routes.get("emoji-custom.list")
def list_emoji(call: Call) -> Doc:
    """All emoji, or those that changed since."""
    since = call.query.get("updatedSince", "")
    found = [emoji for emoji in call.state.emoji.all() if emoji["_updatedAt"] > since]
    return {"emojis": {"update": found, "remove": []}}


@routes.get("emoji-custom.all")
def all_emoji(call: Call) -> Doc:
    """All emoji by page, by name if asked."""
    name = call.query.get("name")
    pattern = finder(name) if name else None
    found = [e for e in call.state.emoji.all() if not pattern or pattern.search(e["name"])]
    page = call.page()
    return page.answer("emojis", page.of(ordered(found, call.sort({"name": 1}))), len(found))


def _upload(call: Call) -> tuple[dict[str, str], UploadFile | None]:
    if call.form is None:
        kind = call.headers.get("content-type", "").partition(";")[0]
        raise failure(f"Unsupported content type: {kind}")
    fields = {key: value for key, value in call.form.items() if isinstance(value, str)}
    file = call.form.get("emoji")
    return fields, file if isinstance(file, UploadFile) else None


def _is_image(file: UploadFile) -> bool:
    file.file.seek(0)
    start = file.file.read(16)
    return start.startswith(IMAGES)


def _slug(name: str) -> str:
    return re.sub(r"_+", "_", re.sub(r"[^\w-]+", "_", name.lower())).strip("_")


def _checked(call: Call, fields: dict[str, str], own: str | None) -> tuple[str, list[str]]:
    """Name and other names of an emoji, if nobody has them."""
    name = _slug(fields.get("name", ""))
    aliases = [_slug(alias) for alias in fields.get("aliases", "").split(",")]
    aliases = [alias for alias in aliases if alias and alias != name]
    if not name:
        raise coded("error-the-field-is-required", "The field Name is required", field="Name")
    taken = {
        word
        for emoji in call.state.emoji.all()
        if emoji["_id"] != own
        for word in (emoji["name"], *emoji["aliases"])
    }
    if taken & {name, *aliases}:
        raise coded(
            "Custom_Emoji_Error_Name_Or_Alias_Already_In_Use",
            "The custom emoji or one of its aliases is already in use",
            method="insertOrUpdateEmoji",
        )
    return name, aliases


def _may(call: Call) -> None:
    if not call.can("manage-emoji"):
        raise coded("not_authorized")


@routes.post("emoji-custom.create")
def create(call: Call) -> None:
    """A new emoji. A name that is taken is refused without a text."""
    fields, file = _upload(call)
    if file is None:
        raise coded("invalid-field")
    if not _is_image(file):
        raise coded(
            "emoji-is-not-image",
            "Emoji file provided cannot be uploaded since it's not an image",
        )
    try:
        _may(call)
        name, aliases = _checked(call, fields, None)
    except Exception:
        raise failure() from None
    _store(call, {"_id": long_id()}, name, aliases, file)


def _store(call: Call, emoji: Doc, name: str, aliases: list[str], file: UploadFile | None) -> None:
    emoji |= {"name": name, "aliases": aliases}
    if file:
        emoji["extension"] = (file.content_type or "image/png").partition("/")[2]
        emoji["etag"] = secrets.token_hex(3)
        file.file.seek(0)
        picture = base64.b64encode(file.file.read()).decode()
        call.state.emoji_pictures.put(emoji["_id"], {"_id": emoji["_id"], "picture": picture})
    emoji["_updatedAt"] = call.state.now()
    call.state.emoji.put(emoji["_id"], emoji)


@routes.get("/emoji-custom/:file", login=False)
def picture(call: Call) -> Response:
    """The picture of an emoji, to anybody: the server serves it beside its pages."""
    name = call.path["file"].rpartition(".")[0]
    for emoji in call.state.emoji.all():
        kept = call.state.emoji_pictures.get(emoji["_id"])
        if emoji["name"] == name and kept is not None:
            data = base64.b64decode(kept["picture"])
            return Response(data, media_type=f"image/{emoji['extension']}")
    return Response("Not Found", 404)


@routes.post("emoji-custom.update")
def update(call: Call) -> None:
    """Another name or picture for an emoji."""
    fields, file = _upload(call)
    if not fields.get("_id"):
        raise coded('The required "_id" query param is missing.')
    emoji = call.state.emoji.get(fields["_id"])
    if emoji is None:
        raise coded("Emoji not found.")
    if file and not _is_image(file):
        raise coded(
            "emoji-is-not-image",
            "Emoji file provided cannot be uploaded since it's not an image",
        )
    _may(call)
    name, aliases = _checked(call, fields, emoji["_id"])
    _store(call, emoji, name, aliases, file)


@routes.post("emoji-custom.delete")
def delete(call: Call) -> None:
    """Take an emoji away."""
    ident = call.body.get("emojiId")
    if not ident:
        raise failure('The "emojiId" params is required!')
    _may(call)
    if str(ident) not in call.state.emoji:
        raise coded("Custom_Emoji_Error_Invalid_Emoji", "Invalid emoji", method="deleteEmojiCustom")
    call.state.emoji.delete(str(ident))


@routes.get("custom-user-status.list")
def list_statuses(call: Call) -> Doc:
    """The words that people can set as their status."""
    found = list(call.state.statuses.all())
    page = call.page()
    return page.answer("statuses", page.of(ordered(found, call.sort({"name": 1}))), len(found))


def _status(call: Call, own: str | None) -> Doc:
    body: dict[str, Any] = call.body
    if not isinstance(body.get("name"), str):
        raise failure("Match error: Missing key 'name'")
    if not call.can("manage-user-status"):
        raise coded("not_authorized")
    name, kind = body["name"].strip(), body.get("statusType", "")
    if not name:
        raise coded("error-the-field-is-required", "The field Name is required", field="Name")
    if kind not in ("online", "away", "busy", "offline"):
        raise coded(
            "error-input-is-not-a-valid-field",
            f"{kind} is not a valid status type",
            field="StatusType",
        )
    if any(s["name"] == name and s["_id"] != own for s in call.state.statuses.all()):
        raise coded(
            "Custom_User_Status_Error_Name_Already_In_Use",
            "The custom user status name is already in use",
        )
    doc = {"_id": own or long_id(), "name": name, "statusType": kind}
    return call.state.statuses.put(doc["_id"], doc | {"_updatedAt": call.state.now()})


@routes.post("custom-user-status.create")
def create_status(call: Call) -> Doc:
    """A new status."""
    return {"customUserStatus": _status(call, None)}


@routes.post("custom-user-status.update")
def update_status(call: Call) -> Doc:
    """Another name or kind for a status."""
    ident = call.body.get("_id")
    if not isinstance(ident, str) or ident not in call.state.statuses:
        raise failure(f'No custom user status found with the id of "{ident}".')
    return {"customUserStatus": _status(call, ident)}


@routes.post("custom-user-status.delete")
def delete_status(call: Call) -> None:
    """Take a status away."""
    ident = call.body.get("customUserStatusId")
    if not ident:
        raise failure('The "customUserStatusId" params is required!')
    if not call.can("manage-user-status"):
        raise coded("not_authorized")
    if str(ident) not in call.state.statuses:
        raise coded(
            "Custom_User_Status_Error_Invalid_User_Status",
            "Invalid user status",
            method="deleteCustomUserStatus",
        )
    call.state.statuses.delete(str(ident))

"""`rooms.media` and `rooms.mediaConfirm`: a file goes up, then into a message; and its address.

From apps/meteor/app/api/server/v1/rooms.ts and app/file-upload of RocketChat/Rocket.Chat (8.x).
Pictures get no thumbnail and no preview: their address is that of the picture itself.
"""

from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from urllib.parse import quote

from starlette.datastructures import UploadFile
from starlette.responses import Response

from chatops.sandbox.rocketchat import chat_api, messages, rooms
from chatops.sandbox.rocketchat.direct_api import both, mine
from chatops.sandbox.rocketchat.listing import finder, only, ordered
from chatops.sandbox.rocketchat.refusals import coded, forbidden
from chatops.sandbox.rocketchat.room_lookup import CHANNELS, GROUPS
from chatops.sandbox.rocketchat.state import long_id, stamp
from chatops.sandbox.rocketchat.web import Call, Routes
from chatops.sandbox.store import Doc

routes = Routes()
ALLOWED = ("avatar", "emoji", "alias", "groupable", "msg", "tmid", "customFields")


def _room(call: Call) -> Doc:
    room = call.state.room(call.path["rid"])
    if room is None or not rooms.can_access(call.state, call.rights, room, call.me):
        raise forbidden()
    return room


@routes.post("rooms.media/:rid")
def upload(call: Call) -> Doc:
    """Keep a file for a room. Unless it is confirmed, a real server drops it after a day."""
    state, room = call.state, _room(call)
    file = call.form.get("file") if call.form else None
    if not isinstance(file, UploadFile):
        raise coded("invalid-field")
    content = file.file.read()
    if 0 < state.settings.number("FileUpload_MaxFileSize") < len(content):
        raise coded("error-file-too-large")
    now, name = state.now(), file.filename or ""
    kind = file.content_type or "application/octet-stream"
    ident = long_id()
    path = f"/file-upload/{ident}/{quote(name)}"
    doc: Doc = {
        "_id": ident,
        "name": name,
        "size": len(content),
        "type": kind,
        "rid": room["_id"],
        "userId": call.me["_id"],
        "store": "GridFS:Uploads",
        "complete": True,
        "uploading": False,
        "extension": PurePath(name).suffix[1:],
        "progress": 1,
        "uploadedAt": now,
        "_updatedAt": now,
        "typeGroup": kind.partition("/")[0],
        "path": path,
        "url": state.site_url + path,
        "expiresAt": stamp(datetime.now(UTC) + timedelta(days=1)),
    }
    state.contents.put(ident, {"content": b64encode(content).decode()})
    state.uploads.put(ident, doc)
    return {"file": {"_id": ident, "url": path}}


@routes.post("rooms.mediaConfirm/:rid/:fileId")
def confirm(call: Call) -> Doc:
    """Put a file that is up into a message."""
    state, room, body = call.state, _room(call), call.body
    file = state.uploads.get(call.path["fileId"])
    if file is None:
        raise coded("invalid-file")
    messages.check_length(state, str(body.get("description") or ""), [])
    chat_api.may_write(state, call.rights, room, call.me)
    file.pop("expiresAt", None)
    if body.get("description"):
        file["description"] = body["description"]
    state.uploads.put(file["_id"], file)
    entry = only(file, ("_id", "name", "type", "size", "typeGroup")) | {"format": ""}
    said: Doc = {"msg": "", "groupable": False} | only(body, [k for k in ALLOWED if k in body])
    said |= {"file": entry, "files": [entry], "attachments": [_attachment(file)]}
    return {"message": messages.say(state, room, call.me, said)}


def _attachment(file: Doc) -> Doc:
    """How a file hangs on its message."""
    group = file["typeGroup"] if file["typeGroup"] in ("image", "audio", "video") else ""
    link = {"title": file["name"], "type": "file", "title_link": file["path"]}
    more: Doc = {"title_link_download": True, "fileId": file["_id"]}
    if "description" in file:
        more["description"] = file["description"]
    if group:
        sized = {f"{group}_type": file["type"], f"{group}_size": file["size"]}
        return link | more | {f"{group}_url": file["path"], **sized}
    return link | more | {"format": file["extension"].upper(), "size": file["size"]}


@routes.get("/file-upload/:fileId/:name", login=False)
def download(call: Call) -> Response:
    """A file, for those who see its room."""
    state = call.state
    file = state.uploads.get(call.path["fileId"])
    kept = state.contents.get(call.path["fileId"])
    if file is None or kept is None:
        return Response(status_code=404)
    room = state.room(file["rid"])
    if state.settings["FileUpload_ProtectFiles"] is not False and not (
        call.user and room and rooms.can_access(state, call.rights, room, call.user)
    ):
        return Response(status_code=403)
    name = quote(file["name"])
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(b64decode(kept["content"]), 200, headers, file["type"])


def files_of(call: Call, room: Doc) -> Doc:
    """The files of a room by page."""
    query = call.query
    pattern = finder(query["name"]) if query.get("name") else None
    found = [
        file | {"user": _author(call, file)}
        for file in call.state.uploads.where("room", room["_id"])
        if (not pattern or pattern.search(file["name"]))
        and query.get("typeGroup", file["typeGroup"]) == file["typeGroup"]
        and ("expiresAt" not in file or str(query.get("onlyConfirmed")).lower() != "true")
    ]
    page = call.page()
    return page.answer("files", page.of(ordered(found, call.sort({"name": 1}))), len(found))


def _author(call: Call, file: Doc) -> Doc:
    user = call.state.user(file["userId"])
    return only(user, ("_id", "username", "name")) if user else {}


@routes.get("channels.files")
def channel_files(call: Call) -> Doc:
    """The files of a channel."""
    return files_of(call, CHANNELS.find(call, call.query, archived=True))


@routes.get("groups.files")
def group_files(call: Call) -> Doc:
    """The files of a group."""
    return files_of(call, GROUPS.find(call, call.query, archived=True))


@routes.get(*both("files"))
def direct_files(call: Call) -> Doc:
    """The files of a direct room."""
    return files_of(call, mine(call, call.query))

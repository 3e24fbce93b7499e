"""Files: sent up for a channel, fastened to a post, read again.

From server/channels/api4/file.go, and what a real 11.2 answered. Pictures are kept as they came:
their thumbnail and preview are the picture itself, and `mini_preview` is null.
"""

from base64 import b64decode, b64encode
from email.utils import formatdate
from mimetypes import guess_type
from pathlib import PurePath
from urllib.parse import quote

from chatops.sandbox.mattermost.attachments import files_of
from chatops.sandbox.mattermost.errors import AppError, bad_body, bad_url, forbidden, refuse
from chatops.sandbox.mattermost.images import image_size
from chatops.sandbox.mattermost.permissions import may_read, need_in_channel
from chatops.sandbox.mattermost.posts import readable
from chatops.sandbox.mattermost.web import Call, Reply, Routes, Upload
from chatops.sandbox.mattermost.words import is_id, new_id
from chatops.sandbox.store import Doc

routes = Routes()

# Kinds that a browser may show; all else is to be saved (server/platform/shared/web/files.go).
_SHOWN = (
    "image/jpeg",
    "image/png",
    "image/bmp",
    "image/gif",
    "image/tiff",
    "image/webp",
    "video/",
    "audio/",
)


@routes.post("/files", files=True)
def upload(call: Call) -> Reply:
    """Keep files for a channel: as multipart, or one as the body with its name in the query."""
    if not call.site.setting("FileSettings", "EnableFileAttachments"):
        refuse("api.file.attachments.disabled.app_error", 403)
    if not call.body:
        refuse("api.file.upload_file.read_request.app_error")
    if not call.headers.get("content-type", "").startswith("multipart/form-data"):
        return _simple(call)
    ids = call.fields.get("channel_id", ())
    queried = call.arg("channel_id")
    if queried and any(given not in ("", queried) for given in ids):
        refuse("api.file.upload_file.multiple_channel_ids.app_error")
    for name in call.fields:
        if name not in ("channel_id", "client_ids"):
            bad_body(name)
    if not queried and not ids:
        bad_body("channel_id")
    client_ids = list(call.fields.get("client_ids", ()))
    uploads = [upload for parts in call.files.values() for upload in parts]
    _check_channel(call, queried or ids[0])
    if client_ids and len(client_ids) != len(uploads):
        refuse("api.file.upload_file.incorrect_number_of_client_ids.app_error")
    kept = [_keep(call, queried or ids[0], upload) for upload in uploads]
    return Reply({"file_infos": kept, "client_ids": client_ids}, 201)


def _simple(call: Call) -> Reply:
    channel_id, filename = call.arg("channel_id"), call.arg("filename")
    if not is_id(channel_id):
        bad_url("channel_id")
    if not filename:
        bad_url("filename")
    _check_channel(call, channel_id)
    client_id = call.arg("client_id")
    kept = _keep(call, channel_id, Upload(filename, call.body))
    return Reply({"file_infos": [kept], "client_ids": [client_id] if client_id else None}, 201)


def _check_channel(call: Call, channel_id: str) -> None:
    if not is_id(channel_id):
        bad_url("channel_id")
    need_in_channel(call, channel_id, "upload_file")


def _keep(call: Call, channel_id: str, upload: Upload) -> Doc:
    site = call.site
    if len(upload.content) > site.setting("FileSettings", "MaxFileSize"):
        refuse("api.file.upload_file.too_large_detailed.app_error", 413)
    now, name = site.now(), PurePath(upload.filename).name
    info: Doc = {
        "id": new_id(),
        "user_id": call.my_id,
        "channel_id": channel_id,
        "create_at": now,
        "update_at": now,
        "delete_at": 0,
        "name": name,
        "extension": PurePath(name).suffix[1:].lower(),
        "size": len(upload.content),
        "mime_type": _mime_type(name),
    }
    size = image_size(upload.content)
    if size:
        info |= {"width": size[0], "height": size[1], "has_preview_image": True}
    info |= {"mini_preview": None, "remote_id": "", "archived": False}
    site.contents.put(info["id"], {"content": b64encode(upload.content).decode()})
    return site.files.put(info["id"], info)


def _mime_type(name: str) -> str:
    kind = guess_type(name.lower())[0] or ""
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def _info(call: Call, missing: str = "app.file_info.get.app_error") -> Doc:
    site = call.site
    info = site.files.get(call.ident("file_id"))
    if info is None:
        refuse(missing, 404)
    if info["delete_at"]:
        refuse("app.file_info.get.app_error", 404)
    if info["user_id"] != call.my_id and not may_read(
        site, call.me, site.channel(info["channel_id"])
    ):
        forbidden()
    return info


@routes.get("/files/{file_id}")
def get_file(call: Call) -> Reply:
    """A file's content."""
    return _content(call, _info(call, "api.file.get_file_info.app_error"))


@routes.get("/files/{file_id}/info")
def get_info(call: Call) -> Doc:
    """What is known of a file."""
    return _info(call)


@routes.get("/files/{file_id}/thumbnail")
def get_thumbnail(call: Call) -> Reply:
    """A picture, small."""
    return _picture(call, "thumbnail")


@routes.get("/files/{file_id}/preview")
def get_preview(call: Call) -> Reply:
    """A picture, for the page."""
    return _picture(call, "preview")


def _picture(call: Call, kind: str) -> Reply:
    info = _info(call)
    if "width" not in info:
        refuse(f"api.file.get_file_{kind}.no_{kind}.app_error")
    return _content(call, info, "image/jpeg")


def _content(call: Call, info: Doc, content_type: str = "") -> Reply:
    kept = call.site.contents.get(info["id"])
    if kept is None:
        raise AppError("api.file.file_reader.app_error", 404)
    kind = content_type or info["mime_type"] or "application/octet-stream"
    shown = kind.startswith(_SHOWN) and not call.flag("download")
    name = quote(info["name"])
    way = "inline" if shown else "attachment"
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=86400",
        "Content-Disposition": f"{way};filename=\"{name}\"; filename*=UTF-8''{name}",
        "Last-Modified": formatdate(info["update_at"] / 1000, usegmt=True),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Content-Security-Policy": "Frame-ancestors 'none'",
    }
    return Reply(b64decode(kept["content"]), 200, headers, kind)


@routes.get("/files/{file_id}/link")
def get_link(call: Call) -> None:
    """An address for everybody: off in a new server, and the sandbox has none."""
    call.ident("file_id")
    refuse("api.file.get_public_link.disabled.app_error", 403)


@routes.get("/posts/{post_id}/files/info")
def files_of_post(call: Call) -> list[Doc]:
    """What is known of the files of a post."""
    return files_of(call.site, readable(call)["id"])

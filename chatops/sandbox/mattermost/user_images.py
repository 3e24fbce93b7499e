"""Profile pictures."""

from base64 import b64decode, b64encode

from chatops.sandbox.mattermost.errors import bad_url, refuse
from chatops.sandbox.mattermost.images import EMPTY_PNG, image_size
from chatops.sandbox.mattermost.permissions import need_user
from chatops.sandbox.mattermost.web import OK, Call, Reply, Routes
from chatops.sandbox.store import Doc

routes = Routes()


def _png(content: bytes) -> Reply:
    return Reply(content, 200, {"Cache-Control": "max-age=86400, private"}, "image/png")


@routes.get("/users/{user_id}/image")
def get_image(call: Call) -> Reply:
    """The picture, or the one made of initials: here an empty one stands for it."""
    user = call.site.user(call.ident("user_id"))
    kept = call.site.images.get(f"user:{user['id']}")
    return _png(b64decode(kept["content"]) if kept else EMPTY_PNG)


@routes.get("/users/{user_id}/image/default")
def get_default_image(call: Call) -> Reply:
    """The picture that is made of initials."""
    call.site.user(call.ident("user_id"))
    return _png(EMPTY_PNG)


@routes.post("/users/{user_id}/image", files=True)
def set_image(call: Call) -> Doc:
    """A new picture as multipart field `image`."""
    site, user_id = call.site, call.ident("user_id")
    need_user(call, user_id)
    if call.too_large:
        refuse("api.user.upload_profile_user.too_large.app_error", 413)
    if not call.headers.get("content-type", "").startswith("multipart/form-data"):
        refuse("api.user.upload_profile_user.parse.app_error", 500)
    if not call.files.get("image"):
        refuse("api.user.upload_profile_user.no_file.app_error")
    user = site.users.get(user_id) or bad_url("user_id")
    content = call.files["image"][0].content
    if image_size(content) is None:
        refuse("api.user.upload_profile_user.check_image_limits.app_error")
    site.images.put(f"user:{user_id}", {"content": b64encode(content).decode()})
    now = site.now()
    site.save_user(user | {"last_picture_update": now, "update_at": now})
    return OK


@routes.delete("/users/{user_id}/image")
def remove_image(call: Call) -> Doc:
    """Back to initials."""
    site, user_id = call.site, call.ident("user_id")
    need_user(call, user_id)
    user = site.user(user_id)
    site.images.delete(f"user:{user_id}")
    now = site.now()
    site.save_user(user | {"last_picture_update": -now, "update_at": now})
    return OK

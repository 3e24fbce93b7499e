"""What somebody likes: small values by category and name."""

from chatops.sandbox.mattermost.errors import bad_body, bad_url, refuse
from chatops.sandbox.mattermost.permissions import need_user
from chatops.sandbox.mattermost.web import OK, Call, Routes
from chatops.sandbox.store import Doc

routes = Routes()

MAXIMUM = 100
_SHAPE = {"user_id": str, "category": str, "name": str, "value": str}


def _whose(call: Call) -> str:
    user_id = call.ident("user_id")
    need_user(call, user_id)
    return user_id


def _given(call: Call) -> list[Doc]:
    rows = call.records("preferences", _SHAPE)
    if not 0 < len(rows) <= MAXIMUM:
        bad_body("preferences")
    return rows


@routes.get("/users/{user_id}/preferences")
def list_preferences(call: Call) -> list[Doc]:
    """All of somebody's preferences."""
    return call.site.preferences.where("user", _whose(call))


@routes.put("/users/{user_id}/preferences")
def save_preferences(call: Call) -> Doc:
    """Keep some preferences."""
    user_id = _whose(call)
    rows = _given(call)
    if any(row.get("user_id") != user_id for row in rows):
        refuse("api.preference.update_preferences.set.app_error", 403)
    for row in rows:
        if not row.get("category") or len(row["category"]) > 32:
            refuse("model.preference.is_valid.category.app_error")
        if len(row.get("name", "")) > 32:
            refuse("model.preference.is_valid.name.app_error")
        full: Doc = {"name": "", "value": ""} | row
        call.site.preferences.put(f"{user_id}:{full['category']}:{full['name']}", full)
    return OK


@routes.post("/users/{user_id}/preferences/delete")
def delete_preferences(call: Call) -> Doc:
    """Forget some preferences."""
    user_id = _whose(call)
    for row in _given(call):
        if row.get("user_id") != user_id:
            refuse("api.preference.delete_preferences.delete.app_error", 403)
        key = f"{user_id}:{row.get('category', '')}:{row.get('name', '')}"
        call.site.preferences.delete(key)
    return OK


def _of_category(call: Call) -> list[Doc]:
    category = call.params["category"]
    if len(category) > 32:
        bad_url("category")
    found = call.site.preferences.where("user", _whose(call))
    return [row for row in found if row["category"] == category]


@routes.get("/users/{user_id}/preferences/{category:word}")
def by_category(call: Call) -> list[Doc]:
    """Somebody's preferences of one kind."""
    return _of_category(call) or refuse("api.preference.preferences_category.get.app_error", 404)


@routes.get("/users/{user_id}/preferences/{category:word}/name/{name:word}")
def by_name(call: Call) -> Doc:
    """One preference."""
    for row in _of_category(call):
        if row["name"] == call.params["name"]:
            return row
    refuse("app.preference.get.app_error", 400)

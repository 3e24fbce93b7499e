"""The categories in somebody's sidebar."""

from chatops.sandbox.mattermost.errors import bad_body, refuse
from chatops.sandbox.mattermost.permissions import need_in_team, need_user
from chatops.sandbox.mattermost.state import Site
from chatops.sandbox.mattermost.web import Call, Routes
from chatops.sandbox.mattermost.words import new_id
from chatops.sandbox.store import Doc

routes = Routes()

_PATH = "/users/{user_id}/teams/{team_id}/channels/categories"
_BUILT_IN = (
    ("favorites", "Favorites", "", 0),
    ("channels", "Channels", "", 10),
    ("direct_messages", "Direct Messages", "recent", 20),
)
_GIVEN = {
    "id": str, "display_name": str, "channel_ids": list, "sorting": str, "muted": bool,
    "collapsed": bool, "type": str, "user_id": str, "team_id": str, "sort_order": int,
}  # fmt: skip


def _whose(call: Call) -> tuple[str, str]:
    user_id, team_id = call.ident("user_id"), call.ident("team_id")
    need_user(call, user_id)
    need_in_team(call, team_id, "view_team")
    return user_id, team_id


def _categories(site: Site, user_id: str, team_id: str) -> list[Doc]:
    """Somebody's categories in a team, made at the first look."""
    owner = (user_id, team_id)
    if not site.categories.count("owner", owner):
        for kind, title, sorting, order in _BUILT_IN:
            ident = f"{kind}_{user_id}_{team_id}"
            site.categories.put(ident, _category(ident, owner, title, kind, sorting, order))
    found = sorted(site.categories.where("owner", owner), key=lambda c: c["sort_order"])
    return [_with_channels(site, category, found) for category in found]


def _category(
    ident: str, owner: tuple[str, str], title: str, kind: str, sorting: str, order: int
) -> Doc:
    return {
        "id": ident,
        "user_id": owner[0],
        "team_id": owner[1],
        "sort_order": order,
        "sorting": sorting,
        "type": kind,
        "display_name": title,
        "muted": False,
        "collapsed": False,
        "channel_ids": [],
    }


def _with_channels(site: Site, category: Doc, everything: list[Doc]) -> Doc:
    """A category with its channels: what is placed nowhere lies in the built-in ones."""
    wanted = {"channels": ("O", "P"), "direct_messages": ("D", "G")}.get(category["type"])
    if wanted is None:
        return category
    placed = {ident for other in everything for ident in other["channel_ids"]}
    loose = [
        channel["id"]
        for member in site.channel_members.where("user", category["user_id"])
        if (channel := site.channels.get(member["channel_id"])) is not None
        and channel["type"] in wanted
        and channel["team_id"] in (category["team_id"], "")
        and not channel["delete_at"]
        and channel["id"] not in placed
    ]
    return category | {"channel_ids": [*category["channel_ids"], *loose]}


@routes.get(_PATH)
def list_categories(call: Call) -> Doc:
    """All categories and their order."""
    found = _categories(call.site, *_whose(call))
    return {"categories": found, "order": [category["id"] for category in found]}


@routes.get(_PATH + "/order")
def get_order(call: Call) -> list[str]:
    """The order alone."""
    return [category["id"] for category in _categories(call.site, *_whose(call))]


@routes.put(_PATH + "/order")
def set_order(call: Call) -> list[str]:
    """A new order of all categories."""
    site, owner = call.site, _whose(call)
    wanted = call.strings()
    found = {category["id"] for category in _categories(site, *owner)}
    if set(wanted) != found:
        bad_body("category")
    for at, ident in enumerate(wanted):
        category = site.categories.get(ident)
        if category is not None:
            site.categories.put(ident, category | {"sort_order": at * 10})
    return wanted


@routes.post(_PATH)
def create_category(call: Call) -> Doc:
    """A new category, under the favourites."""
    site, owner = call.site, _whose(call)
    given = call.record("category", _GIVEN)
    if (given.get("user_id", owner[0]), given.get("team_id", owner[1])) != owner:
        bad_body("category")
    _categories(site, *owner)
    title = given.get("display_name", "")
    category = _category(new_id(), owner, title, "custom", given.get("sorting", ""), 5)
    category["channel_ids"] = given.get("channel_ids", [])
    _take(site, owner, category["channel_ids"])
    return site.categories.put(category["id"], category)


def _take(site: Site, owner: tuple[str, str], channel_ids: list[str]) -> None:
    """Take channels out of where they lie: each is in one category only."""
    for other in site.categories.where("owner", owner):
        rest = [ident for ident in other["channel_ids"] if ident not in channel_ids]
        if rest != other["channel_ids"]:
            site.categories.put(other["id"], other | {"channel_ids": rest})


def _named(call: Call) -> Doc:
    owner = _whose(call)
    ident = call.params["category_id"]
    for category in _categories(call.site, *owner):
        if category["id"] == ident:
            return category
    refuse("app.channel.sidebar_categories.app_error", 404)


@routes.get(_PATH + "/{category_id:name}")
def get_category(call: Call) -> Doc:
    """One category."""
    return _named(call)


@routes.put(_PATH + "/{category_id:name}")
def update_category(call: Call) -> Doc:
    """Change a category."""
    site, category = call.site, _named(call)
    given = call.record("category", _GIVEN)
    keys = ["channel_ids", "muted", "collapsed", "sorting"]
    if category["type"] == "custom":
        keys.append("display_name")
    if "channel_ids" in given:
        _take(site, (category["user_id"], category["team_id"]), given["channel_ids"])
    changed = category | {key: given[key] for key in keys if key in given}
    return site.categories.put(category["id"], changed)


@routes.delete(_PATH + "/{category_id:name}")
def delete_category(call: Call) -> Doc:
    """Take a category away; the built-in ones stay."""
    category = _named(call)
    if category["type"] != "custom":
        refuse("app.channel.sidebar_categories.delete.app_error", 400)
    call.site.categories.delete(category["id"])
    return {"status": "OK"}

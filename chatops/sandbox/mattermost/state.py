"""What a site holds: its collections, its clock and its settings."""

import hashlib
import json
import time
from bisect import insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from chatops.sandbox.mattermost import settings
from chatops.sandbox.mattermost.errors import refuse
from chatops.sandbox.mattermost.permissions import BUILT_IN
from chatops.sandbox.mattermost.words import new_id, rank
from chatops.sandbox.store import Doc, Store

# Team Edition without a licence (server/channels/app/limits.go).
SOFT_USER_LIMIT, HARD_USER_LIMIT = 200, 250


@dataclass(frozen=True)
class Event:
    """Something that happened, and who is to be told: one person, or who is in a channel."""

    name: str
    data: Doc
    channel: str = ""
    user: str = ""
    omit: frozenset[str] = frozenset()
    mentions: frozenset[str] = frozenset()


class Site:
    """One server's documents. `user_limit` None lifts the edition's cap on active people.

    `licence`: the short name of the one that it poses with; none unless said.
    """

    def __init__(
        self,
        store: Store,
        site_url: str,
        version: str,
        user_limit: int | None = HARD_USER_LIMIT,
        licence: str = "",
        *,
        has_plugins: bool = False,
    ) -> None:
        self.store = store
        self.site_url = site_url
        self.version = version
        self.user_limit = None if licence else user_limit
        self.licence = licence
        self.has_plugins = has_plugins
        self._last = 0
        self.listeners: list[Callable[[Event], None]] = []
        self.users = store.collection(
            "users",
            unique={"username": lambda d: d["username"], "email": lambda d: d["email"]},
        )
        self.bots = store.collection("bots")
        self.sessions = store.collection(
            "sessions",
            unique={"token": lambda d: d["token"]},
            multi={"user": lambda d: d["user_id"]},
        )
        self.tokens = store.collection(
            "tokens",
            unique={"token": lambda d: d["token"]},
            multi={"user": lambda d: d["user_id"]},
        )
        self.teams = store.collection(
            "teams",
            unique={"name": lambda d: d["name"], "invite": lambda d: d["invite_id"]},
        )
        self.team_members = store.collection(
            "team_members",
            multi={
                "team": lambda d: None if d["delete_at"] else d["team_id"],
                "user": lambda d: None if d["delete_at"] else d["user_id"],
            },
        )
        self.channels = store.collection(
            "channels",
            unique={"name": lambda d: (d["team_id"], d["name"])},
            multi={"team": lambda d: d["team_id"]},
        )
        self.channel_members = store.collection(
            "channel_members",
            multi={"channel": lambda d: d["channel_id"], "user": lambda d: d["user_id"]},
        )
        self.posts = store.collection(
            "posts",
            multi={
                "channel": lambda d: d["channel_id"],
                "pinned": lambda d: d["channel_id"] if d["is_pinned"] else None,
                "root": lambda d: d["root_id"] or None,
            },
        )
        self.reactions = store.collection("reactions", multi={"post": lambda d: d["post_id"]})
        by_team_and_channel = {
            "team": lambda d: None if d["delete_at"] else d["team_id"],
            "channel": lambda d: None if d["delete_at"] else d["channel_id"] or None,
        }
        self.incoming = store.collection("incoming_hooks", multi=by_team_and_channel)
        self.outgoing = store.collection("outgoing_hooks", multi=by_team_and_channel)
        self.commands = store.collection(
            "commands", multi={"team": lambda d: None if d["delete_at"] else d["team_id"]}
        )
        self.oauth_apps = store.collection("oauth_apps")
        self.emoji = store.collection("emoji", unique={"name": lambda d: d["name"]})
        self.images = store.collection("images")
        self.files = store.collection("files", multi={"post": lambda d: d.get("post_id")})
        self.contents = store.collection("contents")
        self.statuses = store.collection("statuses")
        self.roles = store.collection("roles", unique={"name": lambda d: d["name"]})
        self.preferences = store.collection("preferences", multi={"user": lambda d: d["user_id"]})
        self.categories = store.collection(
            "categories", multi={"owner": lambda d: (d["user_id"], d["team_id"])}
        )
        self.moderated = store.collection("moderated")
        self.uploads = store.collection("uploads")
        self.jobs = store.collection("jobs")
        self.plugins = store.collection("plugins")
        self._config = store.collection("config")
        self._permissions: dict[str, frozenset[str]] = {}
        self._open()

    def _open(self) -> None:
        if not len(self.roles):
            for name, (permissions, managed, word) in BUILT_IN.items():
                self.roles.put(
                    ident := new_id(), self._role(ident, name, permissions, managed, word)
                )
        stored = self._config.get("config")
        self.config = settings.complete(stored or {}, self.site_url, plugins=self.has_plugins)
        if stored is None:
            self._config.put("config", self.config)
        self.config_hash = _hash(self.config)
        self._by_username = sorted((rank(u["username"]), u["id"]) for u in self.users.all())
        self.active_people = sum(1 for u in self.users.all() if _counts(u))

    def _role(
        self, ident: str, name: str, permissions: Sequence[str], managed: bool, word: str
    ) -> Doc:
        now = self.now()
        return {
            "id": ident,
            "name": name,
            "display_name": f"authentication.roles.{word or name}.name",
            "description": f"authentication.roles.{word or name}.description",
            "create_at": now,
            "update_at": now,
            "delete_at": 0,
            "permissions": list(permissions),
            "scheme_managed": managed,
            "built_in": True,
            "scheme_id": None,
        }

    def now(self) -> int:
        """Milliseconds since 1970; never runs backwards."""
        self._last = max(self._last, time.time_ns() // 1_000_000)
        return self._last

    def tell(self, event: Event) -> None:
        """Let everybody who listens hear of it."""
        for hear in list(self.listeners):
            hear(event)

    def setting(self, section: str, key: str) -> Any:
        """A setting's value."""
        return self.config[section][key]

    def save_config(self, config: Doc) -> None:
        """Keep the settings."""
        self.config = self._config.put("config", config)
        self.config_hash = _hash(config)

    def permissions_of(self, role: str) -> frozenset[str]:
        """What a role allows; nothing if there is no such role."""
        known = self._permissions.get(role)
        if known is None:
            doc = self.roles.find("name", role)
            known = self._permissions[role] = frozenset(doc["permissions"] if doc else ())
        return known

    def save_role(self, role: Doc) -> Doc:
        """Write a changed role."""
        self._permissions.pop(role["name"], None)
        return self.roles.put(role["id"], role)

    def save_user(self, user: Doc) -> Doc:
        """Write a user, new or changed, and keep the order of names and the count of people."""
        old = self.users.get(user["id"])
        if old is not None and old["username"] != user["username"]:
            self._by_username.remove((rank(old["username"]), old["id"]))
        if old is None or old["username"] != user["username"]:
            insort(self._by_username, (rank(user["username"]), user["id"]))
        self.active_people += _counts(user) - (old is not None and _counts(old))
        return self.users.put(user["id"], user)

    def forget_user(self, user: Doc) -> None:
        """Take a user away for good."""
        self.active_people -= _counts(user)
        self._by_username.remove((rank(user["username"]), user["id"]))
        self.users.delete(user["id"])

    def people_page(self, start: int, size: int) -> list[Doc]:
        """Some of everybody, by user name."""
        found = (self.users.get(ident) for _, ident in self._by_username[start : start + size])
        return [user for user in found if user is not None]

    def people(self) -> list[Doc]:
        """Everybody, bots and the deactivated too, by user name."""
        return self.people_page(0, len(self._by_username))

    def user(self, user_id: str, status: int = 404) -> Doc:
        """A user; stops if there is none."""
        return self.users.get(user_id) or refuse("app.user.missing_account.const", status)

    def team(self, team_id: str) -> Doc:
        """A team, also an archived one; stops if there is none."""
        return self.teams.get(team_id) or refuse("app.team.get.find.app_error", 404)

    def channel(self, channel_id: str) -> Doc:
        """A channel, also an archived one; stops if there is none."""
        return self.channels.get(channel_id) or refuse("app.channel.get.existing.app_error", 404)

    def channel_named(self, team_id: str, name: str) -> Doc | None:
        """A channel of a team by its name, also an archived one."""
        return self.channels.find("name", (team_id, name))

    def taken_in(self, channel_id: str) -> Doc:
        """What is taken from the members and guests of a channel."""
        return self.moderated.get(channel_id) or {}

    @property
    def full(self) -> bool:
        """Whether the edition lets in nobody more."""
        return self.user_limit is not None and self.active_people >= self.user_limit


def _hash(config: Doc) -> str:
    return hashlib.md5(json.dumps(config).encode(), usedforsecurity=False).hexdigest()


def _counts(user: Doc) -> bool:
    return not user["delete_at"] and not user.get("is_bot")

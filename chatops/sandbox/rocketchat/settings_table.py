"""The settings: what a new server has, from a table, and what was changed since."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from chatops.sandbox.rocketchat.listing import words
from chatops.sandbox.store import Collection, Doc

# Headings of the settings pages: they are listed among the settings, without a value.
GROUPS = (
    *words(
        "Accounts Analytics Assets AtlassianCrowd Bots CAS CustomSoundsFilesystem Discussion "
        "Email EmojiCustomFilesystem Enterprise Federation FederationService FileUpload General "
        "IRC_Federation LDAP Layout Logs Message Meta Mobile OAuth Omnichannel Push "
        "RetentionPolicy SAML SMS Search Setup_Wizard SlackBridge Smarsh Threads Troubleshoot "
        "UserDataDownload Video_Conference Webdav"
    ),
    "E2E Encryption",
    "Rate Limiter",
)


@dataclass(frozen=True)
class Setting:
    """One setting as the server defines it."""

    ident: str
    kind: str
    default: Any
    public: bool = False
    hidden: bool = False
    options: tuple[str, ...] = ()


def read_table() -> dict[str, Setting]:
    """Every setting of a new server, from the table beside this file."""
    text = files("chatops.sandbox.rocketchat").joinpath("settings.tsv").read_text("utf-8")
    table = {}
    for line in text.splitlines()[1:]:
        ident, kind, default, flags, options = line.split("\t")
        table[ident] = Setting(
            ident,
            kind,
            json.loads(default),
            "public" in flags,
            "hidden" in flags,
            () if options == "-" else tuple(options.split(",")),
        )
    for group in GROUPS:
        table[group] = Setting(group, "group", None)
    return table


TABLE = read_table()


class SettingsTable:
    """Values of all settings; only what differs from the table is kept."""

    def __init__(self, changes: Collection, site_url: str) -> None:
        self._changes = changes
        self._defaults: dict[str, Any] = {
            "Site_Url": site_url,
            "Federation_Matrix_homeserver_domain": site_url,
        }

    def __getitem__(self, ident: str) -> Any:
        change = self._changes.get(ident)
        if change is not None:
            return change["value"]
        return self._defaults[ident] if ident in self._defaults else TABLE[ident].default

    def text(self, ident: str) -> str:
        """A value that ought to be a text; anything may have been stored."""
        value = self[ident]
        return value if isinstance(value, str) else ""

    def number(self, ident: str) -> int:
        """A value that ought to be a number, else its default."""
        value = self[ident]
        if isinstance(value, int | float) and not isinstance(value, bool):
            return int(value)
        return int(TABLE[ident].default)

    def defined(self, ident: str) -> Setting | None:
        """What a setting is, or None where there is no such."""
        if ident in TABLE:
            return TABLE[ident]
        change = self._changes.get(ident)
        if change is None:
            return None
        return Setting(ident, change["kind"], change["default"])

    def visible(self, public_only: bool) -> Iterator[Setting]:
        """The settings that lists show, in no order."""
        for ident in {*TABLE, *(change["_id"] for change in self._changes.all())}:
            setting = self.defined(ident)
            if setting and not setting.hidden and (setting.public or not public_only):
                yield setting

    def set(self, ident: str, value: Any) -> None:
        """Store a value, of whatever kind: the server does not mind."""
        doc: Doc = self._changes.get(ident) or {"_id": ident}
        self._changes.put(ident, {**doc, "value": value})

    def define(self, ident: str, kind: str, default: Any) -> None:
        """A setting that a new server does not have."""
        doc = {"_id": ident, "kind": kind, "default": default, "value": default}
        self._changes.put(ident, doc)

    def shown(self, setting: Setting, with_default: bool = False) -> Doc:
        """A setting as lists show it."""
        doc: Doc = {"_id": setting.ident, "enterprise": False}
        if setting.kind == "group":
            return doc
        doc["value"] = self[setting.ident]
        if with_default:
            doc["packageValue"] = setting.default
        return doc

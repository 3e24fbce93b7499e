"""A plan is a value: what would be done, what is worth knowing, and why it may be refused.

`Plan` holds the resources themselves and lives in one process. `PlanView` is what of it may be
shown, saved and compared: it holds no secret, and the digest is taken of it.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from chatops.platforms.base import Action, Change, Removal
from chatops.resources import UNKNOWN, UNSET, Key, Kind, Picture, Resource, field_names
from chatops.secrets import Secret

__all__ = [
    "FORMAT",
    "HIDDEN",
    "WORDS",
    "ChangeView",
    "FieldView",
    "Note",
    "NoteKind",
    "Plan",
    "PlanView",
    "view_change",
]

HIDDEN = "(hidden)"
"""How a value is shown that nobody may see."""


FORMAT: Final = 2
"""Of a plan as JSON; 1 had no checksum."""

WORDS: Final = frozenset({"", "activate", "restore", *(removal.value for removal in Removal)})
"""How a change can be called besides what its action says."""


class NoteKind(StrEnum):
    """Why something is remarked and not changed."""

    UNMANAGED = "unmanaged"
    LOCKED = "locked"
    UNREADABLE = "unreadable"
    KEPT = "kept"
    SERVER = "server"
    LIMIT = "limit"


@dataclass(frozen=True, kw_only=True)
class Note:
    """A remark that changes nothing."""

    kind: NoteKind
    message: str
    key: Key | None = None


@dataclass(frozen=True, kw_only=True)
class FieldView:
    """One field of a change. Sets carry what comes and what goes instead of old and new."""

    name: str
    old: Any = None
    new: Any = None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ChangeView:
    """One change as it is shown. `word` is the exact word for a removal; `place` is in the file."""

    action: Action
    kind: Kind
    name: str
    word: str = ""
    fields: tuple[FieldView, ...] = ()
    place: str = ""
    renamed_from: str = ""


@dataclass(frozen=True, kw_only=True)
class NoteView:
    """A remark as it is shown."""

    kind: NoteKind
    message: str
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class PlanView:
    """A plan that can be shown, saved and read back."""

    platform: str
    release: str
    edition: str
    url: str
    environment: str
    spec: str
    only: tuple[str, ...] = ()
    allow_removals: bool = False
    changes: tuple[ChangeView, ...] = ()
    notes: tuple[NoteView, ...] = ()
    refusals: tuple[str, ...] = ()
    unchanged: int = 0

    @property
    def digest(self) -> str:
        """The same for two plans that would do the same to the same server.

        Where in the file a change comes from is left out: a line above it that somebody else
        merged meanwhile changes nothing of what was reviewed.
        """
        asked = [self.environment, list(self.only), self.allow_removals]
        changes = [_plain(replace(change, place="")) for change in self.changes]
        what = [self.platform, self.url, asked, changes]
        return _sum(what)

    def counts(self) -> Mapping[str, int]:
        """How many things are created, updated, archived, deactivated, deleted."""
        tally: Counter[str] = Counter()
        for change in self.changes:
            tally[change.word or change.action.value] += 1
        return tally

    def to_json(self) -> dict[str, Any]:
        """Plain data, without secrets.

        Two figures: `digest` says whether another plan would do the same, `checksum` is over all
        of it, so that nothing of a saved plan can be changed unseen.
        """
        body: dict[str, Any] = _plain(self)
        body["format"] = FORMAT
        body["digest"] = self.digest
        body["summary"] = dict(self.counts())
        body["checksum"] = _sum(body)
        return body


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What would be done, with everything that is needed to do it."""

    changes: tuple[Change[Any], ...]
    notes: tuple[Note, ...] = ()
    refusals: tuple[str, ...] = ()
    unchanged: int = 0
    view: PlanView
    renames: Mapping[Key, Key] = field(default_factory=dict)


def view_change(
    change: Change[Any], *, removal: Removal, place: str = "", renamed_from: str = ""
) -> ChangeView:
    """A change as it is shown: no secret, sets as what comes and what goes."""
    word = removal.value if change.action is Action.REMOVE else ""
    fields: list[FieldView] = []
    have = change.have.resource if change.have else None
    want: Any = change.want
    shown = field_names(want) if want is not None else ()
    if change.action is Action.CREATE:
        names: tuple[str, ...] = field_names(want, writable=True)
    elif change.action is Action.UPDATE:
        names = change.changed
        if change.key.kind is Kind.USER and names == ("active",):
            word = "deactivate" if want.active is False else "activate"
        elif names == ("archived",):
            word = "archive" if want.archived else "restore"
    else:
        names = ()
    for name in names:
        new = getattr(want, name, UNSET)
        old = getattr(have, name, None) if have is not None else None
        if have is not None and name not in shown:
            new = old = UNKNOWN
        if new is UNSET or (change.action is Action.CREATE and name in _identity(change.key.kind)):
            continue
        if isinstance(new, frozenset):
            before = old if isinstance(old, frozenset) else frozenset()
            added, gone = sorted(new - before), sorted(before - new)
            fields.append(FieldView(name=name, added=tuple(added), removed=tuple(gone)))
        else:
            fields.append(FieldView(name=name, old=_shown(old), new=_shown(new)))
    return ChangeView(
        action=change.action,
        kind=change.key.kind,
        name=change.key.name,
        word=word,
        fields=tuple(fields),
        place=place,
        renamed_from=renamed_from,
    )


def _identity(kind: Kind) -> tuple[str, ...]:
    return {Kind.USER: ("username",), Kind.TEAM: ("name",), Kind.CHANNEL: ("name",)}.get(kind, ())


def _shown(value: Any) -> Any:
    if isinstance(value, Secret):
        return HIDDEN
    if value is UNKNOWN:
        return HIDDEN
    if value is UNSET:
        return None
    if isinstance(value, Picture):
        return str(value)
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return list(value)
    return value


def _plain(value: Any) -> Any:
    data = asdict(value)

    def walk(item: Any) -> Any:
        if isinstance(item, dict):
            return {k: walk(v) for k, v in item.items()}
        if isinstance(item, list | tuple):
            return [walk(v) for v in item]
        return item.value if isinstance(item, StrEnum) else item

    return walk(data)


def _sum(what: Any) -> str:
    text = json.dumps(what, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def name_field(resource: Resource) -> str:
    """The field of a resource that a rename writes."""
    return "username" if resource.kind is Kind.USER else "name"

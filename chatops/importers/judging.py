"""What must not stand in a draft: what the language refuses, and what it would say otherwise."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from pydantic import ValidationError

from chatops.core.aims import MEMBERSHIPS
from chatops.core.desired import Desired
from chatops.core.diff import compare
from chatops.core.reading import reading_of
from chatops.errors import Finding, Severity
from chatops.importers.draft import Draft
from chatops.importers.inventory import Inventory
from chatops.importers.leaving_out import Wrong, value_at
from chatops.platforms.base import Action, Change
from chatops.resources import Setting
from chatops.spec.files import control_character
from chatops.spec.models import Spec
from chatops.spec.nodes import Path

__all__ = ["altered", "refused", "unsayable"]

_INSTEAD: Final[dict[str, Path]] = {"email-domain": ("sign_in", "email_domains")}
"""Rules of which one key is broken by many people: without it they all may stay."""
_PART: Final = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def unsayable(draft: Draft) -> list[Wrong]:
    """What the models refuse, texts that no file can hold, and those of white space alone."""
    found = [Wrong(place=place, why=why) for place, why in _unwritable(draft.tree, ())]
    if found:
        return found
    try:
        Spec.model_validate(draft.tree)
    except ValidationError as error:
        return [
            Wrong(place=tuple(e["loc"]), why=f"the language cannot say {_short(e['input'])}")
            for e in error.errors(include_url=False)
        ]
    return []


def _unwritable(node: Any, place: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(node, dict | list):
        below = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in below:
            yield from _unwritable(value, (*place, key))
    elif isinstance(node, str):
        bad = control_character(node)
        if bad is not None:
            yield place, f"holds a control character (U+{ord(bad[0]):04X})"
        elif not node.strip():
            yield place, f"is nothing but white space: {_short(node)}"


def refused(findings: Iterable[Finding], folder: str) -> list[Wrong]:
    """The errors among what `validate` finds in the draft; `folder` is where it lies for that."""
    return [
        Wrong(
            place=_INSTEAD.get(f.rule) or _place(f.path),
            why=f.message.replace(folder, ""),
            follows=f.rule.startswith("unknown-"),
        )
        for f in findings
        if f.severity is Severity.ERROR
    ]


def _place(text: str) -> Path:
    """The path that a finding writes as teams[0].channels[2].topic."""
    return tuple(int(n) if n else word for n, word in _PART.findall(text))


def altered(draft: Draft, desired: Desired, inventory: Inventory) -> list[Wrong]:
    """What a run would change on the server, since the language reads it otherwise than it is.

    Only what stands in the draft as a key of its own; all else is for the plan to show.
    """
    things = (live for found in inventory.things.values() for live in found)
    reading = reading_of(desired, inventory.facts, things, inventory.me)
    difference = compare(desired, reading.held, reading.observed, {})
    return [
        wrong
        for change in difference.changes
        for wrong in _undone(change, desired)
        if _stands(draft, wrong.place)
    ]


def _undone(change: Change[Any], desired: Desired) -> Iterator[Wrong]:
    key, want = change.key, change.want
    if change.action is Action.CREATE and key.kind not in MEMBERSHIPS:
        why = "its name is not what the server has, as the language reads it"
        yield Wrong(place=desired.origin(key), why=why)
    have = change.have.resource if change.have is not None else None
    for name in change.changed:
        old, new = getattr(have, name), getattr(want, name)
        why = "the language reads it otherwise than the server has it"
        if isinstance(old, str) and isinstance(new, str):
            why = f"the language reads {_short(old)} as {_short(new)}"
        fallback = desired.origin(key) if isinstance(want, Setting) else ()
        yield Wrong(place=desired.origins.get((key, name), fallback), why=why)


def _stands(draft: Draft, place: Path) -> bool:
    try:
        value_at(draft.tree, place)
    except LookupError:
        return False
    return bool(place)


def _short(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("name", value.get("username", ""))
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"

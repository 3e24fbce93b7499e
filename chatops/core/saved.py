"""Reading a saved plan back: every part of the kind it must be, and none of it touched since.

Anybody may have written the file. What comes out of here is as sound as a plan just made.
"""

import json
from collections.abc import Callable
from typing import Any, Final, TypeVar

from chatops.core.plan import FORMAT, WORDS, ChangeView, FieldView, NoteKind, NoteView, PlanView
from chatops.errors import UsageError
from chatops.platforms.base import Action
from chatops.resources import Kind

__all__ = ["read_saved"]

T = TypeVar("T")

_AGAIN: Final = "make a new one with `chatops plan -o FILE`"


class _NoPlanError(Exception):
    """Something in it is not what a plan has there."""


def read_saved(text: str, where: str) -> PlanView:
    """The plan in this text. Raises UsageError when it is none, or was edited."""
    try:
        body = json.loads(text)
        if not isinstance(body, dict) or type(body.get("format")) is not int:
            raise _NoPlanError
        if body["format"] != FORMAT:
            raise UsageError(f"{where} was saved by another version of chatops", hint=_AGAIN)
        view = _plan(body)
    except (_NoPlanError, ValueError, RecursionError):
        raise UsageError(f"{where} is not a saved plan", hint=_AGAIN) from None
    if view.to_json() != body:
        raise UsageError(f"{where} was changed after it was saved", hint=_AGAIN)
    return view


def _plan(body: dict[str, Any]) -> PlanView:
    return PlanView(
        **{name: _of(str, body, name) for name in ("platform", "release", "edition", "url")},
        environment=_of(str, body, "environment"),
        spec=_of(str, body, "spec"),
        only=_texts(body, "only"),
        allow_removals=_of(bool, body, "allow_removals"),
        changes=_each(body, "changes", _change),
        notes=_each(body, "notes", _note),
        refusals=_texts(body, "refusals"),
        unchanged=_of(int, body, "unchanged"),
    )


def _change(body: dict[str, Any]) -> ChangeView:
    word = _of(str, body, "word")
    if word not in WORDS:
        raise _NoPlanError
    return ChangeView(
        action=Action(_of(str, body, "action")),
        kind=Kind(_of(str, body, "kind")),
        name=_of(str, body, "name"),
        word=word,
        fields=_each(body, "fields", _field),
        place=_of(str, body, "place"),
        renamed_from=_of(str, body, "renamed_from"),
    )


def _field(body: dict[str, Any]) -> FieldView:
    return FieldView(
        name=_of(str, body, "name"),
        old=_value(body, "old"),
        new=_value(body, "new"),
        added=_texts(body, "added"),
        removed=_texts(body, "removed"),
    )


def _note(body: dict[str, Any]) -> NoteView:
    return NoteView(
        kind=NoteKind(_of(str, body, "kind")),
        message=_of(str, body, "message"),
        key=_of(str, body, "key"),
    )


def _of(kind: type[T], body: dict[str, Any], name: str) -> T:
    """What stands there, which is exactly of this type: in JSON, true is no number."""
    value = body.get(name)
    if type(value) is not kind:
        raise _NoPlanError
    return value


def _each(body: dict[str, Any], name: str, read: Callable[[dict[str, Any]], T]) -> tuple[T, ...]:
    listed = _of(list, body, name)
    if not all(type(item) is dict for item in listed):
        raise _NoPlanError
    return tuple(read(item) for item in listed)


def _texts(body: dict[str, Any], name: str) -> tuple[str, ...]:
    listed = _of(list, body, name)
    if not all(type(item) is str for item in listed):
        raise _NoPlanError
    return tuple(listed)


def _value(body: dict[str, Any], name: str) -> Any:
    """A text, a number, yes or no, nothing; or a list of such."""
    value = body.get(name)
    for item in value if isinstance(value, list) else [value]:
        if item is not None and not isinstance(item, str | int | float):
            raise _NoPlanError
    return value

"""What a request must look like, as small rules that read and speak like the server's.

A rule checks a value and returns the messages of the first thing wrong, none when all is well.
The server's own validator stops at the first error of an object, in this order: a missing field,
an unknown field, a field of the wrong kind; a choice between shapes lists what each one misses.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

Messages = tuple[str, ...]
OK: Messages = ()


class Rule(Protocol):
    """Anything that can check a value."""

    def check(self, value: Any) -> Messages:
        """What is wrong with it."""
        ...


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_KINDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "str": ("string", lambda v: isinstance(v, str)),
    "bool": ("boolean", lambda v: isinstance(v, bool)),
    "num": ("number", _is_number),
    "int": ("integer", lambda v: _is_number(v) and float(v).is_integer()),
    "obj": ("object", lambda v: isinstance(v, dict)),
    "any": ("any", lambda v: True),
}


@dataclass(frozen=True)
class Scalar:
    """One value: its kind, and what may be in it."""

    kind: str
    nullable: bool = False
    minimum: int = 0
    options: tuple[Any, ...] = ()
    pattern: str = ""

    def check(self, value: Any) -> Messages:
        """See Rule."""
        name, fits = _KINDS[self.kind]
        if value is None and self.nullable:
            return OK
        if not fits(value):
            return (f"must be {name}",)
        if self.options and value not in self.options:
            return ("must be equal to one of the allowed values",)
        if self.minimum and len(value) < self.minimum:
            return (f"must NOT have fewer than {self.minimum} characters",)
        if self.pattern and not re.search(self.pattern, value):
            return (f'must match pattern "{self.pattern}"',)
        return OK


@dataclass(frozen=True)
class ListOf:
    """A list whose items all fit one rule."""

    item: Rule
    nullable: bool = False
    minimum: int = 0
    unique: bool = False

    def check(self, value: Any) -> Messages:
        """See Rule."""
        if value is None and self.nullable:
            return OK
        if not isinstance(value, list):
            return ("must be array",)
        if len(value) < self.minimum:
            return (f"must NOT have fewer than {self.minimum} items",)
        for entry in value:
            if wrong := self.item.check(entry):
                return wrong
        if self.unique and any(entry in value[:n] for n, entry in enumerate(value)):
            return ("must NOT have duplicate items",)
        return OK


@dataclass(frozen=True)
class Fields:
    """An object with known fields; unknown ones are refused unless it is `open`."""

    known: dict[str, Rule]
    required: tuple[str, ...] = ()
    open: bool = False
    nullable: bool = False
    also: "tuple[Choice, ...]" = field(default=())

    def check(self, value: Any) -> Messages:
        """See Rule."""
        if value is None and self.nullable:
            return OK
        if not isinstance(value, dict):
            return ("must be object",)
        for choice in self.also:
            if wrong := choice.check(value):
                return wrong
        for name in self.required:
            if name not in value:
                return (f"must have required property '{name}'",)
        if not self.open and any(name not in self.known for name in value):
            return ("must NOT have additional properties",)
        for name, rule in self.known.items():
            if name in value and (wrong := rule.check(value[name])):
                return wrong
        return OK


@dataclass(frozen=True)
class Needs:
    """Nothing but that some fields are there: a half of a choice."""

    required: tuple[str, ...]

    def check(self, value: Any) -> Messages:
        """See Rule."""
        for name in self.required:
            if isinstance(value, dict) and name not in value:
                return (f"must have required property '{name}'",)
        return OK


@dataclass(frozen=True)
class Choice:
    """One of several shapes: exactly one, or at least one."""

    shapes: tuple[Rule, ...]
    exactly: bool = True

    def check(self, value: Any) -> Messages:
        """See Rule."""
        wrongs = [shape.check(value) for shape in self.shapes]
        fitting = sum(1 for wrong in wrongs if not wrong)
        if fitting == 1 or (fitting and not self.exactly):
            return OK
        last = (
            "must match exactly one schema in oneOf"
            if self.exactly
            else "must match a schema in anyOf"
        )
        if fitting:
            return (last,)
        return (*(message for wrong in wrongs for message in wrong), last)


def one_of(*shapes: Rule) -> Choice:
    """Exactly one of these shapes."""
    return Choice(shapes)


def any_of(*shapes: Rule) -> Choice:
    """At least one of these shapes."""
    return Choice(shapes, exactly=False)


def shape(text: str, /, *also: Choice, **nested: Rule) -> Fields:
    """Fields in a short notation: `name:str bio?:str? roles?:[str] data:@`.

    A question mark after the name: may be missing; after the kind: may be null. `str+` is not
    empty, `[str]+` has an item, `a|b` lists the texts allowed, `@` takes the rule given by the
    field's name, `...` allows unknown fields.
    """
    known: dict[str, Rule] = {}
    required: list[str] = []
    is_open = False
    for word in text.split():
        if word == "...":
            is_open = True
            continue
        name, _, kind = word.partition(":")
        optional = name.endswith("?")
        name = name.removesuffix("?")
        known[name] = nested[name] if kind == "@" else _kind(kind)
        if not optional:
            required.append(name)
    return Fields(known, tuple(required), is_open, also=also)


def _kind(text: str) -> Rule:
    nullable = text.endswith("?")
    text = text.removesuffix("?")
    if text.startswith("["):
        least = 1 if text.endswith("+") else 0
        return ListOf(_kind(text.removesuffix("+")[1:-1]), nullable, least)
    least = 1 if text.endswith("+") else 0
    text = text.removesuffix("+")
    if text in _KINDS:
        return Scalar(text, nullable, least)
    return Scalar("str", nullable, least, tuple(text.split("|")))

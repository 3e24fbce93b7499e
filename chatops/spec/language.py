"""The language, key by key: what it is, of which type, and what holds without it.

Read out of the models, so that the reference, `chatops explain` and the JSON Schema say the same.
"""

import re
import types
import typing
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from chatops.errors import UsageError
from chatops.spec import models
from chatops.spec.files import Findings
from chatops.spec.nodes import Mapping, Sequence
from chatops.spec.people import BETWEEN, COLUMNS
from chatops.spec.source import compose

__all__ = [
    "About",
    "every_key",
    "example_of",
    "key_meant",
    "model_of",
    "paths_by_words",
    "type_words",
    "words_of",
]

EXAMPLE: Final = Path(__file__).with_name("every_key.yaml")
"""A company file with every key in it."""

_MEANT: Final = {"webhook": "integration.incoming_webhook"}
"""What most people mean by a word that is none of ours, folded."""

_TYPES: Final = (
    (models.Slug, "name: a-z 0-9 . _ -, 64 characters at most"),
    (models.Line, "text, one line"),
    (models.Text, "text, also of several lines"),
    (models.Email, "e-mail address"),
    (models.TimeZone, "time zone: Europe/Copenhagen"),
    (models.Url, "address: http:// or https://"),
    (models.SecretReference, "secret: `env:NAME`, `file:PATH` or `vault:NAME`"),
    (models.Size, "size: a number with a unit"),
    (models.Address, "IP address"),
    (models.ClockTime, "time of day, quoted"),
    (models.Duration, "span of time: `forever`, `90d`, `6m`, `3y`"),
    (models.Colour, "colour, quoted: `#0a5`"),
    (models.Hours, "days and their hours"),
    (models.Removals, "number, or share"),
    (str, "text"),
    (int, "whole number"),
    (bool, "`true` or `false`"),
)


@dataclass(frozen=True, kw_only=True)
class About:
    """A key. `path` has no numbers: `teams[].channels[].posting`; the whole file has none."""

    path: str
    what: str
    takes: str = "block"
    """Its type, in plain words."""
    required: bool = False
    default: str = ""
    block: type[BaseModel] | None = None
    """What is below it: a block, or what a list has of them."""
    listed: bool = False
    below: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The last word of the path."""
        return self.path.rpartition(".")[2]

    @property
    def inside(self) -> str:
        """The path of what is below: with brackets for a list."""
        return f"{self.path}[]" if self.listed else self.path


@cache
def every_key() -> dict[str, About]:
    """All keys by their paths, in the order of the language, blocks before what is below them."""
    return {key.path: key for key in _below(models.Spec, "")}


def key_meant(word: str) -> About | None:
    """The key that a person means; None for no key. Raises UsageError where it may be several.

    With or without brackets and numbers, in capitals or not, of one or of many; a last word, or the
    end of one, is enough where only one key has it.
    """
    asked, known = words_of(word), paths_by_words()
    folded = _folded(asked)
    by_fold: dict[str, list[str]] = {}
    for plain in known:
        by_fold.setdefault(_folded(plain), []).append(plain)
    whole = [asked] if asked in known else by_fold.get(_MEANT.get(folded, folded), [])
    ends = [plain for plain in known if plain.endswith(f".{asked}")]
    alike = [p for form, plains in by_fold.items() if form.endswith(f".{folded}") for p in plains]
    tails = [p for form, plains in by_fold.items() if form.endswith(f"_{folded}") for p in plains]
    found = next((some for some in (whole, ends, alike, tails) if some), [])
    if len(found) > 1:
        some = ", ".join(found[:12])
        more = f", and {len(found) - 12} more" if len(found) > 12 else ""
        raise UsageError(f"{len(found)} keys are called `{asked}`", hint=f"say which: {some}{more}")
    return every_key()[known[found[0]]] if found else None


def _folded(plain: str) -> str:
    """The words without capitals, and each as if there were one of it."""
    words = plain.casefold().replace("-", "_").split(".")
    return ".".join(re.sub(r"(?<=[^s])s$", "", re.sub(r"ies$", "y", word)) for word in words)


def words_of(path: str) -> str:
    """A path without brackets and numbers: `teams[3].name` and `teams[].name` are alike."""
    return re.sub(r"\[[0-9]*\]", "", path.strip().strip("."))


@cache
def paths_by_words() -> dict[str, str]:
    """All paths by what a person types of them."""
    return {words_of(path): path for path in every_key()}


def _below(model: type[BaseModel], path: str) -> Iterator[About]:
    hints = typing.get_type_hints(model, include_extras=True)
    for name, field in model.model_fields.items():
        key = f"{path}.{field.alias or name}" if path else field.alias or name
        hint = hints[name]
        inner = model_of(hint)
        words = type_words(hint)
        about = About(
            path=key,
            what=field.description or "",
            takes=_limited(field.metadata, words),
            required=field.is_required(),
            default=_default(field),
            block=inner,
            listed=words.startswith("list"),
            below=_names(inner) if inner else (),
            choices=_choices(hint),
        )
        yield about
        if inner is not None:
            yield from _below(inner, about.inside)
    if path == "users[]":
        columns = ", ".join(f"`{column}`" for column in COLUMNS)
        what = (
            f"A CSV file, in place of one person. Columns: {columns}. "
            f"Several teams or roles in a cell have `{BETWEEN}` between them."
        )
        yield About(path=f"{path}.from", what=what, takes="file, beside this one")


def _names(model: type[BaseModel]) -> tuple[str, ...]:
    names = tuple(field.alias or name for name, field in model.model_fields.items())
    return (*names, "from") if model is models.User else names


def type_words(hint: Any) -> str:
    """A type, in plain words."""
    for known, words in _TYPES:
        if hint == known:
            return words
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return type_words(args[0])
    if origin in (typing.Union, types.UnionType):
        return " or ".join(type_words(a) for a in args if a is not types.NoneType)
    if origin is list:
        if model_of(hint):
            return "list of blocks"
        choices = _choices(hint)
        return f"list of {', '.join(map(_code, choices))}" if choices else "list of texts"
    if origin is typing.Literal or issubclass(hint, Enum):
        return ", ".join(map(_code, _choices(hint)))
    return "block"


def model_of(hint: Any) -> type[BaseModel] | None:
    """The model inside a type, if there is one."""
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return hint
    return next(filter(None, map(model_of, typing.get_args(hint))), None)


def _choices(hint: Any) -> tuple[str, ...]:
    """The words that a key takes, where they are counted."""
    if typing.get_origin(hint) is typing.Literal:
        return tuple(str(c) for c in typing.get_args(hint))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return tuple(str(c.value) for c in hint)
    return next(filter(None, map(_choices, typing.get_args(hint))), ())


def _limited(metadata: Iterable[Any], words: str) -> str:
    """How long, or how large. A type with a form of its own says it already."""
    bounds = {"ge": "least", "le": "most", "min_length": "shortest", "max_length": "longest"}
    found = [f"{bounds[n]} {getattr(m, n)}" for m in metadata for n in bounds if hasattr(m, n)]
    return words if ":" in words else ", ".join([words, *found])


def _default(field: Any) -> str:
    """What holds when the key is left out; empty where nothing does."""
    if field.is_required():
        return ""
    value = field.get_default(call_default_factory=True)
    if value is None or isinstance(value, BaseModel):
        return ""
    return str(getattr(value, "value", value)).lower()


def _code(text: object) -> str:
    return f"`{text}`"


def example_of(path: str) -> Any:
    """A value that the key may have, out of the example with every key in it."""
    node: Any = _example()
    for part in path.split("."):
        name = part.removesuffix("[]")
        inner = node.items if isinstance(node, Sequence) else [node]
        found = (x.get(name) for x in inner if isinstance(x, Mapping))
        node = next((x for x in found if x is not None), None)
        if node is None:
            return None
    return node.plain()


@cache
def _example() -> Any:
    return compose(EXAMPLE.read_text(encoding="utf-8"), EXAMPLE.name, Findings())

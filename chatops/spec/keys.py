"""What the language knows about its own keys: which there are, and what others call them."""

import difflib
import types
import typing
from functools import cache
from typing import Any, Final

from pydantic import AfterValidator, BaseModel

from chatops.spec import models
from chatops.spec.other_words import OTHER_WORDS

__all__ = [
    "OTHER_WORDS",
    "identity",
    "is_secret",
    "known_keys",
    "nearest",
    "pattern",
    "unknown_key_hint",
]


def pattern(path: tuple[str | int, ...]) -> str:
    """The path without its numbers: teams[].channels[].topic."""
    return "".join("[]" if isinstance(p, int) else f".{p}" for p in path).removeprefix(".")


def nearest(word: str, known: typing.Iterable[str], least: float = 0.7) -> str | None:
    """The known word that was probably meant; `least` is how alike they must be, 0 to 1."""
    by_fold = {k.casefold(): k for k in known}
    folded = word.casefold()[:100]
    for form in (folded, folded.replace("-", "_"), folded.replace("_", "-")):
        if form in by_fold:
            return by_fold[form]
    near = difflib.get_close_matches(folded, by_fold, 1, least)
    return by_fold[near[0]] if near else None


def known_keys(block: str) -> frozenset[str]:
    """The keys of a block: `teams[]` has name, display_name, …"""
    return frozenset(_language()[0].get(block, ()))


def identity(block: str) -> str | None:
    """The key by which the things of a list are told apart: `users[]` has `username`."""
    keys = known_keys(block)
    return next((key for key in ("username", "name", "trigger") if key in keys), None)


def is_secret(key: str) -> bool:
    """Whether the key holds a reference to a secret, so that its value is never shown."""
    return key in _language()[1]


@cache
def unknown_key_hint(block: str, word: str) -> str:
    """What to do about a key that is unknown in this block."""
    known = known_keys(block)
    others = {
        w: there
        for w, there in (OTHER_WORDS["*"] | OTHER_WORDS.get(block, {})).items()
        if not there[0] or there[0] in known
    }
    found = nearest(word, known)
    if found is None or found != word.casefold().replace("-", "_"):
        other = nearest(word, others)
        if other is not None and (found is None or _like(word, other) > _like(word, found)):
            name, sentence = others[other]
            return sentence or f"it is called `{name}` here"
    if found is not None:
        return f"did you mean `{found}`?"
    plain = _without_prefix(block, word, known)
    if plain is not None:
        return f"it is called `{plain}` here"
    somewhere = nearest(word, {k for keys in _language()[0].values() for k in keys}, 0.85)
    elsewhere = sorted(b for b, keys in _language()[0].items() if somewhere in keys)
    if 0 < len(elsewhere) < 4:
        return f"`{somewhere}` belongs " + " or ".join(
            f"under `{b.removesuffix('[]')}`" if b else "to the top of the file" for b in elsewhere
        )
    if known and len(known) < 12:
        return "the keys here are " + ", ".join(_in_order(block))
    return ""


def _without_prefix(block: str, word: str, known: frozenset[str]) -> str | None:
    """`channel_topic` and `is_private` say what the block, or the value, says already."""
    one = block.rpartition(".")[2].removesuffix("[]").removesuffix("s")
    for prefix in (f"{one}_", f"{one}-", "is_", "has_"):
        rest = word.casefold().removeprefix(prefix)
        if prefix != "_" and rest != word.casefold() and rest in known:
            return rest
    return None


def _like(word: str, other: str) -> float:
    return difflib.SequenceMatcher(None, word.casefold(), other.casefold()).ratio()


def _in_order(block: str) -> list[str]:
    return list(_language()[0][block])


@cache
def _language() -> tuple[dict[str, list[str]], frozenset[str]]:
    blocks: dict[str, list[str]] = {}
    hidden: set[str] = set()

    def walk(model: type[BaseModel], block: str) -> None:
        keys = blocks.setdefault(block, [])
        for name, field in model.model_fields.items():
            key = field.alias or name
            keys.append(key)
            below = f"{block}.{key}" if block else key
            for inner, suffix in _models(field.annotation):
                walk(inner, below + suffix)
            if _holds_secret(field.annotation, field.metadata):
                hidden.add(key)

    walk(models.Spec, "")
    blocks["users[]"].append("from")
    return blocks, frozenset(hidden)


def _models(annotation: Any, suffix: str = "") -> list[tuple[type[BaseModel], str]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [(annotation, suffix)]
    origin = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType, typing.Annotated):
        return [m for a in typing.get_args(annotation) for m in _models(a, suffix)]
    if origin is list:
        return [m for a in typing.get_args(annotation) for m in _models(a, suffix + "[]")]
    return []


def _holds_secret(annotation: Any, metadata: typing.Iterable[Any]) -> bool:
    marks = [*metadata, *getattr(annotation, "__metadata__", ())]
    if any(isinstance(m, AfterValidator) and m in _SECRET_MARKS for m in marks):
        return True
    return any(_holds_secret(a, ()) for a in typing.get_args(annotation) if a is not None)


_SECRET_MARKS: Final = tuple(
    m for m in typing.get_args(models.SecretReference) if isinstance(m, AfterValidator)
)

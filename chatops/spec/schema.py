"""The language as JSON Schema, by which editors complete, explain and check while one types.

Draft 7, which every version of VS Code's YAML extension takes (its language server read nothing
newer before 1.20: redhat-developer/yaml-language-server, CHANGELOG.md). Nothing is referred to:
beside a `$ref` that draft lets no description stand.
"""

import types
import typing
from collections.abc import Mapping, Sequence
from enum import Enum, StrEnum
from typing import Any, Final

from pydantic import BaseModel

from chatops.secrets import REFERENCE
from chatops.spec import models
from chatops.spec.keys import identity
from chatops.spec.language import About, every_key, example_of, model_of

__all__ = ["Part", "schema"]

Schema: typing.TypeAlias = dict[str, Any]


class Part(StrEnum):
    """Which file is described: the company file, one that it includes, or an override."""

    COMPANY = "company"
    INCLUDED = "included"
    OVERRIDE = "override"


_TITLES: Final = {
    Part.COMPANY: "chatops: a company's chat",
    Part.INCLUDED: "chatops: a part of a company file",
    Part.OVERRIDE: "chatops: what an environment has otherwise",
}
_NO_CONTROL: Final = r"^[^\u0000-\u001f\u007f]*$"
_MAIL: Final = r"""^[^\s<>,;:"()\[\]\\@]+@[^\s<>,;:"()\[\]\\@.]+(\.[^\s<>,;:"()\[\]\\@.]+)+$"""
_REFERENCE: Final = f"^({REFERENCE.pattern[1:].partition(')')[0]}):"
_BYTE: Final = "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_IPV6: Final = "[0-9A-Fa-f]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*"
_DAY: Final = "([Mm]on|[Tt]ues|[Ww]ednes|[Tt]hurs|[Ff]ri|[Ss]atur|[Ss]un)day"
_HOUR: Final = "([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-4]):[0-5][0-9]"
_FORMS: Final[tuple[tuple[Any, Schema], ...]] = (
    (
        models.Slug,
        {"type": "string", "pattern": r"^[a-z0-9._-]+$", "maxLength": 64},
    ),
    (models.Line, {"type": "string", "pattern": _NO_CONTROL}),
    (models.Text, {"type": "string"}),
    (models.Email, {"type": "string", "pattern": _MAIL}),
    (models.Url, {"type": "string", "pattern": r"^https?://[^\s/@]+(/\S*)?$"}),
    (models.SecretReference, {"type": "string", "pattern": _REFERENCE}),
    (
        models.Size,
        {
            "anyOf": [
                {"type": "string", "pattern": r"^\s*[0-9]+\s*([KkMmGg]?[Ii]?[Bb])?\s*$"},
                {"type": "integer", "minimum": 1},
            ]
        },
    ),
    (models.Address, {"type": "string", "pattern": f"^(({_BYTE}\\.){{3}}{_BYTE}|{_IPV6})$"}),
    (models.ClockTime, {"type": "string", "pattern": r"^\s*([01]?[0-9]|2[0-3]):[0-5][0-9]\s*$"}),
    (models.Duration, {"type": "string", "pattern": r"^(forever|[1-9][0-9]{0,3}[dwmy])$"}),
    (models.Colour, {"type": "string", "pattern": r"^#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$"}),
    (
        models.Hours,
        {
            "type": "object",
            "propertyNames": {"pattern": f"^\\s*{_DAY}(-{_DAY})?\\s*$"},
            "additionalProperties": {
                "type": "string",
                "pattern": f"^(closed|{_HOUR})$",
            },
        },
    ),
    (
        models.Removals,
        {
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {"type": "string", "pattern": r"^(100|[0-9]{1,2}|0[0-9]{2})%$"},
            ]
        },
    ),
    (str, {"type": "string"}),
    (bool, {"type": "boolean"}),
    (int, {"type": "integer"}),
)


def schema(
    part: Part = Part.COMPANY, choices: Mapping[tuple[str, ...], Sequence[str]] | None = None
) -> Schema:
    """The schema of a file.

    `choices` are the words that a key takes where the language itself does not count them, as the
    names of platforms: ("chat", "platform") → those.
    """
    whole = _block(models.Spec, "", part)
    for path, words in (choices or {}).items():
        *blocks, last = path
        block = whole
        for name in blocks:
            block = block["properties"][name]
            block = next((b for b in block.get("anyOf", ()) if "properties" in b), block)
        old = block["properties"][last]
        kept = {key: old[key] for key in ("description",) if key in old}
        block["properties"][last] = {**kept, "enum": list(words)}
    if part is not Part.COMPANY:
        whole.pop("required", None)
    if part is Part.OVERRIDE:
        whole["properties"].pop("include")
    properties = whole["properties"]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": _TITLES[part],
        **{k: v for k, v in whole.items() if k != "properties"},
        "properties": properties,
    }


def _block(model: type[BaseModel], path: str, part: Part) -> Schema:
    hints = typing.get_type_hints(model, include_extras=True)
    properties: Schema = {}
    required = []
    for name, field in model.model_fields.items():
        key = field.alias or name
        about = every_key()[f"{path}.{key}" if path else key]
        made = _value(hints[name], about, part)
        _limit(made, field.metadata)
        properties[key] = _told(made, about)
        if about.required:
            required.append(key)
    found: Schema = {
        "type": "object",
        "description": (model.__doc__ or "").strip(),
        "properties": properties,
        "additionalProperties": False,
    }
    if required and part is not Part.OVERRIDE:
        found["required"] = required
    return found


def _value(hint: Any, about: About, part: Part) -> Schema:
    """A value of this type; in an override also null, which takes a key out."""
    made = _plain(hint, about, part)
    if part is Part.OVERRIDE and not about.required:
        return {"anyOf": [*made.get("anyOf", [made]), {"type": "null"}]}
    return made


def _plain(hint: Any, about: About, part: Part) -> Schema:
    for known, form in _FORMS:
        if hint == known:
            return _copied(form)
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        made = _plain(args[0], about, part)
        _limit(made, args[1:])
        return made
    if origin in (typing.Union, types.UnionType):
        (one,) = (a for a in args if a is not types.NoneType)
        return _plain(one, about, part)
    if origin is list:
        return _list(args[0], about, part)
    if origin is typing.Literal:
        return {"enum": list(args)}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"enum": [c.value for c in hint]}
    return _block(hint, about.path, part)


def _list(hint: Any, about: About, part: Part) -> Schema:
    model = model_of(hint)
    if model is None:
        return {"type": "array", "items": _plain(hint, about, part)}
    # A list in an override is a whole one: what it has of things is complete.
    item = _block(model, about.inside, Part.COMPANY if part is Part.OVERRIDE else part)
    if model is models.User:
        item = {"anyOf": [item, _people()]}
    whole = {"type": "array", "items": item}
    if part is not Part.OVERRIDE or identity(about.inside) is None:
        return whole
    patch = _block(model, about.inside, part)
    named = {"type": "object", "additionalProperties": {"anyOf": [patch, {"type": "null"}]}}
    return {"anyOf": [named, whole]}


def _people() -> Schema:
    about = every_key()["users[].from"]
    return {
        "type": "object",
        "description": about.what,
        "properties": {"from": _told({"type": "string", "minLength": 1}, about)},
        "required": ["from"],
        "additionalProperties": False,
    }


def _told(made: Schema, about: About) -> Schema:
    """With what editors show: description, default, example."""
    block = made.pop("description", "")
    described = about.what if not block or block == about.what else f"{about.what} {block}"
    told: Schema = {"description": described, **made}
    if about.default and about.default != "[]":
        told["default"] = _typed(about.default, made)
    example = example_of(about.path)
    if example is not None and not about.below and (about.listed or not about.choices):
        told["examples"] = [example]
    return told


def _typed(text: str, made: Mapping[str, Any]) -> Any:
    """A default as the value that it is."""
    if text in ("true", "false"):
        return text == "true"
    numbers = made.get("type") == "integer" or "anyOf" in made
    return int(text) if numbers and text.isdigit() else text


def _limit(made: Schema, metadata: Any) -> None:
    """How long, how large, of which form."""
    listed = made.get("type") == "array"
    for mark in metadata:
        for name, word in (
            ("ge", "minimum"),
            ("le", "maximum"),
            ("min_length", "minItems" if listed else "minLength"),
            ("max_length", "maxItems" if listed else "maxLength"),
        ):
            if getattr(mark, name, None) is not None and made.get("type") in (
                "string",
                "integer",
                "array",
            ):
                made[word] = getattr(mark, name)
        form = getattr(mark, "pattern", None)
        if isinstance(form, str):
            made["pattern"] = form


def _copied(form: Schema) -> Schema:
    return {
        key: [dict(v) if isinstance(v, dict) else v for v in value]
        if isinstance(value, list)
        else dict(value)
        if isinstance(value, dict)
        else value
        for key, value in form.items()
    }

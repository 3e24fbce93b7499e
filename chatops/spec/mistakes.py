"""What pydantic finds, in words for the person who wrote the file."""

import re
from collections.abc import Callable
from typing import Any, Final

from pydantic import ValidationError

from chatops.errors import Place
from chatops.spec.files import Findings
from chatops.spec.keys import is_secret, nearest, pattern, unknown_key_hint
from chatops.spec.nodes import Mapping, Node, Odd, Path, Scalar, SourceMap
from chatops.spec.nodes import Sequence as List
from chatops.spec.text import quoted

__all__ = ["explain", "in_words", "remark_empty"]

_WANTED: Final = {
    "string_type": "text",
    "string_sub_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list",
    "model_type": "a block of keys",
    "model_attributes_type": "a block of keys",
    "dict_type": "a block of keys",
}
_OWN: Final = {
    "slug": ("slug", ""),
    "look_alike": ("look-alike", ""),
    "one_line": ("one-line", ""),
    "control": ("control-character", "take it out"),
    "email": ("email", ""),
    "url": ("url", ""),
    "secret": ("plain-secret", ""),
    "size": ("size", ""),
    "removals": ("removals", ""),
    "address": ("address", "write it as 203.0.113.10 or 2001:db8::10"),
    "clock": ("clock", ""),
    "duration": ("duration", ""),
    "colour": ("colour", ""),
    "days": ("days", ""),
    "hours": ("hours", ""),
    "timezone": ("timezone", ""),
}
_FORMS: Final = {
    "company.locale": "a language is two letters, as da or pt-BR",
    "users[].locale": "a language is two letters, as da or pt-BR",
    "video.turn.url": "a relay is written turns:host:port, or turn:host:port",
    "chat.version": 'a version is numbers and dots, in quotes: "11.7"',
}
_TITLES: Final = {
    "users[].username": "a person's full name is `name`",
    "teams[].name": "what people see is the `display_name`",
    "teams[].channels[].name": "what people see is the `display_name`",
}
_OTHER_CHOICES: Final = {
    "public": "open",
    "closed": "invite",
    "private": "invite",
    "admin": "system_admin",
    "administrator": "system_admin",
    "user": "member",
    "ssl": "tls",
    "email": "mail",
    "strict": "exact",
    "delete": "archive",
    "warn": "note",
    "error": "refuse",
    "filesystem": "local",
    "amazons3": "s3",
    "minio": "s3",
}
_QUOTE: Final = re.compile(r"'([^']*)'")


def explain(error: ValidationError, places: SourceMap, findings: Findings) -> None:
    """Turn the errors of the models into findings."""
    for item in error.errors(include_url=False, include_input=False):
        if findings.full:
            findings.error("too-many", places.place(item["loc"]), "", item["type"])
            continue
        path: Path = item["loc"]
        if not _noise(item["type"], places, path):
            _explain(item["type"], path, item.get("ctx", {}), item["msg"], places, findings)


def in_words(error: ValidationError) -> str:
    """The first error of a single value, in our words."""
    item = error.errors(include_url=False, include_input=False)[0]
    kind, ctx = item["type"], item.get("ctx", {})
    if kind in _BOUNDS:
        return _BOUNDS[kind](ctx)[1]
    return item["msg"] if kind in _OWN else "is a value that this key does not take"


def _noise(kind: str, places: SourceMap, path: Path) -> bool:
    """Whether the place is known to be unreadable, so that the error only follows from it."""
    for end in range(len(path) + 1):
        node = places.node(path[:end])
        if node is not None and node.broken:
            return True
    above = places.node(path[:-1])
    return kind == "missing" and isinstance(above, Mapping) and above.partial


def _explain(
    kind: str, path: Path, ctx: dict[str, Any], message: str, places: SourceMap, out: Findings
) -> None:
    name = places.text(path)
    if kind == "extra_forbidden":
        _unknown(path, places, out)
    elif kind == "missing":
        _missing(path, places, out)
    elif kind in _WANTED:
        _wrong_type(kind, path, places, out)
    elif kind in ("literal_error", "enum"):
        _choice(path, ctx, places, out)
    elif kind in _OWN:
        rule, hint = _OWN[kind]
        hint = ctx.get("hint", hint)
        if rule == "plain-secret":
            variable = "_".join(str(p) for p in path[-2:]).upper()
            vault = variable.lower().replace("_", "-")
            hint = (
                f"keep it with `chatops secret set {vault}` and write vault:{vault}, or put it "
                f"into the environment and write env:{variable}"
            )
        elif rule == "look-alike":
            hint = f"write it anew, with the letters a-z: `{ctx['like']}`"
        elif rule == "slug" and "lower" not in ctx:
            hint = _TITLES.get(pattern(path), "")
        out.error(rule, places.place(path), name, message, hint)
    elif kind in _BOUNDS:
        rule, words = _BOUNDS[kind](ctx)
        out.error(rule, places.place(path), name, words)
    elif kind == "string_pattern_mismatch":
        out.error("format", places.place(path), name, _FORMS.get(pattern(path), "has a wrong form"))
    else:
        out.error("value", places.place(path), name, "is a value that this key does not take")


def _missing(path: Path, places: SourceMap, out: Findings) -> None:
    above, name = places.node(path[:-1]), places.text(path)
    word = (above.taken or {}).get(str(path[-1])) if isinstance(above, Mapping) else None
    if word is None:
        out.error("missing-key", places.place(path[:-1]), name, "missing")
        return
    place = Place(word.file or places.place(()).file, word.line, word.column)
    out.error("missing-key", place, name, "is taken out here, and cannot be done without")


def _shortest(ctx: dict[str, Any]) -> tuple[str, str]:
    least = ctx["min_length"]
    if least == 1:
        return "length", "is empty"
    return "length", f"too short: {least} {_things(ctx)} at least"


def _longest(ctx: dict[str, Any]) -> tuple[str, str]:
    return "length", f"too long: {ctx['max_length']} {_things(ctx)} at most"


def _things(ctx: dict[str, Any]) -> str:
    return "entries" if ctx.get("field_type") == "List" else "characters"


_BOUNDS: Final[dict[str, Callable[[dict[str, Any]], tuple[str, str]]]] = {
    "string_too_short": _shortest,
    "too_short": _shortest,
    "string_too_long": _longest,
    "too_long": _longest,
    "greater_than_equal": lambda ctx: ("range", f"too small: {ctx['ge']:,} at least"),
    "less_than_equal": lambda ctx: ("range", f"too large: {ctx['le']:,} at most"),
}


def _unknown(path: Path, places: SourceMap, out: Findings) -> None:
    place, name, key = places.key_place(path), places.text(path), str(path[-1])
    if len(key) > 40:
        name = places.text((*path[:-1], key[:39] + "…"))
    out.error(
        "unknown-key", place, name, "unknown key", unknown_key_hint(pattern(path[:-1]), key[:100])
    )


def _wrong_type(kind: str, path: Path, places: SourceMap, out: Findings) -> None:
    wanted = _WANTED[kind]
    node = places.node(path)
    place, name = places.place(path), places.text(path)
    if node is None:
        out.error("wrong-type", place, name, f"{wanted} is wanted")
        return
    found, hint = _found(node), ""
    if isinstance(node, Scalar):
        if node.value is None:
            message = f"is empty: {wanted} is wanted"
            hint = "write [] for none, or take the key out" if wanted == "a list" else ""
            out.error("wrong-type", place, name, message, hint)
            return
        shown = f" {quoted(node.text)}" if not (path and is_secret(str(path[-1]))) else ""
        if wanted == "text":
            message = f"text is wanted, and YAML reads{shown or ' this'} as {found}"
            hint = f'quote it: "{node.text}"' if shown and len(node.text) < 60 else "quote it"
            out.error("wrong-type", place, name, message, hint)
            return
        if wanted == "a list":
            hint = f"write [{node.text}]" if shown and 0 < len(node.text) < 40 else ""
        elif node.text.lower() in ("yes", "no", "true", "false", "on", "off"):
            hint = "take the quotes away" if not node.bare and wanted == "true or false" else ""
        elif wanted == "a whole number" and not node.bare and node.text.isdecimal():
            hint = "take the quotes away"
        elif isinstance(node.value, Odd) and node.text.lstrip("+-0").isdecimal():
            hint = f"write {node.text.lstrip('+-0')}"
        if shown:
            found = _found(node, value=False)
        found += shown
    out.error("wrong-type", place, name, f"{wanted} is wanted, this is {found}", hint)


def _found(node: Node, value: bool = True) -> str:
    """What a piece of the file is; with `value` also what has become of it in the reading."""
    if isinstance(node, Mapping):
        return "a block of keys"
    if isinstance(node, List):
        return "a list"
    read = node.value if isinstance(node, Scalar) else None
    if isinstance(read, Odd):
        return read.what
    if isinstance(read, bool):
        return f"the yes/no value {str(read).lower()}" if value else "a yes/no value"
    if isinstance(read, int):
        return "a number"
    if isinstance(read, float):
        return f"the number {read:g}" if value else "a number with a fraction"
    return "nothing" if read is None else "text"


def _choice(path: Path, ctx: dict[str, Any], places: SourceMap, out: Findings) -> None:
    place, name = places.place(path), places.text(path)
    node = places.node(path)
    if path == ("version",):
        text = quoted(node.text) if isinstance(node, Scalar) else "this"
        quoted_one = isinstance(node, Scalar) and node.text == "1" and not node.bare
        out.error(
            "language-version",
            place,
            name,
            f"{text} is no version of the language: it is 1",
            "take the quotes away" if quoted_one else "write `version: 1`",
        )
        return
    choices = _QUOTE.findall(str(ctx.get("expected", "")))
    listed = ", ".join(choices[:-1]) + (" or " if choices[:-1] else "") + choices[-1]
    if not isinstance(node, Scalar):
        found = "nothing" if node is None else _found(node)
        out.error("choice", place, name, f"one of {listed} is wanted, this is {found}")
        return
    if node.value is None:
        out.error("choice", place, name, f"is empty: one of {listed} is wanted")
        return
    near = nearest(node.text, choices) or _OTHER_CHOICES.get(node.text.lower(), "")
    out.error(
        "choice",
        place,
        name,
        f"{quoted(node.text)} is not one of {listed}",
        f"did you mean `{near}`?" if near in choices else "",
    )


def remark_empty(root: Node, places: SourceMap, findings: Findings) -> None:
    """Warn of keys with nothing behind them: they manage nothing, which is seldom meant."""

    def walk(node: Node, path: Path) -> None:
        if isinstance(node, Mapping):
            for key, (_, value) in node.pairs.items():
                if isinstance(value, Scalar):
                    if value.value is None and not value.broken:
                        findings.warning(
                            "empty-value",
                            places.key_place((*path, key)),
                            places.text((*path, key)),
                            "is empty, so it is left as it is on the server",
                            'write "" to make it empty there, or take the key out',
                        )
                else:
                    walk(value, (*path, key))
        elif isinstance(node, List):
            for i, item in enumerate(node.items):
                if not isinstance(item, Scalar):
                    walk(item, (*path, i))

    walk(root, ())

"""Values as YAML writes them: so that every reader, of YAML 1.1 and of 1.2, takes them as meant."""

import json
import re
from typing import Any, Final

from chatops.spec.source import resolve

__all__ = ["block_text", "is_trap", "needs_quotes", "quote", "scalar"]

# Text that may stand without quotes, if nothing else is against it: quotes do no harm.
_SAFE: Final = re.compile(r"[^\W_](?:[\w .,;!?'()/@+&%$=~^*<>|°§€…–—:-]*[\w.!?)/%+])?")

# What inside of brackets some reader takes for a sign of its own.
_FLOW: Final = re.compile(r"[,?]|:(?![\w/])")

# What the core schema of YAML 1.2 takes for something else than text.
_CORE: Final = re.compile(
    r"~|null|Null|NULL|true|True|TRUE|false|False|FALSE"
    r"|[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"
    r"|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)
# Hours and minutes, which other readers take for numbers of base sixty.
_SIXTY: Final = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?")
# Spans of hours are no trap; but who writes 22:00 below them without quotes meets one.
_CLOCK: Final = re.compile(r"[0-9]{1,2}:[0-9]{2}-")
_LETTERS: Final = frozenset({"y", "n", "Y", "N"})


def is_trap(text: str) -> bool:
    """Whether some reader of YAML would take this text, without quotes, for something else."""
    return (
        not isinstance(resolve(text), str)
        or _CORE.fullmatch(text) is not None
        or _SIXTY.fullmatch(text) is not None
        or text in _LETTERS
        or text in ("=", "<<")
    )


def needs_quotes(text: str, *, flow: bool = False) -> bool:
    """Whether the text is better off in quotes; `flow` where it stands inside of brackets."""
    return (
        _SAFE.fullmatch(text) is None
        or not text.isprintable()
        or ": " in text
        or (flow and _FLOW.search(text) is not None)
        or is_trap(text)
        or _CLOCK.match(text) is not None
    )


def scalar(value: Any, *, flow: bool = False) -> str:
    """One value in one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    return quote(text) if needs_quotes(text, flow=flow) else text


def quote(text: str) -> str:
    """In double quotes, with everything escaped that could not stand there."""
    body = json.dumps(text, ensure_ascii=False)
    return "".join(c if c == " " or c.isprintable() else _escape(c) for c in body)


def _escape(c: str) -> str:
    code = ord(c)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def block_text(text: str, indent: int) -> list[str] | None:
    """Text of several lines as a block below its key (`|`), if it can be one: its lines.

    The first line is what stands behind the key.
    """
    body = text.rstrip("\n")
    lines = body.split("\n")
    plain = all(c == "\n" or c.isprintable() for c in text)
    if len(lines) < 2 or not plain or not lines[0] or lines[0] != lines[0].lstrip():
        return None
    if any(line != line.rstrip() for line in lines):
        return None
    ends = len(text) - len(body)
    mark = "|-" if ends == 0 else "|" if ends == 1 else None
    if mark is None:
        return None
    return [mark, *(" " * indent + line if line else "" for line in lines)]

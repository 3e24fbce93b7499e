"""Plain data as a company file that a person likes to keep: tidy YAML, with comments.

What is written reads back as the same data, in whatever version of YAML it is read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from chatops.spec.nodes import Path
from chatops.spec.scalars import block_text, scalar
from chatops.spec.text import printable

__all__ = ["Remarks", "emit"]

WIDTH: Final = 100
_SHORT: Final = 4
"""Things at the top that have more lines stand apart from each other."""
_ALIGNED: Final = 60
"""Comments behind values stand in one column, as long as the lines are not longer than this."""


@dataclass(frozen=True)
class Remarks:
    """Comments, by the path of what they are about: `above` it, and `behind` its value.

    A text above may have several lines; an empty line in it stays empty. `foot` ends the file.
    """

    head: str = ""
    above: Mapping[Path, str] = field(default_factory=dict)
    behind: Mapping[Path, str] = field(default_factory=dict)
    foot: str = ""


@dataclass
class _Line:
    text: str
    behind: str = ""


def emit(data: Mapping[str, Any], remarks: Remarks | None = None, *, compact: bool = True) -> str:
    """The data as YAML. Keys keep their order; the blocks at the top stand apart.

    With `compact` things of a list that fit into a line are written in one: `- {name: it}`.
    """
    remarks = remarks or Remarks()
    writer = _Writer(remarks, compact)
    parts: list[list[_Line]] = [[*_comment(remarks.head, 0)]] if remarks.head else []
    for key, value in data.items():
        lines = [*writer.pair(key, value, (key,), 0)]
        plain = len(lines) == 1 and not isinstance(value, list | dict)
        if plain and parts and (key,) not in remarks.above and len(parts[-1]) == 1:
            parts[-1] += lines
        else:
            parts.append(lines)
    if remarks.foot:
        parts.append([*_comment(remarks.foot, 0)])
    return "\n".join("".join(_laid_out(part)) for part in parts) or "{}\n"


class _Writer:
    def __init__(self, remarks: Remarks, compact: bool) -> None:
        self.remarks = remarks
        self.compact = compact
        paths = {*remarks.above, *remarks.behind}
        self.inner = {path[:i] for path in paths for i in range(len(path))}
        """What has something remarked about a part of it: that wants lines of its own."""

    def pair(self, key: str, value: Any, path: Path, indent: int) -> Iterator[_Line]:
        """A key with its value, at this indentation."""
        yield from _comment(self.remarks.above.get(path, ""), indent)
        behind = self.remarks.behind.get(path, "")
        start = " " * indent + scalar(key, flow=True) + ":"
        inline = self._inline(value, path, WIDTH - len(start) - 1)
        if inline is not None:
            yield _Line(f"{start} {inline}", behind)
        elif isinstance(value, Mapping):
            yield _Line(start, behind)
            for name, below in value.items():
                yield from self.pair(name, below, (*path, name), indent + 2)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            yield _Line(start, behind)
            items = [[*self._item(item, (*path, i), indent + 2)] for i, item in enumerate(value)]
            apart = indent == 0 and any(len(item) > _SHORT for item in items)
            for i, lines in enumerate(items):
                yield from [_Line("")] if apart and i else []
                yield from lines
        else:
            yield from _text(start, value, behind, indent + 2)

    def _item(self, value: Any, path: Path, indent: int) -> Iterator[_Line]:
        yield from _comment(self.remarks.above.get(path, ""), indent)
        behind = self.remarks.behind.get(path, "")
        start = " " * indent + "-"
        inline = self._inline(value, path, WIDTH - len(start) - 1)
        if inline is None and self.compact and isinstance(value, Mapping) and len(value) > 1:
            inline = self._braces(value, path, WIDTH - len(start) - 1)
        if inline is not None:
            yield _Line(f"{start} {inline}", behind)
        elif isinstance(value, Mapping):
            lines = [x for n, v in value.items() for x in self.pair(n, v, (*path, n), indent + 2)]
            first = next(i for i, x in enumerate(lines) if not x.text.lstrip().startswith("#"))
            yield from lines[:first]
            yield _Line(start + lines[first].text[indent + 1 :], lines[first].behind or behind)
            yield from lines[first + 1 :]
        elif isinstance(value, Sequence) and not isinstance(value, str):
            yield _Line(start, behind)
            for i, item in enumerate(value):
                yield from self._item(item, (*path, i), indent + 2)
        else:
            yield from _text(start, value, behind, indent + 2)

    def _inline(self, value: Any, path: Path, room: int) -> str | None:
        """A value that needs no lines of its own; None for one that does."""
        if isinstance(value, Mapping):
            return None if value else "{}"
        if isinstance(value, str):
            return None if "\n" in value else scalar(value)
        if not isinstance(value, Sequence):
            return scalar(value)
        if not value:
            return "[]"
        if any(isinstance(v, Mapping | list | tuple) for v in value) or path in self.inner:
            return None
        text = "[" + ", ".join(scalar(v, flow=True) for v in value) + "]"
        return text if len(text) <= room else None

    def _braces(self, value: Mapping[str, Any], path: Path, room: int) -> str | None:
        """A short block in one line; None where it would not be short."""
        if path in self.inner:
            return None
        parts = []
        for key, below in value.items():
            if isinstance(below, Mapping | Sequence) and not below and below != "":
                text: str | None = "{}" if isinstance(below, Mapping) else "[]"
            elif isinstance(below, Mapping):
                text = None
            elif isinstance(below, Sequence) and not isinstance(below, str):
                text = self._inline(below, (*path, key), room)
            else:
                text = None if "\n" in str(below) else scalar(below, flow=True)
            if text is None:
                return None
            parts.append(f"{scalar(key, flow=True)}: {text}")
        text = "{" + ", ".join(parts) + "}"
        return text if len(text) <= room else None


def _text(start: str, value: Any, behind: str, indent: int) -> Iterator[_Line]:
    """Text of several lines, as a block where it can be one."""
    lines = block_text(str(value), indent)
    if lines is None:
        yield _Line(f"{start} {scalar(value)}", behind)
        return
    yield _Line(f"{start} {lines[0]}", behind)
    yield from (_Line(line) for line in lines[1:])


def _comment(text: str, indent: int) -> Iterator[_Line]:
    for line in text.split("\n") if text else ():
        yield _Line(" " * indent + f"# {printable(line)}" if line.strip() else "")


def _laid_out(lines: list[_Line]) -> Iterator[str]:
    """The lines with what stands behind them in one column."""
    wide = [len(x.text) for x in lines if x.behind and len(x.text) <= _ALIGNED]
    column = max(wide, default=0) + 2
    for line in lines:
        behind = f"  # {printable(line.behind)}"
        text = f"{line.text:<{column - 2}}{behind}" if line.behind else line.text
        yield text + "\n"

"""A file of YAML in its tidy form: the same meaning, every comment, every line in its order.

Nothing is parsed and written anew, so nothing can be lost: the scanner says where each token
stands, and only what is between them, and how far a line is indented, is changed. What comes out
is read again and compared before anybody gets it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from chatops.errors import ChatopsError
from chatops.spec.files import Findings
from chatops.spec.nodes import Mapping, Node, Odd, Scalar, Sequence
from chatops.spec.scalars import is_trap, quote, scalar
from chatops.spec.source import compose, resolve

__all__ = ["formatted"]

STEP: Final = 2
_OPEN: Final = (yaml.FlowMappingStartToken, yaml.FlowSequenceStartToken)
_SHUT: Final = (yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)
_STRANGE: Final = re.compile("[\x85\u2028\u2029]")


def formatted(text: str) -> str:
    """The tidy form of a file of YAML that is sound. Raises ChatopsError for what cannot have one.

    Indented by two, lists below their key too; words that other readers of YAML take for something
    else in quotes, yes and no as true and false; no blanks at the ends of lines, no two empty lines
    behind each other, and one line end at the end.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    strange = _STRANGE.search(text)
    if strange is not None:
        line = text.count("\n", 0, strange.start()) + 1
        raise ChatopsError(
            f"line {line} holds a line end that most programs do not see (U+{ord(strange[0]):04X})",
            hint="write it as an escape in double quotes, or take it out",
        )
    if not text.strip(" \t\n"):
        return ""
    tidy = _Page(text).run()
    if _meaning(tidy) != _meaning(text) or _Page(tidy).comments != _Page(text).comments:
        raise ChatopsError(
            "this file cannot be formatted without changing what it says",
            hint="it was left as it is; please report it as a fault of chatops",
        )
    return tidy


@dataclass
class _Frame:
    """A block, and the column in which it begins: before and after."""

    kind: str
    old: int
    new: int
    loose: bool = False
    """A list that stands in the column of its key."""


@dataclass
class _Line:
    """What is to be done with a line."""

    edits: list[tuple[int, int, str]] = field(default_factory=list)
    end: int = 0
    """Where its last token ends."""
    first: int | None = None
    """The column of its first token."""
    new: int = 0
    frames: tuple[_Frame, ...] = ()
    flow: tuple[int, int] | None = None
    """The innermost bracket that is open where the line begins."""
    body: tuple[int, int] | None = None
    """Part of a text of several lines: that begins here, with this many blanks at least."""
    literal: tuple[int, int] | None = None
    """Part of a block of text: indented so far, and to be so far."""


class _Page:
    def __init__(self, text: str) -> None:
        self.texts = text.split("\n")
        self.lines = [_Line() for _ in self.texts]
        self.frames: list[_Frame] = []
        self.flows: list[tuple[int, int]] = []
        self.keeps_end = False
        self._read(text)
        self.comments = [c for i in range(len(self.texts)) if (c := self._comment(i))]

    # --- reading -----------------------------------------------------------------------------

    def _read(self, text: str) -> None:
        before: Any = None
        dash: tuple[int, int] | None = None
        for token in _tokens(text):
            at = (token.start_mark.line, token.start_mark.column)
            if isinstance(token, yaml.BlockMappingStartToken | yaml.BlockSequenceStartToken):
                kind = "map" if isinstance(token, yaml.BlockMappingStartToken) else "seq"
                self._push(kind, at[1])
            elif isinstance(token, yaml.BlockEndToken):
                self._drop_loose()
                self.frames.pop()
            elif isinstance(token, yaml.KeyToken):
                if not self.flows:
                    self._drop_loose()
                if token.end_mark.index > token.start_mark.index:
                    raise ChatopsError(
                        f"line {at[0] + 1} has a key behind `?`, which is left alone",
                        hint="write it as `key: value`",
                    )
            elif token.end_mark.index > token.start_mark.index:
                if isinstance(token, yaml.BlockEntryToken) and (
                    not self.frames or self.frames[-1].kind != "seq"
                ):
                    self._push("seq", at[1], loose=True)
                if dash is not None and dash[0] == at[0]:
                    self.lines[at[0]].edits.append((dash[1] + 1, at[1], " "))
                dash = at if isinstance(token, yaml.BlockEntryToken) else None
                self._token(token, at, before)
            before = token

    def _push(self, kind: str, old: int, *, loose: bool = False) -> None:
        new = self.frames[-1].new + STEP if self.frames else 0
        self.frames.append(_Frame(kind, old, new, loose))

    def _drop_loose(self) -> None:
        while self.frames and self.frames[-1].loose:
            self.frames.pop()

    def _token(self, token: Any, at: tuple[int, int], before: Any) -> None:
        line = self.lines[at[0]]
        inside = self.frames[-1].new if self.frames else -STEP
        is_key = isinstance(before, yaml.KeyToken)
        if line.first is None:
            line.first = at[1]
            line.flow = self.flows[-1] if self.flows else None
            own = is_key or isinstance(token, yaml.BlockEntryToken)
            line.new = max(0, inside if own else inside + STEP)
        line.frames = tuple(self.frames)
        end = (token.end_mark.line, token.end_mark.column)
        if isinstance(token, _OPEN):
            self.flows.append(at)
        elif isinstance(token, _SHUT):
            self.flows.pop()
        elif isinstance(token, yaml.ScalarToken):
            if token.style in ("|", ">"):
                self._literal(token, at, end, max(inside, 0) if self.frames else 0)
                return
            if token.plain and end[0] == at[0]:
                self._plain(token.value, at, end, is_key)
            for i in range(at[0] + 1, end[0] + 1):
                self.lines[i].body = (at[0], at[1])
                self.lines[i].frames = tuple(self.frames)
        self.lines[end[0]].end = max(self.lines[end[0]].end, end[1])
        if end[0] > at[0]:
            line.end = len(self.texts[at[0]])

    def _plain(self, text: str, at: tuple[int, int], end: tuple[int, int], is_key: bool) -> None:
        """Text without quotes: as every reader of YAML takes it."""
        new = None
        value = resolve(text)
        if is_key:
            new = quote(text) if text != "<<" and is_trap(text) else None
        elif isinstance(value, bool) or type(value) is int:
            new = scalar(value)
        elif isinstance(value, str) and is_trap(text):
            new = quote(text)
        if new is not None and new != text:
            self.lines[at[0]].edits.append((at[1], end[1], new))

    def _literal(self, token: Any, at: tuple[int, int], end: tuple[int, int], inside: int) -> None:
        header = self.texts[at[0]][at[1] :].split("#")[0]
        line = self.lines[at[0]]
        line.end = at[1] + len(header.rstrip(" \t"))
        last = end[0] if end[1] == 0 else end[0] + 1
        body = range(at[0] + 1, min(last, len(self.texts)))
        said = re.search(r"[1-9]", header)
        if said is not None:
            # It counts from the block around it, which a loose list is not.
            around = next((f.old for f in reversed(self.frames) if not f.loose), 0)
            old, new = around + int(said[0]), inside + int(said[0])
        else:
            full = [t for i in body if (t := self.texts[i]).strip(" ")]
            old = len(full[0]) - len(full[0].lstrip(" ")) if full else 0
            new = inside + STEP
        for i in body:
            self.lines[i].literal = (old, new)
        self.keeps_end = "+" in header

    def _comment(self, i: int) -> str:
        line = self.lines[i]
        if line.literal is not None or (line.body is not None and line.end == 0):
            return ""
        rest = self.texts[i][line.end :].strip(" \t")
        return rest if rest.startswith("#") else ""

    # --- writing -----------------------------------------------------------------------------

    def run(self) -> str:
        out: list[str] = []
        empty = True
        for i, text in enumerate(self.texts):
            line = self.lines[i]
            if line.literal is not None:
                out.append(self._shifted(text, *line.literal))
                empty = False
                continue
            made = self._written(i)
            if made or line.body is not None or not empty:
                out.append(made)
            empty = not made and line.body is None
        if self.lines[-1].literal is not None:
            # A block of text that ends with the file and without a line end: that is its text.
            return "\n".join(out)
        if self.keeps_end and self.lines[-2].literal is not None:
            return "\n".join(out[:-1] if not out[-1] else out) + "\n"
        while out and not out[-1].strip(" "):
            out.pop()
        return "\n".join(out) + "\n"

    def _shifted(self, text: str, old: int, new: int) -> str:
        if not text.strip(" "):
            return " " * new + text[old:] if len(text) > old else ""
        return " " * new + text[old:]

    def _written(self, i: int) -> str:
        line, text = self.lines[i], self.texts[i]
        comment = self._comment(i)
        if not text.strip(" \t"):
            return ""
        if line.first is None and line.body is None:
            if not comment:
                return text.rstrip(" \t")
            return " " * self._comment_column(i) + comment
        start = len(text) - len(text.lstrip(" \t"))
        if not comment and (line.end == 0 or line.end >= len(text.rstrip(" \t"))):
            content = self._edited(line, text, start, len(text))
            # The last line of a text in quotes ends with its quote; in the others blanks are kept,
            # since a blank behind a backslash is more than that.
            goes_on = i + 1 < len(self.lines) and self.lines[i + 1].body is not None
            content = content if goes_on else content.rstrip(" \t")
        else:
            content = self._edited(line, text, start, line.end)
        made = " " * self._column(i) + content
        if not comment:
            return made
        column = text.index(comment, line.end) if line.end else len(text) - len(comment)
        return made.rstrip(" \t") + " " * max(2, column - len(made.rstrip(" \t"))) + comment

    def _edited(self, line: _Line, text: str, start: int, end: int) -> str:
        for begin, stop, new in sorted(line.edits, reverse=True):
            text = text[:begin] + new + text[stop:]
            end += len(new) - (stop - begin)
        return text[start:end]

    def _column(self, i: int) -> int:
        """Where the line begins now."""
        line = self.lines[i]
        least = line.frames[-1].new + 1 if line.frames else 0
        if line.body is not None:
            lead = len(self.texts[i]) - len(self.texts[i].lstrip(" \t"))
            return max(least, lead + self._moved(*line.body))
        if line.flow is not None and line.first is not None:
            return max(least, line.first + self._moved(*line.flow))
        return line.new

    def _moved(self, i: int, column: int) -> int:
        """How far what stood there has gone to the right."""
        line = self.lines[i]
        first = len(self.texts[i]) - len(self.texts[i].lstrip(" \t"))
        grown = sum(len(new) - (b - a) for a, b, new in line.edits if b <= column)
        return self._column(i) - first + grown

    def _comment_column(self, i: int) -> int:
        """A comment of its own line stands where what it is about stands: mostly the next line."""
        column = len(self.texts[i]) - len(self.texts[i].lstrip(" \t"))
        below = self._near(range(i + 1, len(self.lines)))
        above = self._near(range(i - 1, -1, -1))
        bracket = self.lines[below].flow if below is not None else None
        if bracket is not None:
            return max(0, column + self._moved(*bracket))
        for near in (below, above):
            if near is None:
                continue
            line = self.lines[near]
            if line.first == column:
                return self._column(near)
            for frame in reversed(line.frames):
                if frame.old == column:
                    return frame.new
        if below is not None:
            return self._column(below)
        return 0

    def _near(self, lines: range) -> int | None:
        return next((i for i in lines if self.lines[i].first is not None), None)


def _tokens(text: str) -> Iterator[Any]:
    try:
        yield from yaml.scan(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        # The scanner in C lets some tabs pass that this one refuses.
        mark = error.problem_mark
        raise ChatopsError(
            f"line {mark.line + 1 if mark else 1} is not as YAML wants it",
            hint="put spaces in the place of tabs",
        ) from None


def _meaning(text: str) -> Any:
    """What a file says, with the types of its values and its anchors unfolded."""
    findings = Findings()
    root = compose(text, "", findings, empty="")
    if findings.errors or root is None:
        return [f.message for f in findings]
    return _typed(root)


def _typed(node: Node) -> Any:
    if isinstance(node, Mapping):
        return {key: _typed(value) for key, (_, value) in node.pairs.items()}
    if isinstance(node, Sequence):
        return [_typed(item) for item in node.items]
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, Odd):
        return ("odd", value.what, node.text if isinstance(node, Scalar) else "")
    return (type(value).__name__, value)

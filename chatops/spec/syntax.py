"""What is wrong with text that is not YAML, in plain words."""

import re
from typing import Any, Final

import yaml

from chatops.errors import Place
from chatops.spec.files import Findings

__all__ = ["explain_syntax", "refuse_tabs"]

_PLAIN_WORDS: Final = (
    (r"mapping values are not allowed", "a colon where none can be", "colon"),
    (r"could not find expected ':'|could not find expected ':'", "a line without a colon", "line"),
    (r"did not find expected ',' or '\]'|expected ',' or '\]'", "a [ that is not closed", "open"),
    (r"did not find expected ',' or '\}'|expected ',' or '\}'", "a {{ that is not closed", "open"),
    (r"unexpected end of stream", "a quote that is not closed", "close"),
    (r"unknown escape character", "an escape that YAML does not know", "escape"),
    (r"invalid Unicode character escape", "an escape that is no character", "escape"),
    (r"expected (alphabetic|the expected alpha)|expected alphabetic", "a bare & or *", "star"),
    (r"undefined tag handle|expected '>'|expected the '!'", "a tag that makes no sense", "quote"),
    (r"cannot start any token", "a character that no text begins with", "quote"),
    (r"sequence entries are not allowed", "a list item where none can be", "item"),
    (r"expected '-' indicator|but found '\?'", "a key among the items of a list", "indent"),
    (r"expected key|expected <block end>", "a line that does not fit those above", "indent"),
    (r"node content", "a value is wanted here", "quote"),
    (r"incompatible YAML", "a version of YAML that is not 1.1 or 1.2", ""),
)
_HINTS: Final = {
    "colon": 'text with ": " inside needs quotes: "On duty: 112"',
    "line": "write `key: value`",
    "close": "it begins here",
    "star": 'text that begins with * or & needs quotes: "*important*"',
    "open": "it begins here; close it, or put a comma where one is missing",
    "escape": "in single quotes a backslash is just a backslash: 'C:\\chat'",
    "quote": "put the text into quotes",
    "item": "begin the list in the next line",
    "indent": "look at the indentation: keys of one block begin in the same column",
    "": "",
}
_VALUE: Final = re.compile(r"[\[{,]\s*([\w.-]+):\s+([^\"'\[\]{},\s][^\"\[\]{},]*)$")
"""A key with a value that has no quotes, up to where the parser stopped."""


def explain_syntax(error: yaml.MarkedYAMLError, text: str, file: str, findings: Findings) -> None:
    """Say in plain words what the parser stumbled over."""
    problem = error.problem or "not YAML"
    words, hint = problem, ""
    inside = _colon_inside(text, error.problem_mark)
    for pattern, plain, name in _PLAIN_WORDS:
        if re.search(pattern, problem):
            words, hint = plain.replace("{{", "{"), _HINTS[name]
            if name == "open" and inside is not None:
                words, hint, error.problem_mark = inside
            elif name in ("open", "close"):
                error.problem_mark = error.context_mark or error.problem_mark
            break
    mark = error.problem_mark or error.context_mark
    if re.search(r"node content|expected key|<block end>", problem):
        bracket = _bracket(text, mark)
        if bracket is not None:
            words, hint, mark = bracket
    place = Place(file, 1) if mark is None else Place(file, mark.line + 1, mark.column + 1)
    lines = text.split("\n")
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        findings.error(
            "yaml-tab",
            Place(file, place.line, line.index("\t") + 1),
            "",
            "the line is indented with a tab",
            "YAML is indented with spaces",
        )
        return
    if words == _PLAIN_WORDS[0][1] and re.fullmatch(r"[\s\w.-]+", line[: place.column - 1]):
        # The key in this line is fine: the text above has swallowed it.
        words, hint = "the line above is no `key: value`", _HINTS["line"]
    findings.error("yaml-syntax", place, "", f"not YAML: {words}", hint)


def _colon_inside(text: str, mark: Any) -> tuple[str, str, Any] | None:
    """Whether a bare value among brackets goes on behind a colon: `{topic: Now: read}`."""
    lines = text.split("\n")
    line = lines[mark.line] if mark is not None and mark.line < len(lines) else ""
    found = _VALUE.search(line[: mark.column]) if line[mark.column :][:1] == ":" else None
    if found is None:
        return None
    # The value is not shown: it may be a secret.
    hint = f'write {found[1]}: "…", or put a comma where one is missing'
    back = mark.column - found.start(2)
    start = yaml.Mark(mark.name, mark.index - back, mark.line, found.start(2), None, 0)
    return "a value with `: ` in it needs quotes", hint, start


def refuse_tabs(text: str, file: str, findings: Findings) -> None:
    """Refuse the tabs that only some parsers of YAML take, so that the file is one for all."""
    try:
        for _ in yaml.scan(text, Loader=yaml.SafeLoader):
            pass
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        if mark is not None and "\\t" in (error.problem or ""):
            findings.error(
                "yaml-tab",
                Place(file, mark.line + 1, mark.column + 1),
                "",
                "a tab, where YAML wants blanks",
                "put a space in its place",
            )


def _bracket(text: str, mark: Any) -> tuple[str, str, Any] | None:
    """Whether a bracket without its other half is what is wrong there."""
    lines = text.split("\n")
    here = lines[mark.line][mark.column :][:1] if mark and mark.line < len(lines) else ""
    open_ones: list[tuple[str, Any]] = []
    try:
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            if mark and (token.start_mark.line, token.start_mark.column) >= (
                mark.line,
                mark.column,
            ):
                break
            if isinstance(token, yaml.FlowSequenceStartToken | yaml.FlowMappingStartToken):
                open_ones.append(("[" if token.id == "[" else "{", token.start_mark))
            elif isinstance(token, yaml.FlowSequenceEndToken | yaml.FlowMappingEndToken):
                del open_ones[-1:]
    except yaml.YAMLError:
        pass
    if open_ones:
        sign, start = open_ones[-1]
        return f"a {sign} that is not closed", _HINTS["open"], start
    if here in ("]", "}"):
        sign = "[" if here == "]" else "{"
        return f"a {here} without its {sign}", f"take it out, or write the {sign}", mark
    return None

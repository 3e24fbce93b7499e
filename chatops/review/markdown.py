"""A plan as a comment under a pull request: Markdown that nobody's text can bend.

Everything that is not a word of ours stands in code, inline or in a fence: there GitHub and GitLab
make no link, no mention, no issue number and no HTML of it (GitHub Flavored Markdown, 4.5 and 6.1;
mentions are filtered in text, not in `code`). A fence is longer than any run of its sign inside.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from chatops.core.plan import PlanView
from chatops.errors import Finding
from chatops.review.lines import Row, clean, plan_rows, plan_summary
from chatops.secrets import redactor
from chatops.spec.text import findings_text

__all__ = ["MOST", "plan_markdown"]

MOST: Final = 65_000
"""Bytes. GitHub refuses a comment of more than 65,536 characters."""

_LONG: Final = 25
"""Lines; more than this are folded away."""
_STEPS: Final = (500, 200, 100, 50, 20, 10, 5, 2, 0)
_LONGEST: Final = 300
_ORDER: Final = ("?", "!")
_WORDS: Final = {
    "?": "on the server, not in the file",
    "!": "noted",
}
# In a diff an update has a colour of its own when its line begins with !.
_SIGNS: Final = {"~": "!", "!": "#", "?": "#"}


def plan_markdown(view: PlanView, findings: Sequence[Finding] = ()) -> str:
    """The plan as a comment, not longer than `MOST` bytes.

    It begins with an HTML comment that names the environment, by which a pipeline finds the
    comment that it wrote the last time. What is too long is cut in the longest lists first.
    """
    groups = _groups(view)
    for most in (max((len(lines) for _, lines in groups), default=0), *_STEPS):
        text = redactor.clean(_written(view, groups, findings, most))
        if len(text.encode()) <= MOST:
            break
    return text


def _written(
    view: PlanView, groups: list[tuple[str, list[str]]], findings: Sequence[Finding], most: int
) -> str:
    parts = [
        f"<!-- chatops plan {re.sub(r'[^A-Za-z0-9._-]', '_', view.environment)} -->",
        f"### chatops: {plan_summary(view).removeprefix('Plan: ')}",
        f"{_code(f'{view.platform} {view.release} ({view.edition})')} at {_code(view.url)}, "
        f"environment {_code(view.environment)}",
    ]
    few = max(3, min(most, 50))
    if view.refusals:
        parts.append(_listed("> **Refused:** ", view.refusals, few))
    general = [note.message for note in view.notes if not note.key]
    if general:
        parts.append(_listed("> Note: ", general, few))
    for title, lines in groups:
        parts.append(_folded(title, lines, most))
    if findings:
        remarks = findings_text(findings).rstrip("\n").split("\n")
        parts.append(_folded(f"remarks on the file: {remarks[-1]}", remarks[:-1], most, fold=True))
    only = f", only {', '.join(map(_code, view.only))}" if view.only else ""
    parts.append(f"<sub>plan {_code(view.digest[:12])}{only}</sub>")
    return "\n\n".join(parts) + "\n"


def _groups(view: PlanView) -> list[tuple[str, list[str]]]:
    """A title and its lines for each kind of thing, then what is no change."""
    changes: dict[str, list[Row]] = {}
    others: dict[str, list[Row]] = {}
    for row in plan_rows(view, everything=True):
        if row.sign in _ORDER:
            others.setdefault(row.sign, []).append(row)
        else:
            changes.setdefault(row.kind, []).append(row)
    found = [(f"{kind}: {_counted(rows)}", _diff(rows)) for kind, rows in changes.items()]
    for sign in _ORDER:
        if sign in others:
            rows = others[sign]
            found.append((f"{_WORDS[sign]}: {len(rows)}", _diff(rows, what=True)))
    return found


def _counted(rows: Sequence[Row]) -> str:
    words = (("+", "new"), ("~", "changed"), ("-", "taken away"))
    counts = [(sum(row.sign == sign for row in rows), word) for sign, word in words]
    return ", ".join(f"{n} {word}" for n, word in counts if n)


def _diff(rows: Sequence[Row], *, what: bool = False) -> list[str]:
    width = min(44, max(len(row.what if what else row.name) for row in rows))
    lines = []
    for row in rows:
        place = f"  ({row.place})" if row.place else ""
        name = row.what if what else row.name
        line = f"{_SIGNS.get(row.sign, row.sign)} {name:<{width}}  {row.detail}".rstrip() + place
        lines.append(line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…")
    return lines


def _folded(title: str, lines: Sequence[str], most: int, *, fold: bool = False) -> str:
    """A fence with these lines; folded away when it is long."""
    shown = [*lines[:most]]
    rest = len(lines) - len(shown)
    body = _fence([clean(line) for line in shown]) if shown else ""
    if rest:
        more = f"and {rest:,} more: `chatops plan` shows all"
        body = f"{body}\n\n{more}" if body else more
    if fold or len(shown) > _LONG:
        return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"
    return f"**{title}**\n\n{body}"


def _fence(lines: Sequence[str]) -> str:
    text = "\n".join(lines)
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}diff\n{text}\n{fence}"


def _code(text: str) -> str:
    """Inline code: one line, in more back-ticks than it holds in a row."""
    text = clean(text)
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    ticks = "`" * (_longest_run(text) + 1)
    space = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return f"{ticks}{space}{text or ' '}{space}{ticks}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _listed(start: str, texts: Iterable[str], most: int) -> str:
    """One line each, every one of them a paragraph of the same quotation."""
    lines = [f"{start}{_code(text)}" for text in texts]
    rest = len(lines) - most
    if rest > 0:
        lines = [*lines[:most], f"> and {rest:,} more"]
    return "\n>\n".join(lines)

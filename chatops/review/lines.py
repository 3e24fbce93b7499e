"""A plan as rows, and as the text that a terminal shows: what, detail, where in the file."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from chatops.core.plan import HIDDEN, ChangeView, FieldView, NoteKind, PlanView
from chatops.platforms.base import Action

__all__ = ["Row", "clean", "plan_rows", "plan_summary", "plan_text"]

_SIGNS: Final = {Action.CREATE: "+", Action.UPDATE: "~", Action.REMOVE: "-"}
_LONGEST: Final = 60
_FEW: Final = 5
_MANY: Final = 10


class Row(NamedTuple):
    """One line of a plan. `sign`: + - ~ for changes, ? for what is not in the file, ! for notes."""

    sign: str
    kind: str
    name: str
    detail: str
    place: str = ""

    @property
    def what(self) -> str:
        """Kind and name."""
        return f"{self.kind} {self.name}" if self.name else self.kind


def plan_text(view: PlanView, *, everything: bool = False, width: int | None = None) -> str:
    """A plan as it is printed: what, detail, where it stands in the file; one summary line.

    Many unmanaged things of a kind become one line, unless `everything` is wanted. `width`: the
    columns of the terminal that shows it; details are cut so that a line fits.
    """
    rows = [(r.sign, r.what, r.detail, r.place) for r in plan_rows(view, everything=everything)]
    name_width = _name_width(rows)
    detail_width = min(_LONGEST, max((len(r[2]) for r in rows if r[3]), default=0))
    if width is not None:
        places = max((len(r[3]) for r in rows), default=0)
        most = max(16, width - _name_width(rows) - places - 8)
        detail_width = min(detail_width, most)
        rows = [(s, n, _cut(d, most), p) for s, n, d, p in rows]
    lines = [f"{view.platform} {view.release} ({view.edition}) at {view.url}"]
    lines += [f"  ! {n.message}" for n in view.notes if not n.key]
    for sign, name, detail, place in rows:
        line = f"  {sign} {name:<{name_width}}  {detail:<{detail_width if place else 0}}  {place}"
        lines.append(line.rstrip())
    lines += [f"  refused: {text}" for text in view.refusals]
    if view.changes or not view.refusals:
        lines.append(plan_summary(view))
    # A plan is a line for each: whatever a server says of itself begins none.
    return "\n".join(map(clean, lines))


def _name_width(rows: Sequence[tuple[str, str, str, str]]) -> int:
    """How wide the column of names is."""
    return min(44, max((len(r[1]) for r in rows), default=0))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def plan_summary(view: PlanView) -> str:
    """The one line that says it all."""
    if view.refusals and not view.changes:
        # What was asked for was never looked at: the server may well differ.
        return "refused"
    if not view.changes:
        return f"no changes: {_things(view.unchanged)} as the file says"
    counts = view.counts()
    words = ", ".join(f"{n} to {word}" for word, n in _ordered(counts.items()))
    return f"Plan: {words}, {view.unchanged} unchanged"


def plan_rows(view: PlanView, *, everything: bool = False) -> list[Row]:
    """The changes and the notes about things, as lines.

    Many unmanaged things of a kind become one line, unless `everything` is wanted.
    """
    rows = [_change_row(c) for c in view.changes]
    strange: dict[str, list[tuple[str, str]]] = {}
    for note in view.notes:
        kind, _, name = note.key.partition(":")
        if note.kind is NoteKind.UNMANAGED:
            strange.setdefault(kind, []).append((clean(name), clean(note.message)))
        elif note.key:
            rows.append(Row("!", kind, clean(name), clean(note.message)))
    for kind, pairs in strange.items():
        names = [name for name, _ in pairs]
        if len(names) > _MANY and not everything:
            some = ", ".join(names[:_FEW])
            text = f"on the server, not in the file: {some}, … (-v shows all)"
            rows.append(Row("?", f"{len(names)} {kind}s", "", text))
        else:
            rows += [Row("?", kind, n, text) for n, text in pairs]
    return rows


def _change_row(change: ChangeView) -> Row:
    kind, name = change.kind.value, clean(change.name)
    if change.action is Action.REMOVE or change.word in ("deactivate", "archive"):
        return Row("-", kind, name, change.word, clean(change.place))
    if change.word in ("activate", "restore"):
        return Row("+", kind, name, change.word, clean(change.place))
    if change.action is Action.CREATE:
        shown = [_created(f) for f in change.fields]
    else:
        shown = [_field(f) for f in change.fields]
        if change.renamed_from:
            shown = [f"renamed from {clean(change.renamed_from)}", *shown[1:]]
    detail = ", ".join(s for s in shown if s)
    return Row(_SIGNS[change.action], kind, name, detail, clean(change.place))


def _created(f: FieldView) -> str:
    """Of a new thing only what a reader would ask: who, and what is not as usual."""
    if f.added or f.removed:
        label = "" if f.name == "members" else f"{f.name} "
        return label + _sets(f)
    if f.name in ("email", "title"):
        return _short(f.new, quote=False)
    if f.name == "private":
        return "private" if f.new else ""
    if f.name == "open":
        return "open" if f.new else "by invitation"
    if f.name == "posting":
        return "only its leads write" if f.new == "leads" else ""
    if f.name == "default":
        return "newcomers come in" if f.new else ""
    if f.name == "archived":
        return "archived" if f.new else ""
    return ""


def _field(f: FieldView) -> str:
    if f.added or f.removed:
        return _sets(f) if f.name == "members" else f"{f.name} {_sets(f)}"
    label = "" if f.name == "value" else f"{f.name}: "
    if f.old == f.new == HIDDEN:
        return f"{label}another value {HIDDEN}"
    return f"{label}{_short(f.old)} → {_short(f.new)}"


def _sets(f: FieldView) -> str:
    parts = []
    for sign, names in (("+", f.added), ("−", f.removed)):
        if names:
            some = ", ".join(names[:_FEW]) + (", …" if len(names) > _FEW else "")
            parts.append(f"{sign}{len(names)} ({clean(some)})")
    return " ".join(parts)


def _short(value: Any, *, quote: bool = True) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return clean(", ".join(map(str, value))) or "nothing"
    if not isinstance(value, str):
        return str(value)
    if value == HIDDEN:
        return value
    text = value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"
    return clean(json.dumps(text, ensure_ascii=False) if quote else text)


def clean(text: str) -> str:
    """Text of a server or a file with nothing in it that a terminal would obey."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def _things(count: int) -> str:
    return "1 thing is" if count == 1 else f"{count} things are"


def _ordered(counts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    order = ("create", "restore", "activate", "update", "archive", "deactivate", "delete")
    return sorted(counts, key=lambda item: order.index(item[0]) if item[0] in order else 9)

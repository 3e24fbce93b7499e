"""The support table: what each platform, edition and version holds, from their own facts. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chatops.core.features import FEATURES, feature_of_key
from chatops.errors import UsageError
from chatops.platforms.base import Can, Cap, Facts, Platform, Release, Support
from chatops.resources import Setting
from chatops.spec.keys import nearest
from chatops.spec.language import About, every_key, key_meant, paths_by_words

__all__ = [
    "HEEDED_BY_US",
    "Column",
    "Row",
    "columns",
    "features_of",
    "find",
    "rows",
    "rows_of",
    "table_json",
    "table_text",
    "together",
    "told",
]

HEEDED_BY_US = "chatops itself or the installation heeds it, on every one"
"""What is said of a key of which no platform has to hold anything."""
_WORD = 2
"""So many dots has `permission.post.pin`."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One edition of one version of a platform."""

    platform: str
    version: str
    edition: str
    facts: Facts

    @property
    def name(self) -> str:
        """`mattermost 11.7 team`."""
        return f"{self.platform} {self.version} {self.edition}"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One feature, and what each column says of it."""

    feature: str
    cells: tuple[Support, ...]
    words: tuple[str, ...] = ()
    """What stands in the table, where it is not yes or no: a number of people."""

    @property
    def detail(self) -> bool:
        """Whether it tells one role of a permission: a row of its own says it as a whole."""
        return self.feature.startswith("permission.") and self.feature.count(".") > _WORD

    @property
    def plain(self) -> bool:
        """Whether everybody simply holds it."""
        return all(c.can is Can.YES and not c.note for c in self.cells)


def columns(
    platforms: Iterable[Platform], *, version: str | None = None, edition: str | None = None
) -> tuple[Column, ...]:
    """The editions of each platform, in the version said or the usual one."""
    found = []
    for platform in platforms:
        text = version or platform.default_version
        numbers = tuple(int(part) for part in text.split("."))
        usual = platform.facts(Release(numbers, platform.default_edition))
        for name in usual.editions:
            if edition in (None, name):
                facts = platform.facts(Release(numbers, name))
                found.append(
                    Column(platform=platform.name, version=text, edition=name, facts=facts)
                )
    return tuple(found)


def rows(shown: Sequence[Column]) -> tuple[Row, ...]:
    """Every feature, the settings last."""
    settings = dict.fromkeys(
        f"setting.{x.resource.name}"
        for column in shown
        for x in column.facts.pristine
        if isinstance(x.resource, Setting)
    )
    for column in shown:
        settings |= dict.fromkeys(f for f in column.facts.support if f.startswith("setting."))
    # What depends on more than the feature: a permission that only some roles can be given.
    deeper = {f for c in shown for f in c.facts.support if f.startswith("permission.")}
    known = [*FEATURES, *sorted(deeper - set(FEATURES))]
    return _caps(shown) + tuple(
        Row(feature=feature, cells=tuple(c.facts.cell(feature) for c in shown))
        for feature in (*known, *sorted(settings))
    )


def _caps(shown: Sequence[Column]) -> tuple[Row, ...]:
    """How many of a kind there may be, where some edition has a limit."""
    caps = [{r.kind: r for r in c.facts.rules if isinstance(r, Cap)} for c in shown]
    return tuple(
        Row(
            feature=kind.value,
            cells=tuple(
                Support(Can.YES, f"{c[kind].why}; {c[kind].hint}".rstrip("; "))
                if kind in c
                else Support(Can.YES)
                for c in caps
            ),
            words=tuple(f"≤ {c[kind].most:,}" if kind in c else "yes" for c in caps),
        )
        for kind in dict.fromkeys(k for c in caps for k in c)
    )


def together(table: Iterable[Row]) -> tuple[Row, ...]:
    """The same with one row for a kind, or a block of settings, of which all is held alike."""
    table = tuple(table)
    can = {r.feature: [c.can for c in r.cells] for r in table}
    table = tuple(r for r in table if can.get(r.feature.rpartition(".")[0]) != can[r.feature])
    by_kind: dict[str, list[Row]] = {}
    for row in table:
        kind = row.feature.partition(".")[0]
        by_kind.setdefault(row.feature if kind == "setting" else kind, []).append(row)
    found: list[Row] = []
    for kind, group in by_kind.items():
        alike = len(group) > 1 and len({r.cells for r in group}) == 1 and not group[0].words
        found += [replace(group[0], feature=kind)] if alike else group
    return tuple(found)


def find(word: str, shown: Sequence[Column]) -> tuple[Row, ...]:
    """The rows that a feature, a kind, or a key of the company file means.

    None for a key of which no platform has to hold anything. Raises UsageError for no such word.
    """
    table = rows(shown)
    asked = word.casefold()
    found = tuple(r for r in table if f"{r.feature}.".casefold().startswith(f"{asked}."))
    if found:
        return found
    key = key_meant(word)
    if key is not None:
        return rows_of(key, shown)
    kinds = dict.fromkeys(r.feature.partition(".")[0] for r in table)
    near = nearest(word, [*kinds, *(r.feature for r in table), *paths_by_words()])
    raise UsageError(
        f"no feature or key is named {word}",
        hint=f"did you mean `{near}`?" if near else "`chatops platforms --all` lists them",
    )


def features_of(key: About) -> tuple[str, ...]:
    """The features that a key asks for: a block those of everything below it."""
    feature = feature_of_key(key.path)
    if feature is not None or not key.below:
        return (feature,) if feature else ()
    known = every_key()
    below = (features_of(known[f"{key.inside}.{name}"]) for name in key.below)
    return tuple(dict.fromkeys(f for features in below for f in features))


def rows_of(key: About, shown: Sequence[Column]) -> tuple[Row, ...]:
    """The rows that tell of a key; none where chatops itself or the installation heeds it."""
    found: dict[str, Row] = {}
    table = rows(shown)
    for feature in features_of(key):
        told_of = [r for r in table if r.feature == feature and not key.below]
        told_of = told_of or [r for r in table if f"{r.feature}.".startswith(f"{feature}.")]
        if not told_of:
            # A cell above it speaks for it.
            told_of = [
                Row(feature=feature, cells=tuple(column.facts.cell(feature) for column in shown))
            ]
        found |= {row.feature: row for row in told_of}
    return tuple(found.values())


def table_text(shown: Sequence[Column], table: Iterable[Row]) -> str:
    """The table as text: a line for a feature, a word for each edition."""
    table = tuple(table)
    width = max((len(r.feature) for r in table), default=7)
    cells = [max(len(c.edition), 8) for c in shown]
    top = " " * width
    before = ""
    for column, size in zip(shown, cells, strict=True):
        title = f"{column.platform} {column.version}"
        top += "  " + (title if title != before else "").ljust(size)
        before = title
    lines = [top.rstrip(), _line("", [c.edition for c in shown], width, cells)]
    lines += [
        _line(r.feature, list(r.words or (c.can.value for c in r.cells)), width, cells)
        for r in table
    ]
    return "\n".join(lines)


def _line(name: str, words: Sequence[str], width: int, cells: Sequence[int]) -> str:
    row = (w.ljust(size) for w, size in zip(words, cells, strict=True))
    return f"{name:<{width}}  {'  '.join(row)}".rstrip()


def told(shown: Sequence[Column], table: Iterable[Row]) -> str:
    """Each feature with what happens and how we know, alike editions in one line."""
    lines: list[str] = []
    for row in table:
        lines.append(row.feature)
        words = row.words or tuple(c.can.value for c in row.cells)
        groups: dict[tuple[str, Support], list[Column]] = {}
        for column, word, cell in zip(shown, words, row.cells, strict=True):
            groups.setdefault((word, cell), []).append(column)
        for (word, cell), group in groups.items():
            lines.append(f"  {_names(group)}: {word}")
            lines += [f"    {text}" for text in (cell.note, _source(cell)) if text]
    return "\n".join(lines)


def _source(cell: Support) -> str:
    return f"source: {cell.source}" if cell.source else ""


def _names(group: Sequence[Column]) -> str:
    by_release: dict[str, list[str]] = {}
    for column in group:
        by_release.setdefault(f"{column.platform} {column.version}", []).append(column.edition)
    return "; ".join(f"{release} {', '.join(names)}" for release, names in by_release.items())


def table_json(shown: Sequence[Column], table: Iterable[Row]) -> list[Mapping[str, Any]]:
    """The table as plain data: one object for each cell."""
    return [
        {
            "feature": row.feature,
            "platform": column.platform,
            "version": column.version,
            "edition": column.edition,
            "can": cell.can.value,
            "note": cell.note,
            "source": cell.source,
        }
        for row in table
        for column, cell in zip(shown, row.cells, strict=True)
    ]

"""People from a CSV file: one row, one person, as if they stood under `users`."""

from pathlib import Path as FilePath
from typing import Final

from chatops.errors import Place
from chatops.spec.files import Findings, read_text
from chatops.spec.keys import OTHER_WORDS, nearest
from chatops.spec.nodes import Mapping, Node, Scalar, Sequence, SourceMap
from chatops.spec.text import quoted

__all__ = ["COLUMNS", "splice_people"]

COLUMNS: Final = (
    *("username", "name", "email", "title", "teams", "roles", "active"),
    *("locale", "timezone"),
)
MOST_COLUMNS: Final = 100
"""Cells beyond are not looked at."""
MOST_ROWS: Final = 100_000
_LISTS: Final = frozenset({"teams", "roles"})
_ACTIVE: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def splice_people(root: Node, spec: FilePath, places: SourceMap, findings: Findings) -> None:
    """Put the rows of each `- from: people.csv` under users into its place."""
    users = root.get("users") if isinstance(root, Mapping) else None
    if not isinstance(users, Sequence):
        return
    spliced: list[Node] = []
    for i, item in enumerate(users.items):
        source = item.get("from") if isinstance(item, Mapping) else None
        if source is None:
            spliced.append(item)
        else:
            spliced.extend(_entry(item, source, i, spec, places, findings))
    users.items[:] = spliced


def _entry(
    item: Node, source: Node, i: int, spec: FilePath, places: SourceMap, findings: Findings
) -> list[Node]:
    text, place = f"users[{i}].from", places.place(("users", i, "from"))
    for key in item.pairs if isinstance(item, Mapping) else ():
        if key != "from":
            findings.error(
                "people-from",
                places.key_place(("users", i, key)),
                f"users[{i}].{key}",
                "`from` stands alone: the people and all about them are in that file",
                "begin a new entry with `- username:` for a single person",
            )
    name = source.value if isinstance(source, Scalar) else None
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        if not source.broken:
            findings.error(
                "people-from", place, text, "the name of a file is wanted", "such as people.csv"
            )
        return []
    path = spec.parent / name
    try:
        content = read_text(path, str(path), findings)
    except (OSError, ValueError) as error:
        missing = isinstance(error, FileNotFoundError)
        why = getattr(error, "strerror", None) or "no file can have this name"
        findings.error(
            "people-file",
            place,
            text,
            f"there is no file {path}" if missing else f"cannot read {path}: {why}",
            "the name is taken from the folder of the company file" if missing else "",
        )
        return []
    return [] if content is None else _Table(content, str(path), findings).people()


class _Table:
    def __init__(self, content: str, file: str, findings: Findings) -> None:
        # Only these three end a line; str.splitlines would take a dozen more.
        self.lines = content.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self.file = file
        self.findings = findings
        self.at = 0

    def people(self) -> list[Node]:
        """A node for each row."""
        while self.at < len(self.lines) and not self.lines[self.at].strip():
            self.at += 1
        if self.at == len(self.lines):
            self._error("csv-header", 1, 1, "the file is empty", f"it begins {','.join(COLUMNS)}")
            return []
        top = self.at + 1
        self.delimiter = max(",;\t", key=self.lines[self.at].count)
        columns = self._header(self._row(), top)
        if columns is None:
            return []
        people: list[Node] = []
        while self.at < len(self.lines):
            line = self.at + 1
            if len(people) > MOST_ROWS:
                self._error(
                    "csv-rows",
                    line,
                    1,
                    f"more than {MOST_ROWS:,} people in one file",
                    "is it the right file?",
                )
                return []
            if self.findings.full:
                self._error("csv-cells", line, 1, "the rest is not read")
                break
            if not self.lines[self.at].strip():
                self.at += 1
                continue
            cells = self._row()
            if cells is None:
                break
            if len(cells) != len(columns):
                self._wrong_count(cells, columns, line)
                continue
            people.append(self._person(columns, cells, line))
        return people

    def _header(self, cells: list[tuple[int, int, str]] | None, top: int) -> list[str] | None:
        if cells is None:
            return None
        if len(cells) > MOST_COLUMNS:
            wanted = f"they are {', '.join(COLUMNS)}"
            self._error("csv-header", top, 1, f"more than {MOST_COLUMNS} columns", wanted)
            return None
        columns: list[str] = []
        sound = True
        for line, column, text in cells:
            name = text.lower()
            if name in COLUMNS and name not in columns:
                columns.append(name)
                continue
            sound = False
            if name in columns:
                self._error("csv-header", line, column, f"the column {quoted(name)} is there twice")
                continue
            # A word that was meant as one of ours is not also missing.
            near = _meant(name)
            columns.append(near if near and near not in columns else name)
            hint = f"did you mean `{near}`?" if near else f"the columns are {', '.join(COLUMNS)}"
            self._error(
                "csv-header",
                line,
                column,
                f"unknown column {quoted(text)}" if text else "a column without a name",
                hint,
            )
        if "username" not in columns:
            sound = False
            self._error(
                "csv-header",
                top,
                1,
                "the column `username` is missing",
                f"the first line names the columns: {','.join(COLUMNS)}",
            )
        return columns if sound else None

    def _wrong_count(
        self, cells: list[tuple[int, int, str]], columns: list[str], line: int
    ) -> None:
        have, want = len(cells), len(columns)
        if have > want:
            at_line, column, _ = cells[want]
            hint = f'a cell with a {_named(self.delimiter)} inside needs quotes: "Holm, Ida"'
            self._error("csv-cells", at_line, column, f"{have} cells in a row of {want}", hint)
            return
        missing = ", ".join(columns[have:])
        self._error(
            "csv-cells",
            line,
            1,
            f"{have} cells in a row of {want}: {missing} missing",
            "an empty cell still has its delimiter",
        )

    def _person(self, columns: list[str], cells: list[tuple[int, int, str]], line: int) -> Mapping:
        person = Mapping(line, 1)
        person.file = self.file
        for name, (at_line, column, text) in zip(columns, cells, strict=True):
            if not text:
                continue
            node: Node
            if name in _LISTS:
                node = _listed(at_line, column, text)
            elif name == "active":
                active = _ACTIVE.get(text.lower())
                if active is None:
                    self._error(
                        "csv-active",
                        at_line,
                        column,
                        f"{quoted(text)} is neither yes nor no",
                        "write yes or no; an empty cell says nothing",
                    )
                    continue
                node = Scalar(at_line, column, active, text)
            else:
                node = Scalar(at_line, column, text, text)
            person.pairs[name] = (node, node)
        return person

    def _row(self) -> list[tuple[int, int, str]] | None:
        """The cells of the next row as (line, column, text); None after an open quote."""
        raw = self.lines[self.at]
        line = self.at + 1
        if '"' not in raw:
            self.at += 1
            cells = []
            column = 1
            for part in raw.split(self.delimiter, MOST_COLUMNS):
                text = part.strip()
                shift = len(part) - len(part.lstrip()) if text else 0
                cells.append((line, column + shift, text))
                column += len(part) + 1
            return cells
        return self._quoted_row()

    def _quoted_row(self) -> list[tuple[int, int, str]] | None:
        cells: list[tuple[int, int, str]] = []
        raw, pos = self.lines[self.at], 0
        while True:
            while raw[pos : pos + 1] == " ":
                pos += 1
            line, column = self.at + 1, pos + 1
            if raw[pos : pos + 1] == '"':
                parts: list[str] = []
                pos += 1
                while True:
                    end = raw.find('"', pos)
                    if end < 0:
                        parts.append(raw[pos:] + "\n")
                        self.at += 1
                        if self.at == len(self.lines):
                            self._error(
                                "csv-quote",
                                line,
                                column,
                                "a quote that is not closed",
                                'close it; a quote inside a quoted cell is written twice: ""',
                            )
                            return None
                        raw, pos = self.lines[self.at], 0
                    elif raw[end + 1 : end + 2] == '"':
                        parts.append(raw[pos : end + 1])
                        pos = end + 2
                    else:
                        parts.append(raw[pos:end])
                        pos = end + 1
                        break
                end = raw.find(self.delimiter, pos)
                end = len(raw) if end < 0 else end
                # Excel writes no text behind a closing quote; what stands there stays.
                text = "".join(parts) + raw[pos:end].rstrip()
            else:
                end = raw.find(self.delimiter, pos)
                end = len(raw) if end < 0 else end
                text = raw[pos:end]
            cells.append((line, column, text.strip()))
            if end == len(raw) or len(cells) > MOST_COLUMNS:
                self.at += 1
                return cells
            pos = end + 1

    def _error(self, rule: str, line: int, column: int, message: str, hint: str = "") -> None:
        self.findings.error(rule, Place(self.file, line, column), "", message, hint)


def _listed(line: int, column: int, text: str) -> Sequence:
    cell = Sequence(line, column)
    for part in text.split("|"):
        name = part.strip()
        if name:
            start = column + len(part) - len(part.lstrip())
            cell.items.append(Scalar(line, start, name, name))
        column += len(part) + 1
    return cell


def _meant(name: str) -> str | None:
    word = nearest(name.replace(" ", "_"), COLUMNS)
    if word is None:
        others = {w: t for w, (t, _) in OTHER_WORDS["users[]"].items() if t in COLUMNS}
        other = nearest(name.replace(" ", "_"), others)
        word = others[other] if other else None
    return word


def _named(delimiter: str) -> str:
    return {",": "comma", ";": "semicolon"}.get(delimiter, "tab")

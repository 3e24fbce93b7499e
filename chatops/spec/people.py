"""People from a CSV file: one row, one person, as if they stood under `users`."""

import re
from pathlib import Path as FilePath
from typing import Final

from chatops.errors import Place
from chatops.spec.cells import MOST_COLUMNS, Cell, Rows
from chatops.spec.files import Findings, read_text
from chatops.spec.folder import astray
from chatops.spec.keys import nearest
from chatops.spec.nodes import Mapping, Node, Scalar, Sequence, SourceMap
from chatops.spec.other_words import OTHER_WORDS
from chatops.spec.source import refuse_unmerged
from chatops.spec.text import quoted

__all__ = ["BETWEEN", "COLUMNS", "splice_people"]

COLUMNS: Final = (
    *("username", "name", "email", "title", "teams", "roles", "active"),
    *("locale", "timezone", "renamed_from"),
)
BETWEEN: Final = "|"
"""Parts the teams, or the roles, in one cell: commas and semicolons part the cells."""
MOST_ROWS: Final = 100_000
_SAVE: Final = "save it as UTF-8 (spreadsheets call it CSV UTF-8)"
_LISTS: Final = frozenset({"teams", "roles"})
_FORMULA: Final = re.compile(r"=|[@+-][A-Za-z]+\(|#(NAME\?|REF!|VALUE!|DIV/0!|N/A|NULL!|NUM!)")
_ELSEWHERE: Final = {
    **dict.fromkeys(("wahr", "ja", "vrai", "oui", "verdadero", "sí", "si", "sand", "sandt"), "yes"),
    **dict.fromkeys(("vero", "waar", "sant", "verdadeiro", "sim", "prawda", "tak", "y"), "yes"),
    **dict.fromkeys(("falsch", "nein", "faux", "non", "falso", "falsk", "nej", "onwaar"), "no"),
    **dict.fromkeys(("nee", "falskt", "não", "fałsz", "nie", "n"), "no"),
}
"""Yes and no as spreadsheets and people write them in other languages."""
_ACTIVE: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def splice_people(
    root: Node, spec: FilePath, places: SourceMap, findings: Findings, folder: FilePath
) -> None:
    """Put the rows of each `- from: people.csv` under users into its place.

    Files of people are beside `spec`, which names them, and never out of the company's `folder`.
    """
    users = root.get("users") if isinstance(root, Mapping) else None
    if not isinstance(users, Sequence):
        return
    spliced: list[Node] = []
    for i, item in enumerate(users.items):
        source = item.get("from") if isinstance(item, Mapping) else None
        if source is None:
            spliced.append(item)
        else:
            spliced.extend(_entry(item, source, i, spec, places, findings, folder))
    users.items[:] = spliced


def _entry(
    item: Node,
    source: Node,
    i: int,
    spec: FilePath,
    places: SourceMap,
    findings: Findings,
    folder: FilePath,
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
    wrong = astray(name, spec.parent, folder)
    if wrong is not None:
        findings.error("people-outside", place, text, *wrong)
        return []
    path = spec.parent / name
    try:
        content = read_text(path, str(path), findings, save=_SAVE)
    except (OSError, ValueError) as error:
        missing = isinstance(error, FileNotFoundError)
        why = getattr(error, "strerror", None) or "no file can have this name"
        findings.error(
            "people-file",
            place,
            text,
            f"there is no file {path}" if missing else f"cannot read {path}: {why}",
            "the name is taken from the folder of the file that names it" if missing else "",
        )
        return []
    if content is None or refuse_unmerged(content, str(path), findings):
        return []
    return _Table(content, str(path), findings).people()


class _Table:
    def __init__(self, content: str, file: str, findings: Findings) -> None:
        self.rows = Rows(content, file, findings)
        self.file = file
        self.findings = findings

    def people(self) -> list[Node]:
        """A node for each row."""
        rows = self.rows
        if not rows.begin():
            self._error("csv-header", 1, 1, "the file is empty", f"it begins {','.join(COLUMNS)}")
            return []
        columns = self._header(rows.row(), rows.at)
        if columns is None:
            return []
        people: list[Node] = []
        while rows.left:
            line = rows.at + 1
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
            if not rows.lines[rows.at].strip():
                rows.at += 1
                continue
            cells = rows.row()
            if cells is None:
                break
            # Spreadsheets write a delimiter for every column that was ever touched.
            while len(cells) > len(columns) and not cells[-1][2]:
                cells.pop()
            if not any(text for _, _, text in cells):
                continue
            if len(cells) != len(columns):
                self._wrong_count(cells, columns, line)
                continue
            people.append(self._person(columns, cells, line))
        return people

    def _header(self, cells: list[Cell] | None, top: int) -> list[str] | None:
        if cells is None:
            return None
        while len(cells) > 1 and not cells[-1][2]:
            cells.pop()
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
            if name and name in columns:
                self._error("csv-header", line, column, f"the column {quoted(name)} is there twice")
                continue
            # A word that was meant as one of ours is not also missing.
            near = _meant(name)
            columns.append(near if near and near not in columns else name)
            hint = f"did you mean `{near}`?" if near else f"the columns are {', '.join(COLUMNS)}"
            there, sentence = OTHER_WORDS["users[]"].get(name, ("", ""))
            hint = sentence if sentence and not there else hint
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

    def _wrong_count(self, cells: list[Cell], columns: list[str], line: int) -> None:
        have, want = len(cells), len(columns)
        if have > want:
            at_line, column, _ = cells[want]
            hint = f'a cell with a {_named(self.rows.delimiter)} inside needs quotes: "Holm, Ida"'
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

    def _person(self, columns: list[str], cells: list[Cell], line: int) -> Mapping:
        person = Mapping(line, 1)
        person.file = self.file
        for name, (at_line, column, text) in zip(columns, cells, strict=True):
            if not text:
                continue
            self._spreadsheet(text, at_line, column)
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
                        f"write {_ELSEWHERE[text.casefold()]}"
                        if text.casefold() in _ELSEWHERE
                        else "write yes or no; an empty cell says nothing",
                    )
                    continue
                node = Scalar(at_line, column, active, text)
            else:
                node = Scalar(at_line, column, text, text)
            person.pairs[name] = (node, node)
        return person

    def _spreadsheet(self, text: str, line: int, column: int) -> None:
        """What a spreadsheet shows otherwise than it writes."""
        if _FORMULA.match(text):
            self.findings.warning(
                "csv-formula",
                Place(self.file, line, column),
                "",
                f"{quoted(text)} is a formula, or what is left of one, and no value",
                "in the spreadsheet, copy the column and paste it as values",
            )
        elif text.startswith("'"):
            self.findings.warning(
                "csv-apostrophe",
                Place(self.file, line, column),
                "",
                f"{quoted(text)} begins with the apostrophe by which spreadsheets mark text",
                "take it out, if it is not part of a name",
            )

    def _error(self, rule: str, line: int, column: int, message: str, hint: str = "") -> None:
        self.findings.error(rule, Place(self.file, line, column), "", message, hint)


def _listed(line: int, column: int, text: str) -> Sequence:
    cell = Sequence(line, column)
    for part in text.split(BETWEEN):
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

"""Rows and cells of a CSV file, as spreadsheets write them."""

from typing import Final

from chatops.errors import Place
from chatops.spec.files import Findings

__all__ = ["MOST_COLUMNS", "Cell", "Rows"]

MOST_COLUMNS: Final = 100
"""Cells beyond are not looked at."""

Cell = tuple[int, int, str]
"""Line, column, and text without blanks around it."""


class Rows:
    """A file from its first row to its last: `at` is the line that is next, counted from 0."""

    def __init__(self, content: str, file: str, findings: Findings) -> None:
        # Only these three end a line; str.splitlines would take a dozen more.
        self.lines = content.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self.file = file
        self.findings = findings
        self.at = 0
        self.delimiter = ","

    def begin(self) -> bool:
        """Go to the first row and find what parts its cells; False where there is no row."""
        self._skip()
        if not self.left:
            return False
        said = self.lines[self.at].strip()
        if said.lower().startswith("sep=") and len(said) <= len("sep=") + 1:
            # Excel reads, and at times writes, what parts the cells in a line of its own.
            self.delimiter = said[len("sep=") :] or "\t"
            self.at += 1
            self._skip()
            return self.left
        self.delimiter = max(",;\t", key=self.lines[self.at].count)
        return True

    @property
    def left(self) -> bool:
        """Whether there is a line left."""
        return self.at < len(self.lines)

    def _skip(self) -> None:
        while self.left and not self.lines[self.at].strip():
            self.at += 1

    def row(self) -> list[Cell] | None:
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

    def _quoted_row(self) -> list[Cell] | None:
        cells: list[Cell] = []
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

"""Reading what people wrote, carefully: no devices, no giants, nothing that is not UTF-8."""

import os
import re
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from chatops.errors import Finding, Place, Severity
from chatops.ordinary import look

__all__ = [
    "MOST_BYTES",
    "MOST_FINDINGS",
    "Findings",
    "control_character",
    "read_text",
    "replace_text",
]

MOST_BYTES: Final = 10_000_000
MOST_FINDINGS: Final = 1000

# What YAML calls printable; tab and line ends besides.
_CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BOMS = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))


class Findings:
    """A heap of findings that stops growing at a thousand, and says so."""

    def __init__(self) -> None:
        self._all: list[Finding] = []
        self._seen: set[tuple[Place, str, str]] = set()
        self._next: Place | None = None

    def error(self, rule: str, place: Place, path: str, message: str, hint: str = "") -> None:
        """Add an error."""
        self._add(rule, place, path, message, hint, Severity.ERROR)

    def warning(self, rule: str, place: Place, path: str, message: str, hint: str = "") -> None:
        """Add a warning."""
        self._add(rule, place, path, message, hint, Severity.WARNING)

    def _add(
        self, rule: str, place: Place, path: str, message: str, hint: str, severity: Severity
    ) -> None:
        # What an anchor holds is used in many places and wrong in one.
        same = (place, rule, message)
        if same in self._seen:
            return
        if len(self._all) >= MOST_FINDINGS:
            self._next = self._next or place
            return
        self._seen.add(same)
        self._all.append(
            Finding(
                severity=severity, place=place, path=path, message=message, hint=hint, rule=rule
            )
        )

    @property
    def errors(self) -> bool:
        """Whether there is at least one error."""
        return self._next is not None or any(f.severity is Severity.ERROR for f in self._all)

    @property
    def full(self) -> bool:
        """Whether looking further would show nothing more."""
        return len(self._all) >= MOST_FINDINGS

    def __iter__(self) -> Iterator[Finding]:
        yield from self._all
        if self._next is not None:
            yield Finding(
                severity=Severity.ERROR,
                place=self._next,
                path="",
                message=f"there is more, from here on; the first {MOST_FINDINGS:,} are shown",
                hint="mend what they have in common, and look again",
                rule="too-many",
            )


def read_text(
    path: Path, name: str, findings: Findings, *, save: str = "save it as UTF-8"
) -> str | None:
    """The text of an ordinary file, without a byte order mark; None after a finding.

    Raises OSError (and ValueError for a name that no file can have). `name` is what the file is
    called in findings, `save` what to do about one that is not in UTF-8.
    """
    found = look(path)
    start = Place(name, 1)
    if found.st_size > MOST_BYTES:
        findings.error(
            "file-size",
            start,
            "",
            f"the file has {found.st_size / 1e6:,.1f} MB; 10 MB is the most that is read",
            "is it the right file?",
        )
        return None
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)[:MOST_BYTES]
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            findings.error("file-encoding", start, "", f"the file is {encoding}", save)
            return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig")
        binary = b"\0" in data
        findings.error(
            "file-encoding",
            start if binary else _place(name, before),
            "",
            "this is a binary file" if binary else f"not UTF-8 (byte 0x{data[error.start]:02x})",
            "is it the right file?" if binary else save,
        )
        return None
    bad = control_character(text)
    if bad is not None:
        before = text[: bad.start()]
        wide = bad[0] == "\0" and text.count("\0") * 3 > len(text)
        findings.error(
            "file-encoding",
            _place(name, before),
            "",
            f"the file holds a control character (U+{ord(bad[0]):04X})",
            save if wide else "take it out: no text has one",
        )
        return None
    return text


def control_character(text: str) -> re.Match[str] | None:
    """The first sign that no file may hold."""
    return _CONTROL.search(text)


def replace_text(path: Path, text: str) -> None:
    """Write the file whole or not at all, with the rights that it had. Raises OSError.

    A link stays a link: what it points to is written. So does a pipe, or /dev/stdout: nothing can
    take its place.
    """
    there = path.stat() if path.exists() else None
    if there is not None and not stat.S_ISREG(there.st_mode):
        path.write_text(text, encoding="utf-8", newline="")
        return
    real = path.resolve()
    new = real.with_name(f".{real.name}.{secrets.token_hex(4)}")
    # The rights of a new file are as everywhere (umask); those of an old one are never widened.
    way = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    handle = os.open(new, way, 0o666 if there is None else 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            out.write(text)
            if there is not None:
                os.fchmod(out.fileno(), stat.S_IMODE(there.st_mode))
            out.flush()
            os.fsync(out.fileno())
        new.replace(real)
    finally:
        new.unlink(missing_ok=True)


def _place(name: str, before: str) -> Place:
    """The place behind this much text."""
    lines = before.replace("\r\n", "\n").replace("\r", "\n")
    return Place(name, lines.count("\n") + 1, len(lines) - (lines.rfind("\n") + 1) + 1)

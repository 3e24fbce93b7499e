"""Which files `chatops fmt` brings into form, and what becomes of each."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chatops.errors import ChatopsError, SpecError, UsageError
from chatops.spec import load
from chatops.spec.files import Findings, read_text, replace_text
from chatops.spec.formatting import formatted
from chatops.spec.nodes import Mapping, Scalar
from chatops.spec.source import compose

__all__ = ["Tidied", "tidied", "write"]

_OTHERS: Final = {
    ".csv": "a CSV file",
    ".tsv": "a table",
    ".json": "JSON",
    ".md": "Markdown",
    ".txt": "plain text",
}
"""What lies beside a company file, and would be read as YAML of a kind."""


@dataclass(frozen=True)
class Tidied:
    """A file, as it is and as it should be."""

    path: Path
    before: str
    after: str

    @property
    def changed(self) -> bool:
        """Whether they differ."""
        return self.before != self.after

    def diff(self) -> str:
        """What differs, as `diff -u` shows it."""
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
            for line in difflib.unified_diff(
                self.before.splitlines(keepends=True),
                self.after.splitlines(keepends=True),
                f"{self.path} (as it is)",
                f"{self.path} (tidy)",
            )
        )


def tidied(files: Sequence[Path], company: Path) -> list[Tidied]:
    """The files, or without any the company file with all that belongs to it.

    Raises SpecError for a file with errors in it: a company file is judged whole, a part of one
    (without `version:`) as YAML.
    """
    if not files:
        overrides = sorted(company.parent.glob("inventories/*/override.yaml"))
        files = [*load(company).files, *overrides]
    return [_tidied(path) for path in dict.fromkeys(files)]


def write(file: Tidied) -> None:
    """Put the tidy text into the place of the other. Raises ChatopsError."""
    try:
        replace_text(file.path, file.after)
    except OSError as error:
        raise ChatopsError(f"cannot write {file.path}: {error.strerror}") from error


def _tidied(path: Path) -> Tidied:
    findings = Findings()
    other = _OTHERS.get(path.suffix.lower())
    if other is not None:
        raise _no_yaml(path, other)
    try:
        text = read_text(path, str(path), findings)
        before = path.read_bytes().decode("utf-8", "replace")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no file can have this name"
        raise UsageError(f"cannot read {path}: {why}") from None
    root = None if text is None else compose(text, str(path), findings, empty="")
    if findings.errors or text is None:
        raise SpecError([*findings])
    if isinstance(root, Scalar) and root.value is not None:
        raise _no_yaml(path, "text without keys")
    if isinstance(root, Mapping) and "version" in root.pairs:
        load(path)
    try:
        return Tidied(path, before, formatted(text))
    except ChatopsError as error:
        raise ChatopsError(f"{path}: {error.message}", hint=error.hint) from None


def _no_yaml(path: Path, what: str) -> UsageError:
    return UsageError(
        f"{path} is {what}, and fmt brings YAML into form: nothing was changed",
        hint="name the company file, what it includes, or nothing at all for all of them",
    )

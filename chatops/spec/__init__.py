"""The company file: its syntax and its types, with the place of every word."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from chatops.errors import ChatopsError, Finding, SpecError, UsageError
from chatops.spec.doubles import find_doubles
from chatops.spec.files import Findings, read_text
from chatops.spec.mistakes import explain, remark_empty
from chatops.spec.models import Spec
from chatops.spec.nodes import SourceMap
from chatops.spec.people import splice_people
from chatops.spec.source import compose

__all__ = ["Loaded", "SourceMap", "Spec", "load"]


@dataclass(frozen=True)
class Loaded:
    """The company file, read and found sound in itself."""

    spec: Spec
    places: SourceMap
    path: Path
    warnings: tuple[Finding, ...] = ()


def load(path: Path) -> Loaded:
    """Read the company file, and the files of people that it names.

    Raises SpecError with everything that is wrong, UsageError where there is no such file, and
    ChatopsError where it cannot be read.
    """
    name = str(path)
    findings = Findings()
    text = _read(path, name, findings)
    root = None if text is None else compose(text, name, findings)
    if root is None:
        raise _wrong(findings, name)
    places = SourceMap(name, root)
    splice_people(root, path, places, findings)
    find_doubles(places, findings)
    spec = None
    try:
        spec = Spec.model_validate(root.plain())
    except ValidationError as error:
        explain(error, places, findings)
    if spec is None or findings.errors:
        raise _wrong(findings, name)
    remark_empty(root, places, findings)
    return Loaded(spec, places, path, tuple(_sorted(findings, name)))


def _read(path: Path, name: str, findings: Findings) -> str | None:
    try:
        return read_text(path, name, findings)
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(
            f"there is no company file {name}",
            hint="name it with -f FILE",
        ) from None
    except IsADirectoryError:
        inside = path / "company.yaml"
        raise UsageError(
            f"{name} is a folder, a company file is wanted",
            hint=f"try -f {inside}" if inside.is_file() else "name the file in it with -f",
        ) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no file can have this name"
        raise ChatopsError(f"cannot read the company file {name}: {why}") from None


def _wrong(findings: Findings, name: str) -> SpecError:
    return SpecError(_sorted(findings, name))


def _sorted(findings: Findings, name: str) -> list[Finding]:
    """The company file's findings first, in the order of its lines."""
    return sorted(
        findings,
        key=lambda f: (f.rule == "too-many", f.place.file != name, f.place),
    )

"""The company file: its syntax and its types, with the place of every word."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from chatops.errors import ChatopsError, Finding, SpecError, UsageError
from chatops.spec.doubles import find_doubles
from chatops.spec.files import Findings, read_text
from chatops.spec.giveaways import RULE as CLEAR
from chatops.spec.giveaways import remark_secrets
from chatops.spec.include import gather
from chatops.spec.letters import refuse_unseen, remark_letters
from chatops.spec.mistakes import explain, remark_empty
from chatops.spec.models import Spec
from chatops.spec.nodes import Node, SourceMap
from chatops.spec.override import lay_over
from chatops.spec.source import compose

__all__ = ["Loaded", "SourceMap", "Spec", "load"]


@dataclass(frozen=True)
class Loaded:
    """The company file, read and found sound in itself."""

    spec: Spec
    places: SourceMap
    path: Path
    warnings: tuple[Finding, ...] = ()
    files: tuple[Path, ...] = ()
    """The company file, and all of its own kind that were read with it."""


def load(path: Path, override: Path | None = None) -> Loaded:
    """Read the company file, all that it includes, and the files of people that they name.

    `override` is a file that an environment lays over it. Raises SpecError with everything that
    is wrong, UsageError where there is no such file, and ChatopsError where it cannot be read.
    """
    name = str(path)
    findings = Findings()
    text = _read(path, name, findings)
    root = None if text is None else compose(text, name, findings)
    remark_secrets(text or "", name, findings)
    if root is None:
        raise _wrong(findings, name)
    included = gather(root, path, findings)
    root, files = included.root, included.files
    if override is not None:
        root, files = _over(root, override, findings, path.parent), (*files, override)
    places = SourceMap(name, root)
    refuse_unseen(root, places, findings)
    find_doubles(places, findings)
    spec = None
    try:
        spec = Spec.model_validate(root.plain())
    except ValidationError as error:
        explain(error, places, findings)
    remark_letters(root, places, findings)
    if spec is None or findings.errors:
        raise _wrong(findings, name)
    remark_empty(root, places, findings)
    return Loaded(spec, places, path, tuple(_sorted(findings, name)), files)


def _over(root: Node, override: Path, findings: Findings, folder: Path) -> Node:
    try:
        return lay_over(root, override, findings, folder)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no file can have this name"
        raise ChatopsError(f"cannot read {override}: {why}") from None


def _read(path: Path, name: str, findings: Findings) -> str | None:
    try:
        return read_text(path, name, findings)
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(
            f"there is no company file {name}",
            hint="`chatops init` writes a first one; one that is elsewhere is named with -f FILE",
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
    refused = {(f.place.file, f.place.line) for f in findings if f.rule == "plain-secret"}
    return sorted(
        (f for f in findings if f.rule != CLEAR or (f.place.file, f.place.line) not in refused),
        key=lambda f: (f.rule == "too-many", f.place.file != name, f.place),
    )

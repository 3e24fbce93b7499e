"""Where secrets are named: in the company file and all that it includes, and in environments."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from chatops.deploy.company import Company
from chatops.deploy.keeping import VAULT
from chatops.environments import FROM_FLAGS, Environment
from chatops.errors import Finding, Place, Severity, SpecError
from chatops.private import HOME
from chatops.secrets import REFERENCE
from chatops.spec.files import Findings, read_text
from chatops.spec.keys import is_secret
from chatops.spec.nodes import Mapping, Node, Scalar, Sequence, SourceMap
from chatops.spec.nodes import Path as Keys
from chatops.spec.source import compose
from chatops.vault import LockedVaultError, Vault, VaultError

__all__ = ["Reference", "environment_references", "judge_secrets", "references", "vault_name"]


@dataclass(frozen=True)
class Reference:
    """A place that names a secret: `env:NAME`, `file:PATH` or `vault:NAME`."""

    text: str
    path: str
    place: Place


def vault_name(reference: Reference) -> str:
    """The name in the vault; empty for a reference to somewhere else."""
    return reference.text.removeprefix("vault:") if reference.text.startswith("vault:") else ""


def references(company: Company) -> tuple[Reference, ...]:
    """Every secret that the company file names, in the order of the file."""
    places = company.loaded.places
    found = _walk(places.node(()), (), places)
    return tuple(r for r, path in found if path and is_secret(str(path[-1])))


def environment_references(company: Company, name: str = "") -> tuple[Reference, ...]:
    """Every secret of a vault that the environments beside the company file name, or one does."""
    found: list[Reference] = []
    shelf = company.folder / "inventories"
    own = [shelf / name / "environment.yaml"] if name else sorted(shelf.glob("*/environment.yaml"))
    for file in own:
        told = str(company.path.parent / file.relative_to(company.folder))
        try:
            text = read_text(file, told, Findings())
        except (OSError, ValueError):
            continue
        root = compose(text, told, Findings()) if text is not None else None
        if root is not None:
            found += [r for r, _ in _walk(root, (), SourceMap(told, root)) if vault_name(r)]
    return tuple(found)


def judge_secrets(company: Company, environment: Environment | None = None) -> Company:
    """The company with findings about secrets that its vault lacks. Raises SpecError.

    Without an environment a name counts as there when any environment has it.
    """
    wanted = [r for r in references(company) if vault_name(r)]
    if environment is not None and environment.name != FROM_FLAGS:
        wanted += environment_references(company, environment.name)
    if not wanted:
        return company
    vault = Vault(company.folder / VAULT, company.folder / HOME)
    if environment is not None and environment.shelf is not None:
        vault = environment.shelf.vault
    try:
        lacking = [r for r in wanted if not _there(vault_name(r), environment, vault)]
        found = [_missing(r, environment) for r in lacking]
    except LockedVaultError as error:
        found = [
            _finding(r, Severity.WARNING, f"not looked up: {error.message}", error.hint)
            for r in wanted
        ]
    except VaultError as error:
        found = [_finding(r, Severity.ERROR, error.message, error.hint) for r in wanted]
    findings = sorted(
        (*company.findings, *found), key=lambda f: (f.place.file != str(company.path), f.place)
    )
    if any(f.severity is Severity.ERROR for f in findings):
        raise SpecError(findings)
    return replace(company, findings=tuple(findings))


def _there(name: str, environment: Environment | None, vault: Vault) -> bool:
    if environment is not None:
        return vault.entry(environment.kept_as, name) is not None
    contents = vault.contents()
    return name in contents.shared or any(name in e for e in contents.environments.values())


def _missing(reference: Reference, environment: Environment | None) -> Finding:
    name = vault_name(reference)
    of = f" for {environment.kept_as}" if environment is not None else ""
    message = f"the vault holds no secret `{name}`{of}"
    return _finding(reference, Severity.ERROR, message, f"`chatops secret set {name}`")


def _finding(reference: Reference, severity: Severity, message: str, hint: str) -> Finding:
    return Finding(
        severity=severity,
        place=reference.place,
        path=reference.path,
        message=message,
        hint=hint,
        rule="secret",
    )


def _walk(node: Node | None, path: Keys, places: SourceMap) -> Iterator[tuple[Reference, Keys]]:
    below: Iterable[tuple[str | int, Node]] = ()
    if isinstance(node, Mapping):
        below = ((key, value) for key, (_, value) in node.pairs.items())
    elif isinstance(node, Sequence):
        below = enumerate(node.items)
    elif isinstance(node, Scalar) and isinstance(node.value, str):
        if REFERENCE.fullmatch(node.value):
            yield Reference(node.value, places.text(path), places.place(path)), path
        return
    for key, value in below:
        yield from _walk(value, (*path, key), places)

"""A company file, judged: what it asks for, and what the platform makes of it."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from chatops.core.checks import check
from chatops.core.desired import Desired, Reference, with_pictures, with_secrets
from chatops.core.desired import Path as Keys
from chatops.core.expand import expand
from chatops.deploy.pictures import PictureError, read_picture
from chatops.environments import Environment, override_file
from chatops.errors import Finding, Place, Severity, SpecError
from chatops.platforms.base import Facts, Platform, Release
from chatops.platforms.registry import platforms
from chatops.resources import Key, Picture
from chatops.secrets import Secret, SecretError, resolve
from chatops.spec import Loaded, load
from chatops.spec.folder import astray

__all__ = ["Company", "judge", "load_company", "resolve_secrets"]


@dataclass(frozen=True, kw_only=True)
class Company:
    """A file without errors, and its platform."""

    loaded: Loaded
    desired: Desired
    platform: Platform
    release: Release
    facts: Facts
    findings: tuple[Finding, ...]
    unmade: frozenset[Key] = frozenset()
    """Secrets that the installation of this company will make; until then a value stands for
    them that must never be written."""

    @property
    def path(self) -> Path:
        """The file."""
        return self.loaded.path

    @property
    def folder(self) -> Path:
        """Where it lies: the vault, `.chatops` and `inventories` are here."""
        return self.loaded.path.absolute().parent

    def beside(self, path: Keys) -> Path:
        """The folder of the file in which this stands: names of files start from there."""
        return Path(self.loaded.places.place(path).file).absolute().parent

    def decided(self, who: str = "") -> Mapping[tuple[str | int, ...], tuple[str, str]]:
        """What the file leaves open: path → (value, who decides it; the platform, unless said)."""
        who = who or f"default of {self.platform.name}"
        version = ".".join(map(str, self.release.version))
        return {
            ("chat", "edition"): (self.release.edition, who),
            ("chat", "version"): (version, who),
        }

    def place(self, key: Key, field: str = "") -> str:
        """`company.yaml:27`, for a plan's line; empty for what the file does not say."""
        path = self.desired.origin(key, field)
        if not path:
            return ""
        place = self.loaded.places.place(path)
        file = Path(place.file)
        beside = self.loaded.path.parent
        name = file.relative_to(beside) if file.is_relative_to(beside) else file.name
        return f"{name}:{place.line}"


def load_company(path: Path, *, env: str = "", release: Release | None = None) -> Company:
    """Load and judge. Raises SpecError with all findings at once.

    `env` names the environment whose override is laid over it. `release` is what will run, where
    that is known better than the file says.
    """
    loaded = load(path, override_file(env, path) if env else None)
    desired = expand(loaded.spec)
    known = platforms()
    platform = known.get(desired.platform)
    if platform is None:
        place = loaded.places.place(("chat", "platform"))
        near = get_close_matches(desired.platform.lower(), known, 1, 0.5)
        raise SpecError(
            [
                *loaded.warnings,
                _finding(
                    place,
                    "chat.platform",
                    f"no platform is named `{desired.platform}`",
                    f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(known)}",
                    "platform",
                ),
            ]
        )
    wanted = Release(
        _version(desired.version or platform.default_version), _edition(desired, platform)
    )
    company, wrong = _load_pictures(
        Company(
            loaded=loaded,
            desired=desired,
            platform=platform,
            release=release or wanted,
            facts=platform.facts(release or wanted),
            findings=(),
        )
    )
    return judge(company, also=wrong)


def judge(
    company: Company, release: Release | None = None, also: Sequence[Finding] = ()
) -> Company:
    """The same company against a release: the file's own, or what a server said of itself."""
    facts = company.platform.facts(release) if release else company.facts
    desired, places = company.desired, company.loaded.places
    findings = [*company.loaded.warnings, *also]
    if desired.edition is not None and desired.edition not in facts.editions:
        findings.append(
            _finding(
                places.place(("chat", "edition")),
                "chat.edition",
                f"this platform has no edition `{desired.edition}`",
                f"there are: {', '.join(facts.editions)}",
                "edition",
            )
        )
    findings += check(desired, facts, places)
    findings.sort(key=lambda f: (f.place.file != str(company.path), f.place))
    if any(f.severity is Severity.ERROR for f in findings):
        raise SpecError(findings)
    return replace(
        company, release=release or company.release, facts=facts, findings=tuple(findings)
    )


def resolve_secrets(company: Company, environment: Environment | None = None) -> Company:
    """The same with the values behind `env:`, `file:` and `vault:`.

    Raises SpecError naming all that lack. A shared secret may lack: on hosts of ours it is made
    later (`unmade`), on a server of others it is left alone.
    """
    look_up = environment.secret if environment is not None else _without_vault
    found: dict[Key, Secret] = {}
    findings = []
    unmade: set[Key] = set()
    for key, reference in company.desired.secrets.items():
        if reference.shared:
            there = _shared(reference, environment)
            if there is not None:
                found[key] = there
            elif environment is not None and environment.target == "hosts":
                found[key] = Secret(secrets.token_hex(20))
                unmade.add(key)
            continue
        try:
            found[key] = look_up(reference.text, company.beside(reference.path))
        except SecretError as error:
            findings.append(
                _finding(
                    company.loaded.places.place(reference.path),
                    company.loaded.places.text(reference.path),
                    error.message,
                    error.hint,
                    "secret",
                )
            )
    if findings:
        raise SpecError(findings)
    desired = with_secrets(company.desired, found)
    return replace(company, desired=desired, unmade=frozenset(unmade))


def _shared(reference: Reference, environment: Environment | None) -> Secret | None:
    if environment is None or environment.shelf is None:
        return None
    return environment.shelf.find(reference.text.removeprefix("vault:"))


def _load_pictures(company: Company) -> tuple[Company, list[Finding]]:
    """The same with the pictures that the file names, and what is wrong with them."""
    found: dict[tuple[Key, str], Picture] = {}
    findings: list[Finding] = []
    places = company.loaded.places
    for where, reference in company.desired.pictures.items():
        place, text = places.place(reference.path), places.text(reference.path)
        beside = Path(place.file).parent
        wrong = astray(reference.text, beside, company.loaded.path.parent)
        if wrong is not None:
            findings.append(_finding(place, text, *wrong, "picture-outside"))
            continue
        try:
            found[where] = read_picture(beside, reference.text)
        except PictureError as error:
            findings.append(_finding(place, text, error.message, error.hint, "picture"))
    return replace(company, desired=with_pictures(company.desired, found)), findings


def _without_vault(reference: str, base: Path) -> Secret:
    return resolve(reference, base=base)


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def _edition(desired: Desired, platform: Platform) -> str:
    return desired.edition or platform.default_edition


def _finding(place: Place, path: str, message: str, hint: str, rule: str) -> Finding:
    return Finding(
        severity=Severity.ERROR, place=place, path=path, message=message, hint=hint, rule=rule
    )

"""What of a company file its platform cannot hold, or keeps in another form."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from chatops.core.desired import Desired, Path
from chatops.core.holding import hold
from chatops.errors import Finding, Severity
from chatops.platforms.base import Can, Facts
from chatops.resources import UNSET, DirectMessage, Kind, Resource, Role, Setting, User, field_names
from chatops.spec import SourceMap
from chatops.spec.models import Unsupported
from chatops.spec.text import quoted

__all__ = ["LACKING", "Lacking"]

LACKING: Final[dict[str, str]] = {
    "unsupported": "Only what the platform can hold, or `policy.unsupported: note`.",
    "altered": "Where the platform keeps another value than the one written, it is said.",
}


_WORDS: Final = {
    Kind.USER: "person",
    Kind.TEAM_MEMBERS: "team",
    Kind.CHANNEL_MEMBERS: "channel",
}


@dataclass
class _Missing:
    """A feature that the platform does not hold, and how often the file wants it."""

    path: Path
    kind: Kind | None
    things: set[Path] = field(default_factory=set)


def _how_many(where: _Missing) -> str:
    """` (12 people)`, where it is more than one."""
    if len(where.things) < 2 or where.kind in (None, Kind.SETTING):
        return ""
    word = _WORDS.get(where.kind, where.kind.value.replace("-", " "))
    return f" ({len(where.things):,} {'people' if word == 'person' else f'{word}s'})"


class Lacking:
    """The support table of one release, put to one company."""

    def __init__(self, desired: Desired, facts: Facts, places: SourceMap) -> None:
        self.desired = desired
        self.facts = facts
        self.places = places
        self.findings: list[Finding] = []

    def run(self) -> list[Finding]:
        """All findings."""
        self._supported()
        self._altered()
        return self.findings

    def _add(
        self, rule: str, path: Path, message: str, hint: str = "", *, severity: Severity
    ) -> None:
        self.findings.append(
            Finding(
                severity=severity,
                place=self.places.place(path),
                path=self.places.text(path),
                message=message,
                hint=hint,
                rule=rule,
            )
        )

    def _supported(self) -> None:
        """What the platform cannot hold: one finding for each feature, however often it is used."""
        missing: dict[str, _Missing] = {}

        def want(feature: str, path: Path, kind: Kind | None) -> None:
            if not self.facts.cell(feature).held:
                cell = self.facts.covering(feature)
                missing.setdefault(cell, _Missing(path, kind)).things.add(path)

        for resource in self.desired.resources:
            for feature, path in self._features(resource):
                # Of permissions each has a finding at its own word.
                one = feature.startswith("permission.")
                want(feature, path, None if one else resource.kind)
        for new in self.desired.renames:
            want(f"{new.kind}.rename", self.desired.origin(new, "renamed_from"), new.kind)
        way = self.desired.onboarding
        want(f"onboarding.{way}", ("sign_in", "onboarding"), None)
        told: list[tuple[str, Path]] = []
        for feature, where in missing.items():
            note = self.facts.cell(feature).note
            # What is lacking as a whole is said once, above its parts.
            if any(n == note and where.path[: len(p)] == p != where.path for n, p in told):
                continue
            told.append((note, where.path))
            self._unsupported(feature, where)

    def _features(self, resource: Resource) -> Iterable[tuple[str, Path]]:
        """The features that the file asks for with this thing, each with its place."""
        key, origins = resource.key, self.desired.origins
        if isinstance(resource, Setting):
            feature = f"setting.{resource.name}"
            said = resource.value is not UNSET or key in self.desired.secrets
            if said and not self.facts.so_anyway(feature, resource.value):
                yield feature, self.desired.origin(key)
            return
        if not self.facts.support_of_kind(resource.kind).held:
            yield resource.kind.value, self.desired.origin(key)
            return
        if isinstance(resource, Role):
            whose = "own" if resource.own else resource.name
            yield f"role.{whose}", self.desired.origin(key)
            may = resource.may if isinstance(resource.may, frozenset) else frozenset()
            for word in sorted(may | resource.may_not):
                place = self.desired.origin(key, f"permission.{word}")
                yield f"permission.{word}.{resource.name}", place
        if isinstance(resource, DirectMessage) and len(resource.members) > 2:
            yield "direct-message.group", self.desired.origin(key)
        if (key, "picture") in self.desired.pictures:
            yield f"{resource.kind}.picture", self.desired.origin(key, "picture")
        for name in field_names(resource):
            # What was not written but follows from something else has no place of its own.
            value, feature = getattr(resource, name), f"{resource.kind}.{name}"
            said = (key, name) in origins and value is not UNSET
            if said and not self.facts.so_anyway(feature, value):
                yield feature, origins[(key, name)]
        if isinstance(resource, User) and isinstance(resource.roles, frozenset):
            for role in sorted(resource.roles):
                yield f"role.{role}", self.desired.origin(key, "roles")

    def _unsupported(self, feature: str, where: _Missing) -> None:
        cell = self.facts.cell(feature)
        message = cell.note or f"{self.facts.label} cannot hold this"
        message += _how_many(where)
        if self.desired.policy.unsupported is Unsupported.NOTE or cell.can is Can.LOOKUP:
            self._add("unsupported", where.path, message, severity=Severity.NOTE)
            return
        hint = "take it out, or write `policy: {unsupported: note}` to go on without it"
        self._add("unsupported", where.path, message, hint, severity=Severity.ERROR)

    def _altered(self) -> None:
        """What is kept with another value than the one written: one finding for each of these."""
        if not any(cell.can is Can.EMULATED for cell in self.facts.support.values()):
            return
        found: dict[tuple[str, str, str], _Missing] = {}
        for resource in self.desired.resources:
            held = hold(resource, self.facts)
            names = ("value",) if isinstance(resource, Setting) else field_names(resource)
            for name in names if held is not None else ():
                before, after = getattr(resource, name), getattr(held, name)
                if before == after or not (isinstance(before, str) and isinstance(after, str)):
                    continue
                feature = f"{resource.kind}.{name}"
                if isinstance(resource, Setting):
                    feature = f"setting.{resource.name}"
                if self.facts.cell(feature).can is Can.EMULATED:
                    path = self.desired.origin(resource.key, name)
                    where = (self.facts.covering(feature), before, after)
                    found.setdefault(where, _Missing(path, resource.kind)).things.add(path)
        for (feature, before, after), place in found.items():
            note = self.facts.cell(feature).note
            message = f"{quoted(before)} becomes {quoted(after)}: {note}{_how_many(place)}"
            self._add("altered", place.path, message, severity=Severity.NOTE)

"""Whether what the file asks for fits the platform's rules: names, lengths, numbers."""

import re
from collections.abc import Iterator
from typing import Any, Final

from chatops.core.desired import Desired, Path
from chatops.core.images import picture_size
from chatops.errors import Finding, Severity
from chatops.platforms.base import (
    Alike,
    Cap,
    Facts,
    Length,
    Namespace,
    Never,
    Pattern,
    PictureSize,
    Public,
    Reserved,
)
from chatops.resources import UNSET, Channel, Key, Kind, Picture, Resource, Setting, User
from chatops.spec import SourceMap
from chatops.spec.text import quoted

__all__ = ["MEETING", "Fitting"]

MEETING: Final[dict[str, str]] = {
    "platform-pattern": "Texts have the form that the platform takes.",
    "platform-length": "Texts are as long as the platform takes.",
    "platform-reserved": "No names that the platform keeps for itself.",
    "platform-namespace": "Names that the platform compares differ, however they are cased.",
    "platform-alike": "What the platform keeps by name alone is the same for all of that name.",
    "platform-public": "What hears public channels alone is not given a private one.",
    "platform-picture": "Pictures are as large as the platform takes.",
    "platform-never": "No two values that the platform cannot hold together.",
    "platform-cap": "No more than the platform's edition takes.",
}

_WORDS: Final = {
    Kind.USER: "person",
    Kind.TEAM: "team",
    Kind.CHANNEL: "channel",
    Kind.BOT: "bot",
    Kind.EMOJI: "emoji",
    Kind.DEPARTMENT: "department",
    Kind.SLASH_COMMAND: "command",
}
_NAMED: Final = {Kind.USER: "username", Kind.BOT: "username", Kind.SLASH_COMMAND: "trigger"}
"""The field that holds the name of a kind, where it is not `name`."""


class Fitting:
    """The rules of one release, put to one company."""

    def __init__(self, desired: Desired, facts: Facts, places: SourceMap) -> None:
        self.desired = desired
        self.facts = facts
        self.places = places
        self.findings: list[Finding] = []
        self.misshapen: set[Path] = set()
        # The rules are about what is sent, and that is the platform's own form.
        self.by_kind: dict[Kind, list[Resource]] = {}
        for resource in desired.resources:
            normalize = facts.normalize.get(resource.kind)
            sent = normalize(resource) if normalize else resource
            self.by_kind.setdefault(resource.kind, []).append(sent)

    def run(self) -> list[Finding]:
        """All findings."""
        for rule in self.facts.rules:
            match rule:
                case Pattern():
                    self._pattern(rule)
                case Length():
                    self._length(rule)
                case Reserved():
                    self._reserved(rule)
                case Namespace():
                    self._namespace(rule)
                case Cap():
                    self._cap(rule)
                case Alike():
                    self._alike(rule)
                case Never():
                    self._never(rule)
                case Public():
                    self._public(rule)
                case PictureSize():
                    self._picture(rule)
        return self.findings

    def _add(self, rule: str, path: Path, message: str, hint: str = "") -> None:
        self.findings.append(
            Finding(
                severity=Severity.ERROR,
                place=self.places.place(path),
                path=self.places.text(path),
                message=message,
                hint=hint,
                rule=rule,
            )
        )

    def _texts(self, kind: Kind, field: str) -> Iterator[tuple[str, Path]]:
        """The texts that a rule is about; of settings the one of that name."""
        for resource in self.by_kind.get(kind, ()):
            value: Any
            if isinstance(resource, Setting):
                value = resource.value if resource.name == field else None
            else:
                value = getattr(resource, field, None)
            texts = value if isinstance(value, frozenset) else (value,)
            for text in sorted(t for t in texts if isinstance(t, str)):
                yield text, self.desired.origin(resource.key, field)

    def _pattern(self, rule: Pattern) -> None:
        wanted = re.compile(rule.regex, re.DOTALL)
        for text, path in self._texts(rule.kind, rule.field):
            if path not in self.misshapen and not wanted.fullmatch(text):
                self.misshapen.add(path)
                self._add("platform-pattern", path, f"{quoted(text)} does not fit", _also(rule))

    def _length(self, rule: Length) -> None:
        unit = "byte" if rule.bytes else "character"
        for text, path in self._texts(rule.kind, rule.field):
            size = len(text.encode()) if rule.bytes else len(text)
            if path in self.misshapen or rule.least <= size <= rule.most:
                continue
            self.misshapen.add(path)
            if size > rule.most:
                self._add(
                    "platform-length",
                    path,
                    f"too long for {self.facts.label}: {size:,} {unit}s, {rule.most:,} at most",
                    "letters outside a-z count for two or more"
                    if rule.bytes and not text.isascii()
                    else "",
                )
            else:
                least = f"{rule.least} {unit}{'s'[: rule.least != 1]}"
                self._add(
                    "platform-length", path, f"too short for {self.facts.label}: {least} at least"
                )

    def _reserved(self, rule: Reserved) -> None:
        words = {w.casefold(): w for w in rule.words}
        longest_first = sorted(words, key=len, reverse=True)
        for text, path in self._texts(rule.kind, rule.field):
            folded = text.casefold()
            word = words.get(folded)
            if word is None and rule.prefix:
                word = next((words[w] for w in longest_first if folded.startswith(w)), None)
            if word is None:
                continue
            begins = "" if folded == word.casefold() else f", it begins with `{word}`"
            self._add(
                "platform-reserved",
                path,
                f"{quoted(text)} cannot be the name{begins}: {rule.why}",
                "choose another name",
            )

    def _namespace(self, rule: Namespace) -> None:
        first: dict[tuple[str, str], Key] = {}
        for kind in Kind:
            for resource in self.by_kind.get(kind, ()) if kind in rule.kinds else ():
                name = _name(resource)
                team = resource.team if rule.per_team and isinstance(resource, Channel) else ""
                before = first.setdefault((team, name.casefold()), resource.key)
                # The same thing twice is reported when the file is read.
                if before == resource.key:
                    continue
                field = _NAMED.get(resource.kind, "name")
                path = self.desired.origin(resource.key, field)
                there, here = (
                    self.places.place(self.desired.origin(before)),
                    self.places.place(path),
                )
                where = f"in line {there.line}" if there.file == here.file else f"at {there}"
                self._add(
                    "platform-namespace",
                    path,
                    f"{quoted(name)} is the name of the {_WORDS[before.kind]} {where} as well",
                    rule.why,
                )

    def _cap(self, rule: Cap) -> None:
        counted = [
            r
            for r in self.by_kind.get(rule.kind, ())
            if not (isinstance(r, User) and r.active is False)
        ]
        if len(counted) <= rule.most:
            return
        what = "active people" if rule.kind is Kind.USER else f"{_WORDS.get(rule.kind, 'thing')}s"
        self._add(
            "platform-cap",
            self.desired.origin(counted[rule.most].key),
            f"{len(counted):,} {what}, and this is the first one too many: {rule.why}",
            rule.hint,
        )

    def _alike(self, rule: Alike) -> None:
        first: dict[str, Resource] = {}
        for resource in self.by_kind.get(rule.kind, ()):
            value = getattr(resource, rule.field)
            if value is UNSET:
                continue
            other = first.setdefault(_name(resource).casefold(), resource)
            if getattr(other, rule.field) != value:
                self._add(
                    "platform-alike",
                    self.desired.origin(resource.key, rule.field),
                    f"{quoted(other.key.name)} says otherwise, and {rule.why}",
                    "say the same for both, or give one of them another name",
                )

    def _never(self, rule: Never) -> None:
        for resource in self.by_kind.get(rule.kind, ()):
            if all(getattr(resource, name) == value for name, value in rule.values.items()):
                path = self.desired.origin(resource.key, rule.field)
                self._add("platform-never", path, rule.why, rule.hint)

    def _public(self, rule: Public) -> None:
        private = {
            r.key.name
            for r in self.by_kind.get(Kind.CHANNEL, ())
            if isinstance(r, Channel) and r.private is True
        }
        for resource in self.by_kind.get(rule.kind, ()):
            if getattr(resource, rule.field) in private:
                path = self.desired.origin(resource.key, rule.field)
                self._add("platform-public", path, rule.why, rule.hint)

    def _picture(self, rule: PictureSize) -> None:
        for resource in self.by_kind.get(rule.kind, ()):
            picture = getattr(resource, "picture", None)
            if not isinstance(picture, Picture):
                continue
            path = self.desired.origin(resource.key, "picture")
            width, height = picture_size(picture.data) or (0, 0)
            is_now = ""
            if len(picture.data) > rule.bytes:
                is_now = f"{len(picture.data):,} bytes, {rule.bytes:,} at most"
            elif max(width, height) > rule.side:
                is_now = f"{width:,} × {height:,} pixels, {rule.side:,} a side at most"
            if is_now:
                text = f"too large for {self.facts.label}: {is_now}"
                self._add("platform-picture", path, text, "scale it down")


def _name(resource: Resource) -> str:
    return str(getattr(resource, _NAMED.get(resource.kind, "name"), ""))


def _also(rule: Pattern) -> str:
    return f"{rule.message}; {rule.hint}" if rule.hint else rule.message

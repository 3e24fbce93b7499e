"""Everything about the meaning of a company file that can be judged without a server."""

import re
from dataclasses import replace
from typing import Final

from chatops.core.desired import Dangling, Desired, Path
from chatops.core.fitting import MEETING, Fitting
from chatops.core.lacking import LACKING, Lacking
from chatops.errors import Finding, Severity
from chatops.platforms.base import Facts, Onboarding
from chatops.resources import (
    UNSET,
    Key,
    Kind,
    Setting,
    User,
    key_matches,
)
from chatops.spec import SourceMap
from chatops.spec.files import MOST_FINDINGS
from chatops.spec.keys import nearest
from chatops.spec.people import BETWEEN
from chatops.spec.rules import READING
from chatops.spec.text import counted, quoted

__all__ = ["RULES", "check"]

_MEANING: Final[dict[str, str]] = {
    "platform": "The platform is one there is.",
    "edition": "The edition is one of the platform's.",
    "platform-version": "The version is one that chatops was made for.",
    "secret": "A secret that is referred to can be had.",
    "unknown-person": "Who is listed anywhere is under `users`.",
    "unknown-group": "A group that is named is under `groups`.",
    "unknown-team": "A team that is named is under `teams`.",
    "unknown-role": "A role that is named is built in or under `roles`.",
    "role-meaning": "A role says which built-in role is behind it, or what it may do.",
    "role-both": "A role may do a thing, or may not.",
    "lead-by-name": "Leads are named at their team or channel, not as a role of a person.",
    "unknown-channel": "A channel that is named is listed under its team, and not archived.",
    "conversation": "A conversation is between two people or more, and listed once.",
    "picture": "A picture that is named is a PNG, JPEG or GIF file that is there.",
    "picture-outside": "Pictures are in the folder of the company file, or below.",
    "break-glass": "The account for emergencies is an admin of the list, and active.",
    "bot-person": "No bot has the user name of a person.",
    "group-cycle": "A group does not contain itself.",
    "everyone": "No person is named `everyone`: it means all.",
    "no-email": "Whoever gets an account has an e-mail address.",
    "email-domain": "Addresses are in the domains that `sign_in.email_domains` lets in.",
    "min-admins": "The file lists as many active admins as `policy.min_admins` wants.",
    "renamed-from": "`renamed_from` is a name that is free now, and claimed once.",
    "ignore-kind": "A pattern under `ignore` is kind:name.",
    "ignore-listed": "`ignore` does not hit what the file lists.",
}

RULES: Final[dict[str, str]] = {**READING, **_MEANING, **LACKING, **MEETING}
"""Every rule of a company file: its id, and what it demands."""

_ONE_BY_ONE = 10
"""More findings of a kind than this are summed up in one more."""

_KIND_WORDS: Final = {
    Kind.USER: "person",
    Kind.TEAM: "team",
    Kind.CHANNEL: "channel",
    Kind.SETTING: "setting",
    Kind.TEAM_MEMBERS: "team",
    Kind.CHANNEL_MEMBERS: "channel",
}


def check(desired: Desired, facts: Facts, places: SourceMap) -> list[Finding]:
    """All findings, in the order of the checks. Pure."""
    found = _Check(desired, facts, places)
    found.release()
    found.dangling()
    found.words()
    found.people()
    found.renamed()
    found.ignored()
    findings = found.findings + Lacking(desired, facts, places).run()
    findings += Fitting(desired, facts, places).run()
    if len(findings) > MOST_FINDINGS:
        last = findings[MOST_FINDINGS]
        findings[MOST_FINDINGS:] = [
            replace(
                last,
                path="",
                message=f"there is more, from here on; the first {MOST_FINDINGS:,} are shown",
                hint="",
                rule="too-many",
            )
        ]
    return findings


class _Check:
    def __init__(self, desired: Desired, facts: Facts, places: SourceMap) -> None:
        self.desired = desired
        self.facts = facts
        self.places = places
        self.findings: list[Finding] = []

    def _add(
        self,
        rule: str,
        path: Path,
        message: str,
        hint: str = "",
        severity: Severity = Severity.ERROR,
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

    def release(self) -> None:
        """What to know about the version."""
        for remark in self.facts.remarks:
            self._add("platform-version", ("chat", "version"), remark, severity=Severity.WARNING)

    def dangling(self) -> None:
        """Names behind which there is nothing."""
        # Looking for a near name among thousands takes a while.
        patience = 100_000
        for lost in self.desired.dangling[: MOST_FINDINGS + 1]:
            patience -= len(lost.known)
            if lost.rule:
                self._add(lost.rule, lost.path, lost.message, lost.hint)
                continue
            rule, what = _AMONG[lost.among]
            hint = self._several(lost) or _guess(lost, nearby=patience > 0)
            self._add(rule, lost.path, f"no {what} named {quoted(lost.name)}", hint)

    def _several(self, lost: Dangling) -> str:
        """What to do where one name is several with another sign between them."""
        names = [n.strip() for n in re.split("[,;]", lost.name) if n.strip()]
        if lost.among not in ("teams", "roles") or len(names) < 2:
            return ""
        if self.places.place(lost.path).file.lower().endswith((".yaml", ".yml")):
            return f"several are several items of the list: [{', '.join(names)}]"
        return f"several in one cell have {BETWEEN} between them: {BETWEEN.join(names)}"

    def words(self) -> None:
        """Names that mean something else in this language."""
        for person in self.desired.resources:
            if isinstance(person, User) and person.username == "everyone":
                path = self.desired.origin(person.key, "username")
                self._add(
                    "everyone",
                    path,
                    "`everyone` means all people and cannot be one of them",
                    "choose another user name",
                )

    def people(self) -> None:
        """Addresses, and enough admins."""
        desired = self.desired
        active = [r for r in desired.resources if isinstance(r, User) and r.active is not False]
        nowhere = [
            desired.origin(person.key)
            for person in active
            if person.email is UNSET and desired.onboarding is not Onboarding.SSO
        ]
        self._each(
            "no-email",
            nowhere,
            "has no e-mail address; a new account needs one",
            "give `email`, or `active: false` to a person who has left",
        )
        let_in = self._domains()
        outside = [
            desired.origin(person.key, "email")
            for person in active
            if let_in
            and isinstance(person.email, str)
            and person.email.rpartition("@")[2].casefold() not in let_in
        ]
        self._each(
            "email-domain",
            outside,
            f"not in {', '.join(sorted(let_in)[:5])}: the server would refuse the account",
            "add the domain to sign_in.email_domains",
        )
        least, have = desired.policy.min_admins, len(desired.admins)
        path: Path = ("policy", "min_admins")
        if have < least and self.places.node(path) is not None:
            admins = "no active admin" if not have else counted(have, "active admin")
            self._add(
                "min-admins",
                path,
                f"{counted(least, 'admin')} must remain, and this file lists {admins}",
                "give `roles: [admin]` to more people, or lower the number",
                Severity.WARNING,
            )

    def _domains(self) -> frozenset[str]:
        for setting in self.desired.resources:
            if isinstance(setting, Setting) and setting.name == "sign_in.email_domains":
                value = setting.value if isinstance(setting.value, tuple) else ()
                return frozenset(d.strip().lstrip("@").casefold() for d in value)
        return frozenset()

    def _each(self, rule: str, paths: list[Path], message: str, hint: str) -> None:
        for path in paths[:_ONE_BY_ONE]:
            self._add(rule, path, message, hint)
        rest = paths[_ONE_BY_ONE:]
        if rest:
            people = "one more person" if len(rest) == 1 else f"{len(rest):,} more people"
            self._add(rule, rest[0], f"{message} (and so for {people} from here on)", hint)

    def renamed(self) -> None:
        """A name that was given up must be free, or given up in turn by who has it now."""
        listed = {r.key.folded for r in self.desired.resources}
        claimed: dict[Key, Key] = {}
        moving = {new.folded for new in self.desired.renames}
        for new, old in self.desired.renames.items():
            path, folded = self._rename_path(new), old.folded
            short = old.name.rpartition("/")[2]
            word = _KIND_WORDS[new.kind]
            if folded == new.folded:
                self._add("renamed-from", path, "this is its name now", "take it out")
            elif folded in listed and folded not in moving:
                self._add(
                    "renamed-from",
                    path,
                    f"{quoted(short)} is still the name of another {word} in this file",
                    "take `renamed_from` out, or the other one",
                )
            elif folded in claimed:
                other = claimed[folded].name.rpartition("/")[2]
                self._add(
                    "renamed-from",
                    path,
                    f"{quoted(short)} has become {quoted(other)} already",
                    f"one {word} has one new name",
                )
            elif self._comes_round(new):
                self._add(
                    "renamed-from",
                    path,
                    f"{word}s that swap names cannot be told apart afterwards",
                    "give one of them a third name first, and its last name in a second run",
                )
            claimed.setdefault(folded, new)

    def _comes_round(self, start: Key) -> bool:
        """Whether the names form a ring: then nobody can say if the swap has been made."""
        by_new = {new.folded: old.folded for new, old in self.desired.renames.items()}
        seen, key = {start.folded}, by_new.get(start.folded)
        while key is not None and key not in seen:
            seen.add(key)
            key = by_new.get(key)
        return key == start.folded

    def _rename_path(self, new: Key) -> Path:
        return self.desired.origin(new, "renamed_from")

    def ignored(self) -> None:
        """Patterns that hit nothing, or too much."""
        for i, pattern in enumerate(self.desired.ignore):
            path: Path = ("ignore", i)
            kind, colon, name = pattern.partition(":")
            if not colon:
                kind, _, name = pattern.partition("/")
            if kind not in (*Kind, "*"):
                near = nearest(kind, [k.value for k in Kind])
                self._add(
                    "ignore-kind",
                    path,
                    f"{quoted(pattern)} begins with no kind of thing",
                    f"did you mean `{near}:{name or '*'}`?"
                    if near
                    else "write kind:name, the kind being one of " + ", ".join(Kind),
                )
                continue
            hits = [r.key for r in self.desired.resources if key_matches(pattern, r.key)]
            if hits:
                more = f" and {len(hits) - 1:,} more" if len(hits) > 1 else ""
                self._add(
                    "ignore-listed",
                    path,
                    f"leaves {quoted(str(hits[0]))}{more} alone, though this file lists it",
                    "take it out of the file, or make the pattern narrower",
                    Severity.WARNING,
                )


_AMONG: Final = {
    "users": ("unknown-person", "user or group"),
    "groups": ("unknown-group", "group"),
    "teams": ("unknown-team", "team"),
    "roles": ("unknown-role", "role"),
    "channels": ("unknown-channel", "channel"),
    "people": ("unknown-person", "user"),
}


def _guess(lost: Dangling, nearby: bool) -> str:
    name = lost.name.lstrip("@")
    if f"group:{name}" in lost.known:
        return f"a group is written `group:{name}`"
    if name in ("all", "everybody", "channel", "*") and lost.among == "users":
        return "all people are `everyone`"
    if "@" in name:
        return "people are named by their user name, not their address"
    near = nearest(name, lost.known) if nearby else None
    if near is not None:
        return f"did you mean `{near}`?"
    if lost.among == "channels":
        return "channels are named team/channel, and listed under their team"
    if lost.among == "people":
        return "people are listed under `users`; a conversation names each by itself"
    if lost.among == "users":
        return "people are listed under `users`, groups as group:NAME"
    return f"list it under `{lost.among}`"

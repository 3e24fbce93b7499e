"""From the company file to the things that should be there: defaults in, groups flattened.

Pure, and free of products. Where the file points at something that does not exist the reference
is recorded here and judged in `checks`.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias, TypeVar

from chatops.platforms.base import Onboarding
from chatops.resources import (
    ADMIN,
    GUEST,
    MEMBER,
    UNSET,
    Channel,
    ChannelMembers,
    Key,
    Kind,
    Maybe,
    Resource,
    Setting,
    Team,
    TeamMembers,
    User,
)
from chatops.secrets import REFERENCE, Secret
from chatops.spec import models
from chatops.spec.models import Membership, Unmanaged, Unsupported

__all__ = ["Dangling", "Desired", "Path", "Policy", "Reference", "expand", "with_secrets"]

Path: TypeAlias = tuple[str | int, ...]
"""A place in the spec: ("teams", 0, "channels", 2, "topic")."""

T = TypeVar("T")

_DEEPEST = 50
"""So many groups inside each other, and no more."""

_ROLES = {"system_admin": ADMIN, "member": MEMBER, "guest": GUEST}


@dataclass(frozen=True)
class Reference:
    """A secret that the file refers to and nobody has looked up yet."""

    text: str
    path: Path


@dataclass(frozen=True)
class Dangling:
    """A name in the file behind which there is nothing."""

    path: Path
    name: str
    among: str
    known: tuple[str, ...] = ()
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How careful a run is."""

    unmanaged: Unmanaged = Unmanaged.REPORT
    max_removals: int | str = 10
    min_admins: int = 1
    unsupported: Unsupported = Unsupported.REFUSE


@dataclass(frozen=True, kw_only=True)
class Desired:
    """What the file asks for.

    `resources` keeps the file's order, `origins` says where each field stands (`(key, field)`,
    and `(key, "")` for the thing itself). `exact` holds the keys of memberships that are exact,
    `inactive` the people who shall not be added anywhere, `renames` new key → old key,
    `secrets` the settings whose value is still a reference.
    """

    platform: str
    edition: str | None
    version: str | None
    url: str | None
    policy: Policy
    onboarding: Onboarding
    resources: tuple[Resource, ...]
    origins: Mapping[tuple[Key, str], Path]
    exact: frozenset[Key]
    inactive: frozenset[str]
    admins: frozenset[str]
    ignore: tuple[str, ...]
    renames: Mapping[Key, Key]
    secrets: Mapping[Key, Reference]
    dangling: tuple[Dangling, ...]
    implied_team_members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """People who come into a team because they are in one of its channels."""

    def origin(self, key: Key, field_name: str = "") -> Path:
        """Where the file says it; the thing itself where the field is not its own line."""
        return self.origins.get((key, field_name)) or self.origins.get((key, ""), ())


def _set(value: T | None) -> Maybe[T]:
    return UNSET if value is None else value


def _text(value: str | None) -> Maybe[str]:
    """Text as every server keeps it: composed, no blank ends."""
    return UNSET if value is None else unicodedata.normalize("NFC", value).strip()


def expand(spec: models.Spec) -> Desired:
    """Say what the file asks for. Never raises: what is wrong is recorded in `dangling`."""
    return _Expansion(spec).run()


class _Expansion:
    def __init__(self, spec: models.Spec) -> None:
        self.spec = spec
        self.resources: list[Resource] = []
        self.origins: dict[tuple[Key, str], Path] = {}
        self.dangling: list[Dangling] = []
        self.renames: dict[Key, Key] = {}
        self.exact: set[Key] = set()
        self.secrets: dict[Key, Reference] = {}
        self.roles = {ADMIN: ADMIN, MEMBER: MEMBER, GUEST: GUEST}
        self.usernames = {u.username for u in spec.users}
        self.inactive = frozenset(u.username for u in spec.users if u.active is False)
        self.guests: set[str] = set()
        self.groups = {g.name: (i, g) for i, g in enumerate(spec.groups)}
        self.people_known = (*self.usernames, *(f"group:{g}" for g in self.groups))
        self.flat: dict[str, frozenset[str]] = {}
        self.team_members: dict[str, set[str]] = {}
        self.implied: dict[str, frozenset[str]] = {}

    def run(self) -> Desired:
        self._settings()
        self._roles()
        self._users()
        for name in self.groups:
            self._group(name, ())
        self._teams()
        policy = self.spec.policy
        chat = self.spec.chat
        return Desired(
            platform=chat.platform,
            edition=chat.edition,
            version=chat.version,
            url=chat.url,
            policy=Policy(
                unmanaged=policy.unmanaged,
                max_removals=policy.max_removals,
                min_admins=policy.min_admins,
                unsupported=policy.unsupported,
            ),
            onboarding=Onboarding(self.spec.sign_in.onboarding),
            resources=tuple(self.resources),
            origins=self.origins,
            exact=frozenset(self.exact),
            inactive=self.inactive,
            admins=frozenset(
                r.username
                for r in self.resources
                if isinstance(r, User)
                and isinstance(r.roles, frozenset)
                and ADMIN in r.roles
                and r.active is not False
            ),
            ignore=tuple(self.spec.ignore),
            renames=self.renames,
            secrets=self.secrets,
            dangling=tuple(self.dangling),
            implied_team_members=self.implied,
        )

    def _add(self, resource: Resource, path: Path, **paths: Path) -> None:
        self.resources.append(resource)
        self.origins[(resource.key, "")] = path
        for name, place in paths.items():
            self.origins[(resource.key, name)] = place

    def _settings(self) -> None:
        spec = self.spec
        files = spec.storage.files if spec.storage else None
        mail = spec.smtp
        domains = spec.sign_in.email_domains
        values: list[tuple[str, Any]] = [
            ("company.name", _text(spec.company.name)),
            ("company.locale", spec.company.locale),
            ("company.timezone", spec.company.timezone),
            (
                "sign_in.password.min_length",
                spec.sign_in.password.min_length if spec.sign_in.password else None,
            ),
            ("sign_in.self_registration", spec.sign_in.self_registration),
            (
                "sign_in.email_domains",
                None if domains is None else tuple(sorted({d.lower() for d in domains})),
            ),
        ]
        if mail is not None:
            values += [
                ("smtp.host", mail.host),
                ("smtp.port", mail.port),
                ("smtp.security", mail.security),
                ("smtp.username", mail.username),
                ("smtp.password", mail.password),
                ("smtp.from", mail.sender),
            ]
        if files is not None:
            values += [
                (f"storage.files.{name}", getattr(files, name)) for name in type(files).model_fields
            ]
        for name, value in values:
            if value is None:
                continue
            path: Path = tuple(name.split("."))
            setting = Setting(name=name, value=value)
            if isinstance(value, str) and name in _SECRET_SETTINGS and REFERENCE.fullmatch(value):
                setting = Setting(name=name, value=UNSET)
                self.secrets[setting.key] = Reference(value, path)
            self._add(setting, path)

    def _roles(self) -> None:
        for i, role in enumerate(self.spec.roles):
            if role.maps_to is not None:
                self.roles[role.name] = _ROLES[role.maps_to]
            elif role.name not in self.roles:
                self.dangling.append(
                    Dangling(
                        ("roles", i, "name"),
                        role.name,
                        "roles",
                        message=f"the role `{role.name}` maps to nothing",
                    )
                )

    def _users(self) -> None:
        for i, person in enumerate(self.spec.users):
            path: Path = ("users", i)
            roles: Maybe[frozenset[str]] = UNSET
            if person.roles is not None:
                found = set()
                for j, name in enumerate(person.roles):
                    if name in self.roles:
                        found.add(self.roles[name])
                    else:
                        self._dangle((*path, "roles", j), name, "roles", self.roles)
                high = next((r for r in (ADMIN, GUEST) if r in found), MEMBER)
                roles = frozenset({high})
                if GUEST in roles:
                    self.guests.add(person.username)
            user = User(
                username=person.username,
                name=_squeeze(_text(person.name)),
                email=_set(person.email.lower() if person.email else None),
                title=_squeeze(_text(person.title)),
                roles=roles,
                active=_set(person.active),
            )
            self._add(
                user,
                path,
                **{
                    n: (*path, n) for n in type(person).model_fields if n in person.model_fields_set
                },
            )
            if person.renamed_from is not None:
                self.renames[user.key] = Key(Kind.USER, person.renamed_from)
                self.origins[(user.key, "renamed_from")] = (*path, "renamed_from")

    def _group(self, name: str, above: tuple[str, ...]) -> frozenset[str]:
        if name in self.flat:
            return self.flat[name]
        if name in above:
            i, _ = self.groups[name]
            circle = " → ".join((*above[above.index(name) :], name))
            self.dangling.append(
                Dangling(
                    ("groups", i, "members"),
                    name,
                    "groups",
                    message=f"the group contains itself: {circle}",
                )
            )
            return frozenset()
        i, group = self.groups[name]
        if len(above) > _DEEPEST:
            self.dangling.append(
                Dangling(
                    ("groups", i, "members"),
                    name,
                    "groups",
                    message=f"more than {_DEEPEST} groups stand inside each other",
                )
            )
            return frozenset()
        people = self._people(group.members, ("groups", i, "members"), (*above, name))
        self.flat[name] = people
        return people

    def _people(
        self, names: Iterable[str], path: Path, above: tuple[str, ...] = ()
    ) -> frozenset[str]:
        """User names behind a list of user names, groups and `everyone`; without the inactive."""
        people: set[str] = set()
        for i, name in enumerate(names):
            if name == "everyone":
                people |= self.usernames - self.guests
            elif name.startswith("group:"):
                group = name.removeprefix("group:")
                if group in self.groups:
                    people |= self._group(group, above)
                else:
                    self._dangle((*path, i), group, "groups", tuple(self.groups))
            elif name in self.usernames:
                people.add(name)
            else:
                self._dangle((*path, i), name, "users", self.people_known)
        return frozenset(people) - self.inactive

    def _dangle(self, path: Path, name: str, among: str, known: Iterable[str]) -> None:
        known = known if isinstance(known, tuple) else tuple(known)
        self.dangling.append(Dangling(path, name, among, known))

    def _teams(self) -> None:
        names = {t.name for t in self.spec.teams}
        from_people: dict[str, set[str]] = {}
        for i, person in enumerate(self.spec.users):
            for j, name in enumerate(person.teams or ()):
                if name not in names:
                    self._dangle(("users", i, "teams", j), name, "teams", names)
                elif person.active is not False:
                    from_people.setdefault(name, set()).add(person.username)
        for i, team in enumerate(self.spec.teams):
            self._team(i, team, frozenset(from_people.get(team.name, ())))

    def _team(self, i: int, team: models.Team, listed: frozenset[str]) -> None:
        path: Path = ("teams", i)
        resource = Team(
            name=team.name,
            display_name=_squeeze(_text(team.display_name)),
            description=_text(team.description),
            open=UNSET if team.visibility is None else team.visibility == "open",
            archived=False,
        )
        self._add(
            resource,
            path,
            name=(*path, "name"),
            display_name=(*path, "display_name"),
            description=(*path, "description"),
            open=(*path, "visibility"),
        )
        if team.renamed_from is not None:
            self.renames[resource.key] = Key(Kind.TEAM, team.renamed_from)
            self.origins[(resource.key, "renamed_from")] = (*path, "renamed_from")
        members = set(listed)
        if team.members is not None:
            members |= self._people(team.members, (*path, "members"))
        leads = None if team.leads is None else self._people(team.leads, (*path, "leads"))
        inside: set[str] = set()
        channels: list[tuple[Resource, Path, dict[str, Path]]] = []
        for j, channel in enumerate(team.channels):
            inside |= self._channel(team, channel, (*path, "channels", j), channels)
        self.implied[team.name] = frozenset(inside - members - (leads or frozenset()))
        everyone = frozenset(members | inside | (leads or frozenset()))
        said = team.members is not None or bool(listed)
        if said or leads is not None or inside:
            people = TeamMembers(team=team.name, members=everyone, leads=_set(leads))
            self._add(
                people,
                (*path, "members") if team.members is not None else path,
                members=(*path, "members"),
                leads=(*path, "leads"),
            )
            if said and self._is_exact(team.membership):
                self.exact.add(people.key)
        for channel_resource, place, places in channels:
            self._add(channel_resource, place, **places)

    def _channel(
        self,
        team: models.Team,
        channel: models.Channel,
        path: Path,
        found: list[tuple[Resource, Path, dict[str, Path]]],
    ) -> frozenset[str]:
        """Note the channel and who is in it; returns those people."""
        resource = Channel(
            team=team.name,
            name=channel.name,
            display_name=_squeeze(_text(channel.display_name)),
            topic=_text(channel.topic),
            purpose=_text(channel.purpose),
            private=_set(channel.private),
            archived=False,
        )
        found.append((resource, path, {n: (*path, n) for n in channel.model_fields_set}))
        if channel.renamed_from is not None:
            self.renames[resource.key] = Key(Kind.CHANNEL, f"{team.name}/{channel.renamed_from}")
        if channel.members is None:
            return frozenset()
        people = self._people(channel.members, (*path, "members"))
        members = ChannelMembers(team=team.name, channel=channel.name, members=people)
        found.append((members, (*path, "members"), {"members": (*path, "members")}))
        if self._is_exact(channel.membership):
            self.exact.add(members.key)
        return people

    def _is_exact(self, own: Membership | None) -> bool:
        return (own or self.spec.policy.membership) is Membership.EXACT


_SECRET_SETTINGS = frozenset(
    {"smtp.password", "storage.files.access_key", "storage.files.secret_key"}
)


def _squeeze(value: Maybe[str]) -> Maybe[str]:
    return re.sub(r"\s+", " ", value) if isinstance(value, str) else value


def with_secrets(desired: Desired, found: Mapping[Key, Secret]) -> Desired:
    """The same with the values of those settings that hold a reference."""
    resources = tuple(
        replace(r, value=found[r.key]) if isinstance(r, Setting) and r.key in found else r
        for r in desired.resources
    )
    return replace(desired, resources=resources)

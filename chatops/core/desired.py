"""What a company file asks for, as values: the things that should be there, and the policy."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from chatops.platforms.base import Onboarding
from chatops.resources import Key, Kind, Picture, Resource, Setting
from chatops.secrets import Secret
from chatops.spec.models import Unmanaged, Unsupported

__all__ = [
    "Dangling",
    "Desired",
    "Path",
    "Policy",
    "Reference",
    "with_fields",
    "with_pictures",
    "with_secrets",
]

Path: TypeAlias = tuple[str | int, ...]
"""A place in the spec: ("teams", 0, "channels", 2, "topic")."""


@dataclass(frozen=True)
class Reference:
    """A secret or a file that the spec refers to and nobody has looked up yet.

    `shared`: no word of the file but what follows from it. An installation makes it; elsewhere it
    is somebody else's, and where it is not known it is left alone.
    """

    text: str
    path: Path
    shared: bool = False


@dataclass(frozen=True)
class Dangling:
    """A name in the file behind which there is nothing; or, with a `rule`, something else that
    is wrong with how the file's parts fit together.
    """

    path: Path
    name: str
    among: str
    known: tuple[str, ...] = ()
    message: str = ""
    rule: str = ""
    hint: str = ""


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
    `secrets` the settings whose value is still a reference, `pictures` the fields whose picture
    is still the name of a file.
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
    pictures: Mapping[tuple[Key, str], Reference] = field(default_factory=dict)
    sections: frozenset[Kind] = frozenset()
    """The kinds of which the file has a list, even an empty one: only these are read, of those
    kinds that a company may well leave to others."""
    own_roles: frozenset[str] = frozenset()
    """The company's own roles that the file lists."""
    break_glass: Key | None = None
    """The account whose password stays in the vault."""
    installers: tuple[Path, ...] = ()
    """What only an installation heeds: video, certificates, backups, the database."""

    def origin(self, key: Key, field_name: str = "") -> Path:
        """Where the file says it; the thing itself where the field is not its own line."""
        return self.origins.get((key, field_name)) or self.origins.get((key, ""), ())


def with_secrets(desired: Desired, found: Mapping[Key, Secret]) -> Desired:
    """The same with the values of those settings that hold a reference."""
    resources = tuple(
        replace(r, value=found[r.key]) if isinstance(r, Setting) and r.key in found else r
        for r in desired.resources
    )
    return replace(desired, resources=resources)


def with_pictures(desired: Desired, found: Mapping[tuple[Key, str], Picture]) -> Desired:
    """The same with the pictures that the file names."""
    fields: dict[Key, dict[str, Any]] = {}
    for (key, name), picture in found.items():
        fields.setdefault(key, {})[name] = picture
    return with_fields(desired, fields)


def with_fields(desired: Desired, fields: Mapping[Key, Mapping[str, Any]]) -> Desired:
    """The same with some fields of some things filled in."""
    resources: tuple[Any, ...] = tuple(
        replace(r, **fields[r.key]) if r.key in fields else r for r in desired.resources
    )
    return replace(desired, resources=resources)

"""What stands in the vault, as a value; and its plain text, which exists in memory alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

import yaml

from chatops.secrets import Secret, invent_password, invent_token

__all__ = ["NAME", "Contents", "Entry", "Malformed", "Origin", "Shape", "now", "parse", "write"]

NAME: Final = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_./@-]{0,199}")
"""What a secret in the vault may be called."""

_VERSION: Final = 1
_HEAD: Final = (
    "# Secrets of this company. `chatops secret` keeps them: `chatops secret set NAME`.\n"
)


class Malformed(Exception):
    """The plain text is not what chatops keeps in a vault; the text says where, never a value."""


class Origin(StrEnum):
    """Whose secret it is."""

    GIVEN = "given"
    """A person set it."""
    INVENTED = "invented"
    """chatops made it up."""
    SERVER = "server"
    """A server made it and shows it once: a bot's token, a webhook's address."""


class Shape(StrEnum):
    """What an invented secret looks like."""

    PASSWORD = "password"
    """For a sign-in: 24 signs of all four classes."""
    TOKEN = "token"
    """For a configuration file of any kind: letters and digits, nothing to escape; 40 of them."""

    def invent(self, length: int | None = None) -> Secret:
        """A new one."""
        if self is Shape.PASSWORD:
            return invent_password(length or 24)
        return invent_token(length or 40)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One secret. `previous` is what is in force until the new value has been applied.

    `about` holds what goes with it and is no secret: a user name, a mail address.
    """

    value: Secret
    origin: Origin = Origin.GIVEN
    shape: Shape | None = None
    changed: str = ""
    previous: Secret | None = None
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Contents:
    """Everything in a vault: by name for all environments, and by environment and name."""

    shared: Mapping[str, Entry] = field(default_factory=dict)
    environments: Mapping[str, Mapping[str, Entry]] = field(default_factory=dict)
    fingerprint_key: Secret | None = None
    marks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def entry(self, environment: str, name: str) -> Entry | None:
        """The environment's own before the shared one."""
        own = self.environments.get(environment, {}).get(name)
        return own if own is not None else self.shared.get(name)

    def with_entry(self, environment: str, name: str, entry: Entry | None) -> "Contents":
        """The same with this entry, or without one; an empty `environment` is the shared shelf."""
        if not environment:
            return replace(self, shared=_put(self.shared, name, entry))
        shelf = _put(self.environments.get(environment, {}), name, entry)
        return replace(self, environments=_put(self.environments, environment, shelf or None))

    def with_marks(self, environment: str, marks: Mapping[str, str]) -> "Contents":
        """The same with these fingerprints noted."""
        known = {**self.marks.get(environment, {}), **marks}
        return replace(self, marks=_put(self.marks, environment, known or None))


def now() -> str:
    """The time, as entries note it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _put(shelf: Mapping[str, Any], name: str, value: Any) -> Mapping[str, Any]:
    rest = {k: v for k, v in shelf.items() if k != name}
    return rest if value is None else {**rest, name: value}


def write(contents: Contents) -> str:
    """The plain text, the same for the same contents."""
    body: dict[str, Any] = {"version": _VERSION}
    if contents.shared:
        body["shared"] = _shelf(contents.shared)
    if contents.environments:
        body["environments"] = {k: _shelf(v) for k, v in sorted(contents.environments.items())}
    if contents.fingerprint_key is not None:
        marks = {k: dict(sorted(v.items())) for k, v in sorted(contents.marks.items())}
        body["fingerprints"] = {"key": contents.fingerprint_key.reveal(), "written": marks}
    return _HEAD + yaml.dump(body, Dumper=yaml.SafeDumper, sort_keys=False, width=1_000_000)


def _shelf(entries: Mapping[str, Entry]) -> dict[str, Any]:
    return {name: _entry(entry) for name, entry in sorted(entries.items())}


def _entry(entry: Entry) -> dict[str, Any]:
    body: dict[str, Any] = {"value": entry.value.reveal(), "origin": entry.origin.value}
    if entry.shape is not None:
        body["shape"] = entry.shape.value
    if entry.changed:
        body["changed"] = entry.changed
    if entry.previous is not None:
        body["previous"] = entry.previous.reveal()
    if entry.about:
        body["about"] = dict(sorted(entry.about.items()))
    return body


def parse(text: str) -> Contents:
    """Read the plain text. Raises Malformed. `name: text`, as people write it, is an entry too."""
    try:
        body = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Malformed(f"line {line} of its plain text is not YAML") from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise Malformed("its plain text is not YAML") from None
    if body is None:
        return Contents()
    top = _block(body, "the plain text", ("version", "shared", "environments", "fingerprints"))
    if top.get("version", _VERSION) != _VERSION:
        raise Malformed("it was written by a newer chatops")
    prints = _block(top.get("fingerprints"), "fingerprints", ("key", "written"))
    key = prints.get("key")
    return Contents(
        shared=_entries(top.get("shared"), "shared"),
        environments={
            env: _entries(shelf, f"environments.{env}")
            for env, shelf in _block(top.get("environments"), "environments").items()
        },
        fingerprint_key=Secret(_text(key, "fingerprints.key")) if key else None,
        marks={
            env: {k: _text(v, f"fingerprints.{env}") for k, v in _block(m, "fingerprints").items()}
            for env, m in _block(prints.get("written"), "fingerprints.written").items()
        },
    )


def _block(value: Any, where: str, known: tuple[str, ...] = ()) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(k, str) for k in value):
        raise Malformed(f"{where}: keys and values are wanted there")
    strange = [k for k in value if known and k not in known]
    if strange:
        raise Malformed(f"{where}: no key is named `{strange[0]}`")
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise Malformed(f"{where}: text is wanted there; quote it")
    return value


def _entries(value: Any, where: str) -> dict[str, Entry]:
    found = {}
    for name, body in _block(value, where).items():
        at = f"{where}.{name}"
        if not NAME.fullmatch(name):
            raise Malformed(f"{at}: a name is made of letters, digits and . _ / @ -")
        found[name] = Entry(value=Secret(body)) if _plain(body) else _read_entry(body, at)
    return found


def _plain(body: Any) -> bool:
    return isinstance(body, str) and bool(body)


def _read_entry(body: Any, at: str) -> Entry:
    fields = ("value", "origin", "shape", "changed", "previous", "about")
    block = _block(body, at, fields)
    previous, shape = block.get("previous"), block.get("shape")
    try:
        return Entry(
            value=Secret(_text(block.get("value"), f"{at}.value")),
            origin=Origin(block.get("origin", Origin.GIVEN)),
            shape=Shape(shape) if shape is not None else None,
            changed=str(block.get("changed", "")),
            previous=Secret(_text(previous, f"{at}.previous")) if previous is not None else None,
            about={
                k: _text(v, f"{at}.about.{k}")
                for k, v in _block(block.get("about"), f"{at}.about").items()
            },
        )
    except ValueError:
        raise Malformed(f"{at}: `origin` or `shape` is none that chatops knows") from None

"""Every key of the company file, with its type, its default and what it is for.

These models end at `core.desired`: past it only frozen dataclasses travel. A key that is left
out stays None, which means: not managed, unless the field says otherwise.
"""

import re
import unicodedata
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from chatops.secrets import REFERENCE

__all__ = [
    "LATER",
    "Channel",
    "Chat",
    "Company",
    "Files",
    "Group",
    "Membership",
    "Password",
    "Policy",
    "Role",
    "SignIn",
    "Smtp",
    "Spec",
    "Storage",
    "Team",
    "Unmanaged",
    "Unsupported",
    "User",
]

LATER: Final[dict[str, str]] = {
    "video": "the video server",
    "tls": "certificates",
    "backup": "backups",
    "direct_messages": "direct conversations",
    "integrations": "webhooks, commands, bots and emoji",
    "live_chat": "chat with customers on the website",
    "include": "several files",
    "storage.database": "the choice of database",
    "storage.message_retention": "message retention",
    "sign_in.ldap": "LDAP",
    "sign_in.oidc": "OpenID Connect",
    "sign_in.saml": "SAML",
    "roles[].may": "permissions of roles",
    "teams[].channels[].posting": "announcement channels",
    "teams[].channels[].default": "default channels",
    "teams[].channels[].archived": "archived channels",
    "teams[].channels[].pinned": "pinned messages",
}
"""Keys of the language that are not built yet, as paths without indexes: refused in those words."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=False)


def _slug(value: str) -> str:
    sound = all(c.isascii() and (c.isalnum() or c in "._-") for c in value)
    if value and sound and value == value.lower():
        return value
    like = _like(value)
    if not like:
        raise PydanticCustomError(
            "slug", "a name is made of the letters a-z, digits, and the signs . _ -", {}
        )
    if sound:
        raise PydanticCustomError("slug", "names are lower-case: write `{like}`", {"like": like})
    raise PydanticCustomError(
        "slug",
        "a name is made of the letters a-z, digits, and the signs . _ -: write `{like}`",
        {"like": like},
    )


_SPELLED = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "ü": "ue"})


def _like(value: str) -> str:
    """A sound name that reads like this text; empty where there is none."""
    text = value.lower().translate(_SPELLED).replace("ß", "ss")
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    text = "".join(c if c.isalnum() or c in "._-" else "-" for c in text)
    while "--" in text:
        text = text.replace("--", "-")
    return text.strip("-._")[:64]


def _one_line(value: str) -> str:
    if any(ord(c) < 32 or ord(c) == 127 for c in value):
        raise PydanticCustomError("one_line", "must be one line, without control characters", {})
    return value


def _text(value: str) -> str:
    bad = next((c for c in value if (ord(c) < 32 and c not in "\n\t") or ord(c) == 127), None)
    if bad is not None:
        raise PydanticCustomError(
            "control", "holds a control character (U+{code})", {"code": f"{ord(bad):04X}"}
        )
    return value


def _email(value: str) -> str:
    local, at, domain = value.rpartition("@")
    sound = (
        at
        and local
        and "." in domain
        and not domain.startswith(".")
        and not domain.endswith(".")
        and ".." not in domain
        and not any(c.isspace() or c in '<>,;:"()[]\\@' for c in local + domain)
    )
    if not sound:
        raise PydanticCustomError("email", "not an e-mail address", {})
    return value


def _url(value: str) -> str:
    scheme, sep, rest = value.partition("://")
    host = rest.partition("/")[0]
    if scheme not in ("http", "https") or not sep or not host or any(c.isspace() for c in value):
        raise PydanticCustomError(
            "url", "not an address: it begins with https:// and has a host", {}
        )
    if "@" in host:
        raise PydanticCustomError("url", "an address holds no name or password", {})
    return value.rstrip("/")


def _secret(value: str) -> str:
    if not REFERENCE.fullmatch(value):
        raise PydanticCustomError(
            "secret", "a secret is never written here: write env:NAME or file:PATH", {}
        )
    return value


_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9}
_UNITS |= {"kib": 2**10, "mib": 2**20, "gib": 2**30}


def _size(value: Any) -> Any:
    if isinstance(value, str):
        text = value.strip()
        digits = text.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
        unit = _UNITS.get(text[len(digits) :].strip().lower())
        if digits.isascii() and digits.isdigit() and unit is not None:
            return int(digits) * unit
    elif isinstance(value, int) and not isinstance(value, bool):
        return value
    raise PydanticCustomError("size", "not a size: write a number with a unit, as 100MiB", {})


def _version(value: Any) -> Any:
    # To Python True and 1.0 are 1; to a reader of the file they are not.
    return value if type(value) is int else None


def _removals(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,3}%", value) and int(value[:-1]) <= 100:
        return value
    raise PydanticCustomError("removals", 'a number of things (10), or a share ("25%")', {})


Slug = Annotated[str, AfterValidator(_slug), Field(max_length=64)]
Line = Annotated[str, AfterValidator(_one_line)]
Text = Annotated[str, AfterValidator(_text)]
Email = Annotated[str, AfterValidator(_one_line), AfterValidator(_email)]
Url = Annotated[str, AfterValidator(_one_line), AfterValidator(_url)]
SecretReference = Annotated[str, AfterValidator(_secret)]
Size = Annotated[int, BeforeValidator(_size), Field(ge=1)]


class Membership(StrEnum):
    """Whether people who are in and not listed stay."""

    ADDITIVE = "additive"
    EXACT = "exact"


class Unmanaged(StrEnum):
    """What happens to teams and channels that the file does not list."""

    REPORT = "report"
    ARCHIVE = "archive"
    IGNORE = "ignore"


class Unsupported(StrEnum):
    """What happens to keys that the platform cannot hold."""

    REFUSE = "refuse"
    NOTE = "note"


_Membership = Annotated[Membership, Field(strict=False)]


class Company(_Model):
    """Who the company is."""

    name: Line = Field(
        min_length=1, description="The company's name; the title of the chat.", examples=["Nordlys"]
    )
    domain: Line | None = Field(None, description="Its internet domain.")
    locale: Line | None = Field(
        None, pattern=r"^[a-z]{2}(-[A-Z]{2})?$", description="Language of the chat: da, en, pt-BR."
    )
    timezone: Line | None = Field(None, description="Its time zone, as Europe/Copenhagen.")


class Chat(_Model):
    """Which chat, and where."""

    platform: Line = Field(description="The product: mattermost or rocketchat.")
    edition: Line | None = Field(None, description="Its edition; a free one unless said.")
    version: Line | None = Field(
        None,
        pattern=r"^[0-9]+(\.[0-9]+){0,2}$",
        description='Its version, quoted: "11.7"; the newest supported one unless said.',
    )
    url: Url | None = Field(None, description="The address at which people reach it.")


class Files(_Model):
    """Where uploaded files are kept."""

    backend: Literal["local", "s3"] | None = Field(None, description="local or s3.")
    endpoint: Url | None = Field(None, description="Address of the S3 service.")
    bucket: Line | None = Field(None, min_length=3, max_length=63, description="S3 bucket.")
    region: Line | None = Field(None, description="S3 region.")
    access_key: SecretReference | None = Field(None, description="S3 access key.")
    secret_key: SecretReference | None = Field(None, description="S3 secret key.")
    max_file_size: Size | None = Field(None, description="Largest upload, as 100MiB.")


class Storage(_Model):
    """What is kept, and where."""

    files: Files | None = Field(None, description="Uploaded files.")


class Smtp(_Model):
    """The mail server through which the chat writes to people."""

    host: Line = Field(min_length=1, description="Its host name.")
    port: int | None = Field(None, ge=1, le=65535, description="Its port; 587 or 465.")
    security: Literal["none", "starttls", "tls"] | None = Field(
        None, description="none, starttls or tls."
    )
    username: Line | None = Field(None, description="User name for the mail server.")
    password: SecretReference | None = Field(None, description="Its password, as env:NAME.")
    sender: Line | None = Field(
        None, alias="from", description='Sender of the mails: "Chat <chat@example.com>".'
    )


class Password(_Model):
    """Rules for passwords."""

    min_length: int | None = Field(
        None, ge=8, le=64, description="Shortest password, in characters."
    )


class SignIn(_Model):
    """How people get in."""

    password: Password | None = Field(None, description="Rules for passwords.")
    self_registration: bool | None = Field(
        None, description="Whether anybody who reaches the server can make an account."
    )
    onboarding: Literal["mail", "file", "sso"] = Field(
        "file",
        description="How a new person gets in: by the server's own mail, by first passwords in a "
        "file for the admin, or by single sign-on.",
    )
    email_domains: list[Line] | None = Field(
        None, description="Mail domains that may have an account."
    )


class Policy(_Model):
    """How careful a run is."""

    unmanaged: Annotated[Unmanaged, Field(strict=False)] = Field(
        Unmanaged.REPORT, description="Teams and channels not listed: report, archive or ignore."
    )
    membership: _Membership = Field(
        Membership.ADDITIVE, description="People not listed: additive lets them stay, exact not."
    )
    max_removals: Annotated[int | str, BeforeValidator(_removals)] = Field(
        10, description='Removals of one kind in one run: a number, or a share ("25%").'
    )
    min_admins: int = Field(1, ge=1, description="Active admins that must remain.")
    unsupported: Annotated[Unsupported, Field(strict=False)] = Field(
        Unsupported.REFUSE, description="What the platform cannot hold: refuse, or note."
    )


class Role(_Model):
    """A name for what people may do."""

    name: Slug = Field(description="Its name, as used under users.")
    maps_to: Literal["system_admin", "member", "guest"] | None = Field(
        None, description="The built-in role behind it: system_admin, member or guest."
    )


class User(_Model):
    """A person."""

    username: Slug = Field(description="The name to sign in with.")
    name: Line | None = Field(None, description="Full name.")
    email: Email | None = Field(None, description="Mail address; needed for a new person.")
    title: Line | None = Field(None, description="Position in the company.")
    roles: list[Line] | None = Field(None, description="Roles: admin, member, guest, or own names.")
    teams: list[Line] | None = Field(None, description="Teams this person is in.")
    active: bool | None = Field(None, description="false: may not sign in any more.")
    renamed_from: Slug | None = Field(None, description="The user name before.")


class Group(_Model):
    """A list of people to be named at once, as group:NAME."""

    name: Slug = Field(description="Its name.")
    members: list[Line] = Field(description="User names, group:NAME, or everyone.")


class Channel(_Model):
    """A channel of a team."""

    name: Slug = Field(description="Its name, as in its address.")
    display_name: Line | None = Field(None, min_length=1, description="Its title.")
    topic: Text | None = Field(None, description="What goes on now; shown on top.")
    purpose: Text | None = Field(None, description="What it is for.")
    private: bool | None = Field(
        None, description="true: only by invitation. A new channel is public unless this is said."
    )
    members: list[Line] | None = Field(
        None, description="Who is in it: user names, group:NAME, or everyone."
    )
    membership: _Membership | None = Field(
        None, description="additive or exact; policy.membership unless said."
    )
    renamed_from: Slug | None = Field(None, description="Its name before.")


class Team(_Model):
    """A team, and its channels."""

    name: Slug = Field(description="Its name, as in its address.")
    display_name: Line | None = Field(None, min_length=1, description="Its title.")
    description: Text | None = Field(None, description="What it is for.")
    visibility: Literal["open", "invite"] | None = Field(
        None, description="open: anybody of the company may join; invite: by invitation."
    )
    leads: list[Line] | None = Field(None, description="Who looks after it.")
    members: list[Line] | None = Field(
        None, description="Who is in it: user names, group:NAME, or everyone."
    )
    membership: _Membership | None = Field(
        None, description="additive or exact; policy.membership unless said."
    )
    renamed_from: Slug | None = Field(None, description="Its name before.")
    channels: list[Channel] = Field(default_factory=list, description="Its channels.")


class Spec(_Model):
    """A company's chat."""

    version: Annotated[Literal[1], BeforeValidator(_version)] = Field(
        description="Version of this language: 1."
    )
    company: Company = Field(description="Who the company is.")
    chat: Chat = Field(description="Which chat, and where.")
    storage: Storage | None = Field(None, description="What is kept, and where.")
    smtp: Smtp | None = Field(None, description="The mail server.")
    sign_in: SignIn = Field(default_factory=lambda: SignIn(), description="How people get in.")
    policy: Policy = Field(default_factory=lambda: Policy(), description="How careful a run is.")
    ignore: list[Line] = Field(
        default_factory=list, description="Things to leave alone: channel:*/tmp-*."
    )
    roles: list[Role] = Field(default_factory=list, description="Names for what people may do.")
    users: list[User] = Field(
        default_factory=list, description="People, and lists of people (from: people.csv)."
    )
    groups: list[Group] = Field(default_factory=list, description="Lists of people.")
    teams: list[Team] = Field(default_factory=list, description="Teams, with their channels.")

"""Keys about the server as a whole: what runs, where, and by which rules."""

from typing import Annotated, Literal

from pydantic import Field

from chatops.spec.models.types import (
    Address,
    ClockTime,
    Duration,
    Email,
    Line,
    MembershipField,
    Model,
    Removals,
    SecretReference,
    Size,
    TimeZone,
    Unmanaged,
    Unsupported,
    Url,
)
from chatops.spec.models.types import Membership as _Membership

__all__ = [
    "Backup",
    "Chat",
    "Company",
    "Database",
    "Files",
    "Keep",
    "Ldap",
    "Oidc",
    "Password",
    "Policy",
    "Repository",
    "Saml",
    "SignIn",
    "Smtp",
    "Storage",
    "Tls",
    "Turn",
    "Video",
]


class Company(Model):
    """Who the company is."""

    name: Line = Field(
        min_length=1, description="The company's name; the title of the chat.", examples=["Nordlys"]
    )
    domain: Line | None = Field(
        None, description="Its internet domain.", examples=["nordlys.example"]
    )
    locale: Line | None = Field(
        None, pattern=r"^[a-z]{2}(-[A-Z]{2})?$", description="Language of the chat: da, en, pt-BR."
    )
    timezone: TimeZone | None = Field(None, description="Its time zone, as Europe/Copenhagen.")


class Chat(Model):
    """Which chat, and where."""

    platform: Line = Field(description="The product: mattermost or rocketchat.")
    edition: Line | None = Field(None, description="Its edition; a free one unless said.")
    version: Line | None = Field(
        None,
        pattern=r"^[0-9]+(\.[0-9]+){0,2}$",
        description='Its version, quoted: "11.7"; the newest supported one unless said.',
    )
    url: Url | None = Field(None, description="The address at which people reach it.")


class Turn(Model):
    """The relay for people behind strict firewalls."""

    url: Line = Field(
        pattern=r"^turns?:[^\s/]+$",
        description="Its address.",
        examples=["turns:turn.nordlys.example:443"],
    )
    secret: SecretReference | None = Field(
        None, description="The secret that it shares with the video server; made when left out."
    )


class Video(Model):
    """The video server."""

    provider: Literal["jitsi"] = Field("jitsi", description="The product: jitsi.")
    url: Url = Field(description="The address of the meetings.")
    public_ips: list[Address] | None = Field(
        None, description="Addresses at which the bridge is reached from outside."
    )
    auth: Literal["token", "open"] = Field(
        "token",
        description="Who starts a meeting: people from the chat (token), or anybody (open).",
    )
    guests: Literal["wait", "deny"] = Field(
        "wait", description="People without an account wait for a member, or are denied."
    )
    recording: bool = Field(False, description="Whether meetings can be recorded.")
    turn: Turn | None = Field(None, description="A relay for people behind strict firewalls.")


class Tls(Model):
    """Certificates."""

    mode: Literal["acme", "internal", "files"] = Field(
        description="From a public authority (acme), from one of our own, or given as files."
    )
    email: Email | None = Field(None, description="Whom the authority writes to (acme).")
    certificate: Line | None = Field(
        None, description="The chain, as a PEM file beside this one (files)."
    )
    key: SecretReference | None = Field(None, description="Its key, as file:PATH (files).")


class Files(Model):
    """Where uploaded files are kept."""

    backend: Literal["local", "s3"] | None = Field(None, description="local or s3.")
    endpoint: Url | None = Field(None, description="Address of the S3 service.")
    bucket: Line | None = Field(None, min_length=3, max_length=63, description="S3 bucket.")
    region: Line | None = Field(None, description="S3 region.")
    access_key: SecretReference | None = Field(None, description="S3 access key.")
    secret_key: SecretReference | None = Field(None, description="S3 secret key.")
    max_file_size: Size | None = Field(None, description="Largest upload, as 100MiB.")


class Database(Model):
    """Where the chat keeps its messages."""

    mode: Literal["bundled", "external"] = Field(
        description="Installed beside the chat, or one that is there already."
    )
    url: SecretReference | None = Field(
        None, description="Where the external one is, with user and password, as env:NAME."
    )


class Storage(Model):
    """What is kept, and where."""

    database: Database | None = Field(None, description="The database.")
    files: Files | None = Field(None, description="Uploaded files.")
    message_retention: Duration | None = Field(
        None, description="How long messages are kept: forever, or 90d, 6m, 3y."
    )


class Repository(Model):
    """Where backups go."""

    backend: Literal["local", "s3", "sftp", "rest"] = Field(description="What kind of place.")
    path: Line | None = Field(None, description="Folder (local, sftp, rest).")
    endpoint: Url | None = Field(None, description="Address of the S3 or REST service.")
    host: Line | None = Field(None, description="user@host (sftp).")
    bucket: Line | None = Field(None, min_length=3, max_length=63, description="S3 bucket.")
    region: Line | None = Field(None, description="S3 region.")
    access_key: SecretReference | None = Field(None, description="S3 access key.")
    secret_key: SecretReference | None = Field(None, description="S3 secret key.")


class Keep(Model):
    """How many backups are kept."""

    daily: int = Field(7, ge=0, le=1000, description="Of the last days.")
    weekly: int = Field(4, ge=0, le=1000, description="Of the last weeks.")
    monthly: int = Field(6, ge=0, le=1000, description="Of the last months.")


class Backup(Model):
    """Copies of everything, elsewhere."""

    repository: Repository = Field(description="Where they go.")
    schedule: ClockTime = Field("02:30", description='When, each day, quoted: "02:30".')
    keep: Keep = Field(default_factory=lambda: Keep(), description="How many are kept.")


class Smtp(Model):
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


class Password(Model):
    """Rules for passwords."""

    min_length: int | None = Field(
        None, ge=8, le=64, description="Shortest password, in characters."
    )


class Ldap(Model):
    """Sign-in with the accounts of a directory."""

    host: Line = Field(min_length=1, description="Its host name.")
    port: int | None = Field(None, ge=1, le=65535, description="Its port; 389 or 636.")
    security: Literal["none", "starttls", "tls"] | None = Field(
        None, description="none, starttls or tls."
    )
    base_dn: Line = Field(min_length=1, description="Where people are: ou=people,dc=example.")
    bind_dn: Line | None = Field(None, description="The account that searches.")
    bind_password: SecretReference | None = Field(None, description="Its password.")
    user_filter: Line | None = Field(None, description="Who may sign in: (objectClass=person).")
    id_attribute: Line | None = Field(None, description="What never changes: entryUUID.")
    username_attribute: Line | None = Field(None, description="The user name: uid.")
    email_attribute: Line | None = Field(None, description="The mail address: mail.")
    name_attribute: Line | None = Field(None, description="The full name: cn.")


class Oidc(Model):
    """Sign-in with an OpenID Connect provider."""

    issuer: Url = Field(description="The provider's address, without /.well-known.")
    client_id: Line = Field(min_length=1, description="What the provider calls the chat.")
    client_secret: SecretReference | None = Field(None, description="The secret it gave for it.")
    scopes: list[Line] | None = Field(None, description="openid, profile and email unless said.")
    label: Line | None = Field(None, description="The words on the button.")
    authorize_path: Line | None = Field(None, description="Where people sign in, below issuer.")
    token_path: Line | None = Field(None, description="Where tokens are given, below issuer.")
    identity_path: Line | None = Field(None, description="Where people are told, below issuer.")


class Saml(Model):
    """Sign-in with a SAML provider."""

    login_url: Url = Field(description="Where people sign in.")
    issuer: Line = Field(min_length=1, description="What the provider calls itself.")
    certificate: Line = Field(min_length=1, description="Its certificate, as a PEM file.")
    logout_url: Url | None = Field(None, description="Where people sign out.")
    username_attribute: Line | None = Field(None, description="The user name: username.")
    email_attribute: Line | None = Field(None, description="The mail address: email.")
    label: Line | None = Field(None, description="The words on the button.")


class SignIn(Model):
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
    break_glass: Line | None = Field(
        None,
        description="The user name of an admin's account for the day when nothing else lets "
        "anybody in: its password is made up and kept in the vault, and is mailed to nobody.",
    )
    email_domains: list[Line] | None = Field(
        None, description="Mail domains that may have an account."
    )
    ldap: Ldap | None = Field(None, description="A directory.")
    oidc: Oidc | None = Field(None, description="An OpenID Connect provider.")
    saml: Saml | None = Field(None, description="A SAML provider.")


class Policy(Model):
    """How careful a run is."""

    unmanaged: Annotated[Unmanaged, Field(strict=False)] = Field(
        Unmanaged.REPORT,
        description="What is on the server and not here: report, archive (teams and channels; of "
        "the lists under integrations and live_chat what the file has a list of) or ignore.",
    )
    membership: MembershipField = Field(
        _Membership.ADDITIVE, description="People not listed: additive lets them stay, exact not."
    )
    max_removals: Removals = Field(
        10, description='Removals of one kind in one run: a number, or a share ("25%").'
    )
    min_admins: int = Field(1, ge=1, description="Active admins that must remain.")
    unsupported: Annotated[Unsupported, Field(strict=False)] = Field(
        Unsupported.REFUSE, description="What the platform cannot hold: refuse, or note."
    )

"""A server at work: signing in, learning what it is, and the first admin of an empty one."""

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chatops.errors import (
    AmbiguousError,
    ApiError,
    CredentialError,
    RefusedError,
    ServerError,
    UnreachableError,
)
from chatops.platforms.base import (
    AdminSeed,
    Credential,
    Facts,
    Handler,
    Limits,
    Network,
    Release,
    Target,
)
from chatops.platforms.rocketchat.client import Client, Row
from chatops.platforms.rocketchat.facts import EDITIONS, facts
from chatops.platforms.rocketchat.handlers import handlers
from chatops.platforms.rocketchat.refusals import FORBIDDEN, NO_ENDPOINT, SIGN_IN
from chatops.resources import Kind
from chatops.secrets import Secret

__all__ = ["PLATFORM", "RocketChat", "RocketChatServer"]

NO_FACTOR = (
    "this token cannot answer the second factor that the server wants for settings, for names "
    "and e-mail addresses of people and, in the newest releases, for making people; give "
    "CHATOPS_USERNAME and CHATOPS_PASSWORD instead"
)

NO_SUCH_SETTING = "settings/Chatops_Probe"
"""Asked to write a setting that does not exist, a server changes nothing and says no; but before
that it asks for the second factor, if it is going to ask for one.
"""


@dataclass
class RocketChatServer:
    """One server, one account."""

    client: Client
    release: Release
    me: str
    limits: Limits
    handlers: Mapping[Kind, Handler[Any]]
    remarks: tuple[str, ...]

    def change_password(self, new: Secret) -> None:
        """Another password for the account that runs; any other session of it ends.

        The server wants a second factor for it, which the old password is. Where
        `Accounts_AllowPasswordChange` is off it answers yes and changes nothing. Source:
        RocketChat/Rocket.Chat, apps/meteor/server/methods/saveUserProfile.ts (01343a28).
        """
        self.client.change_password(new)

    def close(self) -> None:
        """End the session, if we began it."""
        self.client.sign_out()


class RocketChat:
    """The product."""

    name = "rocketchat"
    default_edition = "community"
    default_version = "8.9"
    # The DDP endpoint of Meteor: docs.rocket.chat, realtime API.
    token_needs_user = True
    websocket = "/websocket"
    versions: tuple[str, ...] = ("7.13", "8.9", "9.0")

    def facts(self, release: Release) -> Facts:
        """What this release can hold and would refuse."""
        return facts(release)

    def answers(self, url: str, network: Network) -> bool:
        """Whether what answers there is a Rocket.Chat."""
        try:
            Client(url, network, Credential(), side_by_side=1).info()
        except UnreachableError:
            raise
        except ServerError:
            return False
        return True

    def is_empty(self, url: str, network: Network) -> bool:
        """Whether nobody is there yet: the setup wizard is `pending` until there is an admin.

        The server itself moves it on, when it starts with an admin and when the first person
        registers. No other answer to a stranger tells, so whoever installs the server must not
        switch the wizard off beforehand; such a server counts as inhabited.
        """
        client = Client(url, network, Credential(), side_by_side=1)
        client.info()
        rows = client.every("settings.public", "settings")
        public = {row.get("_id"): row.get("value") for row in rows}
        return public.get("Show_Setup_Wizard") == "pending"

    def bootstrap(self, url: str, admin: AdminSeed, network: Network) -> None:
        """Register the first person, who becomes admin, and shut the door behind."""
        stranger = Client(url, network, Credential(), side_by_side=1)
        stranger.info()
        body = {
            "username": admin.username,
            "email": admin.email,
            "name": admin.name,
            "pass": admin.password.reveal(),
        }
        with contextlib.suppress(AmbiguousError):
            # If it did not happen, signing in says so.
            stranger.post("users.register", body)
        credential = Credential(username=admin.username, password=admin.password)
        client = Client(url, network, credential, side_by_side=1)
        account = client.sign_in()
        try:
            if "admin" not in (account.get("roles") or client.get("me").get("roles") or []):
                raise RefusedError(
                    f"{admin.username} was registered, but is no admin: somebody was there before",
                    hint="sign in as the admin of this server and deactivate the new account",
                )
            for ident, value in (
                ("Accounts_RegistrationForm", "Disabled"),
                ("Show_Setup_Wizard", "completed"),
            ):
                client.post(f"settings/{ident}", {"value": value}, repeatable=True)
        finally:
            client.sign_out()

    def connect(self, target: Target) -> RocketChatServer:
        """Sign in and learn the release."""
        client = Client(
            target.url, target.network, target.credential, side_by_side=target.side_by_side
        )
        client.info()
        account = client.sign_in()
        try:
            return _learn(client, account, target.side_by_side)
        except BaseException:
            client.sign_out()
            raise


def _learn(client: Client, account: Row, side_by_side: int) -> RocketChatServer:
    me = account.get("username")
    if not isinstance(me, str):
        raise CredentialError("the server does not say who this account is", hint=SIGN_IN)
    known = client.info()
    licence = _licence(client)
    release = Release(_version(known), _edition(licence))
    remarks = list(facts(release).remarks)
    factor_missing = ""
    if not client.has_password and _wants_factor(client):
        factor_missing = NO_FACTOR
        remarks.append(NO_FACTOR)
    if "admin" not in (account.get("roles") or []):
        remarks.append(
            f"{me} has not the role admin: much will be refused, and the server throttles "
            "it to ten calls of a kind a minute"
        )
    limits = _limits(client, licence, side_by_side)
    return RocketChatServer(
        client=client,
        release=release,
        me=me,
        limits=limits,
        handlers=handlers(client, me=me, people=limits.people_now, factor_missing=factor_missing),
        remarks=tuple(remarks),
    )


def _version(info: Row) -> tuple[int, ...]:
    """The numbers of "8.3.0-develop"; admins see them all, others the first two."""
    inner = info.get("info")
    text = str(info.get("version") or (inner or {}).get("version") or "")
    found = re.match(r"\d+(?:\.\d+)*", text)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


def _licence(client: Client) -> Row:
    try:
        licence = client.get("licenses.info", loadValues="true").get("license")
    except ApiError as error:
        if error.code == NO_ENDPOINT or error.code in FORBIDDEN or error.status == 400:
            return {}
        raise
    return licence if isinstance(licence, dict) else {}


def _edition(licence: Row) -> str:
    """The plan, which a licence tells by its tags."""
    tags = licence.get("tags")
    names = [str(tag.get("name", "")).casefold() for tag in tags or [] if isinstance(tag, dict)]
    for edition in EDITIONS[1:]:
        if any(edition in name.split() for name in names):
            return edition
    return "enterprise" if licence.get("activeModules") else "community"


def _limits(client: Client, licence: Row, side_by_side: int) -> Limits:
    seats = (licence.get("limits") or {}).get("activeUsers") or {}
    most, now = seats.get("max"), seats.get("value")
    if not isinstance(now, int):
        try:
            now = client.get("licenses.maxActiveUsers").get("activeUsers")
        except ApiError as error:
            if error.code != NO_ENDPOINT and error.code not in FORBIDDEN:
                raise
    guests = (licence.get("limits") or {}).get("guestUsers") or {}
    guests_most, guests_now = guests.get("max"), guests.get("value")
    return Limits(
        # Without a licence, and for what it does not limit, it says -1.
        people=most if isinstance(most, int) and most > 0 else None,
        people_now=now if isinstance(now, int) else 0,
        guests=guests_most if isinstance(guests_most, int) and guests_most >= 0 else None,
        guests_now=guests_now if isinstance(guests_now, int) else 0,
        side_by_side=side_by_side,
    )


def _wants_factor(client: Client) -> bool:
    try:
        client.post(NO_SUCH_SETTING, {"value": ""}, repeatable=True)
    except ApiError as error:
        return error.code == "totp-required"
    return False


PLATFORM = RocketChat()

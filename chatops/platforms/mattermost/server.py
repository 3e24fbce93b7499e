"""A Mattermost server at work: signing in, learning the release, and its first account."""

import contextlib
import re
from collections.abc import Mapping
from typing import Any

from chatops.errors import AmbiguousError, ApiError, ServerError, UnreachableError
from chatops.platforms.base import (
    AdminSeed,
    Credential,
    Handler,
    Limits,
    Network,
    Release,
    Target,
)
from chatops.platforms.mattermost import facts
from chatops.platforms.mattermost.client import Client
from chatops.platforms.mattermost.handlers import (
    BotsHandler,
    ChannelMembersHandler,
    ChannelsHandler,
    Configuration,
    ConversationsHandler,
    DefaultChannels,
    EmojiHandler,
    IncomingWebhooksHandler,
    Moderation,
    OutgoingWebhooksHandler,
    PinnedHandler,
    Plugins,
    RolesHandler,
    Roster,
    SettingsHandler,
    SlashCommandsHandler,
    TeamMembersHandler,
    TeamsHandler,
    UsersHandler,
    names_of,
)
from chatops.resources import Kind
from chatops.secrets import Secret

__all__ = ["MattermostServer", "bootstrap", "connect", "is_empty"]

# Licence names (public/model/license.go) by the edition that people know them as.
SKUS = {
    "entry": "entry",
    "professional": "professional",
    "e10": "professional",
    "enterprise": "enterprise",
    "advanced": "enterprise",
    "e20": "enterprise",
}


class MattermostServer:
    """One server, one account."""

    def __init__(
        self,
        client: Client,
        release: Release,
        me: Mapping[str, Any],
        limits: Limits,
        remarks: tuple[str, ...],
        plugins: Mapping[str, str] | None = None,
    ) -> None:
        self.client = client
        self.release = release
        self.me = str(me["username"])
        self.limits = limits
        self.remarks = remarks
        roster, configuration = Roster(client), Configuration(client)
        self.handlers: Mapping[Kind, Handler[Any]] = {
            Kind.SETTING: SettingsHandler(client, configuration, Plugins(client, plugins or {})),
            Kind.ROLE: RolesHandler(client, release),
            Kind.USER: UsersHandler(client, roster),
            Kind.TEAM: TeamsHandler(client),
            Kind.TEAM_MEMBERS: TeamMembersHandler(client, roster),
            Kind.CHANNEL: ChannelsHandler(
                client, DefaultChannels(configuration), Moderation(client, release)
            ),
            Kind.CHANNEL_MEMBERS: ChannelMembersHandler(client, roster, release),
            Kind.PINNED: PinnedHandler(client, str(me["id"])),
            Kind.DIRECT_MESSAGE: ConversationsHandler(client),
            Kind.INCOMING_WEBHOOK: IncomingWebhooksHandler(client),
            Kind.OUTGOING_WEBHOOK: OutgoingWebhooksHandler(client),
            Kind.SLASH_COMMAND: SlashCommandsHandler(client),
            Kind.BOT: BotsHandler(client, str(me["id"])),
            Kind.EMOJI: EmojiHandler(client, str(me["id"])),
        }

    def change_password(self, new: Secret) -> None:
        """Another password for the account that runs; the server wants the old one beside it.

        Source: server v11.6, channels/api4/user.go (updatePassword).
        """
        self.client.change_password(new)

    def close(self) -> None:
        """Sign out, where we signed in."""
        self.client.close()


def connect(target: Target) -> MattermostServer:
    """Sign in and learn the release, the edition and the limits."""
    client = Client(target.url, target.network, target.credential, side_by_side=target.side_by_side)
    release = _release(client)
    client.sign_in()
    me = client.get("/users/me")
    remarks = facts.facts(release).remarks
    if "system_admin" not in me["roles"].split():
        remarks += (
            f"the account {me['username']} is no system administrator: settings cannot be read, "
            "and much of the rest cannot be changed",
        )
    limits = _limits(client)
    remarks += _seats(client, release, limits)
    return MattermostServer(client, release, me, limits, remarks, target.plugins)


def answers(url: str, network: Network) -> bool:
    """Whether what answers there greets as Mattermost does."""
    try:
        _greeting(Client(url, network))
    except UnreachableError:
        raise
    except ServerError:
        return False
    return True


def is_empty(url: str, network: Network) -> bool:
    """Whether nobody has an account: the server tells anyone who asks."""
    return _greeting(Client(url, network)).get("NoAccounts") == "true"


def bootstrap(url: str, admin: AdminSeed, network: Network) -> None:
    """Make the first account and switch registration off."""
    if not is_empty(url, network):
        # On an open server a sign-up would succeed and make an ordinary account.
        raise ServerError(
            "the server has accounts already, so no first administrator can be made",
            hint="run with an administrator's CHATOPS_TOKEN, or a name and password",
        )
    client = Client(
        url,
        network,
        Credential(username=admin.username, password=admin.password),
        side_by_side=1,
    )
    first, last = names_of(admin.name)
    # Signing in tells whether it happened.
    with contextlib.suppress(AmbiguousError):
        client.post(
            "/users",
            {
                "username": admin.username,
                "email": admin.email,
                "password": admin.password.reveal(),
                "first_name": first,
                "last_name": last,
            },
        )
    client.sign_in()
    try:
        me = client.get("/users/me")
        if "system_admin" not in me["roles"].split():
            raise ServerError(
                f"somebody else was first: {admin.username} is no administrator of this server",
                hint="install the server again, reachable from this machine alone",
            )
        config = client.put("/config/patch", {"TeamSettings": {"EnableOpenServer": False}})
        if config.get("TeamSettings", {}).get("EnableOpenServer"):
            raise ServerError(
                "registration could not be closed: the server's environment keeps it open",
                hint="take MM_TEAMSETTINGS_ENABLEOPENSERVER out of the server's environment",
            )
    finally:
        client.close()


def _greeting(client: Client) -> Mapping[str, Any]:
    """What the server tells anyone. Before 11.0 the format must be named; later it is harmless."""
    told = client.get("/config/client", {"format": "old"})
    if not isinstance(told, dict) or "Version" not in told:
        raise ServerError(
            f"what answers at {client.url} is not a Mattermost server",
            hint="check the url: it must be the chat's address, without /api/v4",
        )
    return told


def _release(client: Client) -> Release:
    told = _greeting(client)
    version = tuple(int(number) for number in re.findall(r"\d+", str(told["Version"]))[:3])
    edition = "team"
    if told.get("BuildEnterpriseReady") == "true":
        licence = client.get("/license/client", {"format": "old"})
        if licence.get("IsLicensed") == "true":
            sku = str(licence.get("SkuShortName", "")).lower()
            edition = SKUS.get(sku, "enterprise")
    return Release(version, edition)


def _limits(client: Client) -> Limits:
    """What the edition stops at (channels/app/limits.go); of a licence, the seats it enforces."""
    side_by_side = client.side_by_side
    try:
        told = client.get("/limits/server")
    except ApiError:
        return Limits(side_by_side=side_by_side)  # Not there before 9.9.
    return Limits(
        people=int(told.get("maxUsersHardLimit") or 0) or None,
        people_now=int(told.get("activeUserCount") or 0),
        messages=int(told.get("postHistoryLimit") or 0) or None,
        hidden=bool(told.get("lastAccessiblePostTime")),
        side_by_side=side_by_side,
    )


NEARLY_FULL = 0.8
"""From this share of a licence's seats on it is said."""


def _seats(client: Client, release: Release, limits: Limits) -> tuple[str, ...]:
    """A licence may be for fewer people than it lets in: that is said, not refused."""
    if release.edition == "team" or limits.people is not None:
        return ()
    told = client.get("/license/client", {"format": "old"})
    seats = int(str(told.get("Users") or "0"))
    if not seats or limits.people_now < seats * NEARLY_FULL:
        return ()
    return (f"the licence is for {seats:,} people, and {limits.people_now:,} are active",)

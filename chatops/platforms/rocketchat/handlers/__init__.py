"""A worker for each kind."""

from collections.abc import Mapping
from typing import Any

from chatops.platforms.base import Handler
from chatops.platforms.rocketchat.client import Client
from chatops.platforms.rocketchat.handlers.bots import Bots
from chatops.platforms.rocketchat.handlers.channel_members import ChannelPeople
from chatops.platforms.rocketchat.handlers.channels import Channels
from chatops.platforms.rocketchat.handlers.conversations import Conversations
from chatops.platforms.rocketchat.handlers.departments import Departments
from chatops.platforms.rocketchat.handlers.emoji import CustomEmoji
from chatops.platforms.rocketchat.handlers.hours import Hours
from chatops.platforms.rocketchat.handlers.pinned import Pinned
from chatops.platforms.rocketchat.handlers.roles import Roles
from chatops.platforms.rocketchat.handlers.settings import Settings
from chatops.platforms.rocketchat.handlers.team_members import TeamPeople
from chatops.platforms.rocketchat.handlers.teams import Teams
from chatops.platforms.rocketchat.handlers.users import Users
from chatops.platforms.rocketchat.handlers.webhooks import IncomingWebhooks, OutgoingWebhooks
from chatops.platforms.rocketchat.places import Places
from chatops.platforms.rocketchat.rolebook import RoleBook
from chatops.resources import Kind

__all__ = ["handlers"]


def handlers(
    client: Client, *, me: str, people: int, factor_missing: str
) -> Mapping[Kind, Handler[Any]]:
    """All workers of one connection.

    `people`: how many there are, 0 when unknown. `factor_missing`: why guarded calls will be
    refused.
    """
    places, book = Places(client), RoleBook(client)
    return {
        Kind.SETTING: Settings(client, factor_missing),
        Kind.ROLE: Roles(client, book),
        Kind.USER: Users(client, places, book, factor_missing, people=people),
        Kind.TEAM: Teams(client, places),
        Kind.TEAM_MEMBERS: TeamPeople(client, places, me),
        Kind.CHANNEL: Channels(client, places),
        Kind.CHANNEL_MEMBERS: ChannelPeople(client, places, me),
        Kind.PINNED: Pinned(client, me),
        Kind.DIRECT_MESSAGE: Conversations(client, places, me),
        Kind.INCOMING_WEBHOOK: IncomingWebhooks(client, places),
        Kind.OUTGOING_WEBHOOK: OutgoingWebhooks(client, places),
        Kind.BOT: Bots(client, places, factor_missing),
        Kind.EMOJI: CustomEmoji(client),
        Kind.DEPARTMENT: Departments(client),
        Kind.BUSINESS_HOURS: Hours(client),
    }

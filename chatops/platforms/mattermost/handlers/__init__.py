"""A worker for each kind of thing."""

from chatops.platforms.mattermost.handlers.bots import BotsHandler
from chatops.platforms.mattermost.handlers.channel_members import ChannelMembersHandler
from chatops.platforms.mattermost.handlers.channels import ChannelsHandler
from chatops.platforms.mattermost.handlers.commands import SlashCommandsHandler
from chatops.platforms.mattermost.handlers.config import Configuration
from chatops.platforms.mattermost.handlers.conversations import ConversationsHandler
from chatops.platforms.mattermost.handlers.default_channels import DefaultChannels
from chatops.platforms.mattermost.handlers.emoji import EmojiHandler
from chatops.platforms.mattermost.handlers.moderation import Moderation
from chatops.platforms.mattermost.handlers.pinned import PinnedHandler
from chatops.platforms.mattermost.handlers.plugins import Plugins
from chatops.platforms.mattermost.handlers.roles import RolesHandler
from chatops.platforms.mattermost.handlers.roster import Roster
from chatops.platforms.mattermost.handlers.settings import SettingsHandler
from chatops.platforms.mattermost.handlers.team_members import TeamMembersHandler
from chatops.platforms.mattermost.handlers.teams import TeamsHandler
from chatops.platforms.mattermost.handlers.users import UsersHandler, names_of
from chatops.platforms.mattermost.handlers.webhooks import (
    IncomingWebhooksHandler,
    OutgoingWebhooksHandler,
)

__all__ = [
    "BotsHandler",
    "ChannelMembersHandler",
    "ChannelsHandler",
    "Configuration",
    "ConversationsHandler",
    "DefaultChannels",
    "EmojiHandler",
    "IncomingWebhooksHandler",
    "Moderation",
    "OutgoingWebhooksHandler",
    "PinnedHandler",
    "Plugins",
    "RolesHandler",
    "Roster",
    "SettingsHandler",
    "SlashCommandsHandler",
    "TeamMembersHandler",
    "TeamsHandler",
    "UsersHandler",
    "names_of",
]

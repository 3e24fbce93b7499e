"""A worker for each kind of thing."""

from chatops.platforms.mattermost.handlers.channels import ChannelsHandler
from chatops.platforms.mattermost.handlers.members import ChannelMembersHandler, TeamMembersHandler
from chatops.platforms.mattermost.handlers.roles import RolesHandler
from chatops.platforms.mattermost.handlers.roster import Roster
from chatops.platforms.mattermost.handlers.settings import SettingsHandler
from chatops.platforms.mattermost.handlers.teams import TeamsHandler
from chatops.platforms.mattermost.handlers.users import UsersHandler, names_of

__all__ = [
    "ChannelMembersHandler",
    "ChannelsHandler",
    "RolesHandler",
    "Roster",
    "SettingsHandler",
    "TeamMembersHandler",
    "TeamsHandler",
    "UsersHandler",
    "names_of",
]

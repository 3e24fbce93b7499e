"""What a page about the workspace shows."""

from chatops.sandbox.mattermost.state import Site
from chatops.sandbox.mattermost.words import rank
from chatops.sandbox.store import Doc
from chatops.sandbox.workspace import (
    ChannelView,
    MessageView,
    PersonView,
    TeamView,
    WorkspaceView,
)

LATEST = 50


def picture(site: Site) -> WorkspaceView:
    """The whole site in neutral words."""
    teams = sorted(site.teams.all(), key=lambda team: rank(team["display_name"]))
    return WorkspaceView(
        name=site.setting("TeamSettings", "SiteName"),
        teams=tuple(_team(site, team) for team in teams),
        people=tuple(_person(user) for user in site.people()),
    )


def _team(site: Site, team: Doc) -> TeamView:
    channels = site.channels.where("team", team["id"])
    channels.sort(key=lambda channel: rank(channel["display_name"]))
    return TeamView(
        name=team["name"],
        display_name=team["display_name"],
        archived=bool(team["delete_at"]),
        channels=tuple(_channel(site, channel) for channel in channels),
    )


def _channel(site: Site, channel: Doc) -> ChannelView:
    members = site.channel_members.where("channel", channel["id"])
    posts = [post for post in site.posts.where("channel", channel["id"]) if not post["delete_at"]]
    posts.sort(key=lambda post: post["create_at"])
    return ChannelView(
        name=channel["name"],
        display_name=channel["display_name"],
        topic=channel["header"],
        purpose=channel["purpose"],
        private=channel["type"] == "P",
        archived=bool(channel["delete_at"]),
        members=tuple(sorted(_username(site, member["user_id"]) for member in members)),
        messages=tuple(_message(site, post) for post in posts[-LATEST:]),
    )


def _message(site: Site, post: Doc) -> MessageView:
    return MessageView(
        author=_username(site, post["user_id"]),
        text=post["message"],
        time=post["create_at"],
        system=post["type"].startswith("system_"),
    )


def _username(site: Site, user_id: str) -> str:
    user = site.users.get(user_id)
    return user["username"] if user else ""


def _person(user: Doc) -> PersonView:
    return PersonView(
        username=user["username"],
        name=f"{user['first_name']} {user['last_name']}".strip(),
        title=user["position"],
        roles=tuple(user["roles"].split()),
        active=not user["delete_at"],
    )

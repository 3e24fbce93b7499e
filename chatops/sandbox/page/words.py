"""How the pages say things: addresses, numbers, times, initials."""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, urlencode

from chatops.sandbox.workspace import ChannelView, MessageView, PersonView, TeamView

HUES: Final = 8

_PRODUCTS: Final = {"mattermost": "Mattermost", "rocketchat": "Rocket.Chat"}


def product(name: str) -> str:
    """A product's name as its makers write it."""
    return _PRODUCTS.get(name, name)


def team_url(team: TeamView) -> str:
    """Where a team's page is."""
    return f"/_sandbox/team/{_part(team.name)}" if team.name else "/_sandbox/rooms"


def channel_url(team: TeamView, channel: ChannelView) -> str:
    """Where a channel's page is."""
    return f"{team_url(team)}/{_part(channel.name)}"


def person_url(username: str) -> str:
    """Where a person's page is."""
    return f"/_sandbox/people/{_part(username)}"


def people_url(
    page: int = 1,
    sought: str = "",
    team: TeamView | None = None,
    channel: ChannelView | None = None,
) -> str:
    """Where a list of people is."""
    query: dict[str, str | int] = {}
    if sought:
        query["q"] = sought
    if team and channel:
        query |= {"team": team.name, "in": channel.name}
    if page > 1:
        query["page"] = page
    return "/_sandbox/people" + (f"?{urlencode(query, errors='replace')}" if query else "")


def team_title(team: TeamView) -> str:
    """What a team is called on a page."""
    return team.display_name or team.name or "Without a team"


def channel_title(channel: ChannelView) -> str:
    """What a channel is called on a page."""
    return channel.display_name or channel.name


def person_title(person: PersonView) -> str:
    """What a person is called on a page."""
    return person.name or person.username


def initials(text: str) -> str:
    """One or two letters that stand for a name."""
    letters = [word[0] for word in text.split() if word[0].isalnum()]
    return "".join(letters[:1] + letters[1:][-1:]).upper() or text[:1].upper()


def hue(text: str) -> int:
    """A colour's number, always the same for the same text."""
    return sum(text.encode("utf-8", "replace")) % HUES


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun: 1 channel, 5,000 channels."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def is_common(role: str) -> bool:
    """Whether a role is the one that everybody has."""
    return role in {"system_user", "user"}


def day(message: MessageView) -> str:
    """The day of a message, in UTC."""
    moment = _moment(message)
    return f"{moment:%A}, {moment.day} {moment:%B %Y}" if moment else "At no known time"


def clock(message: MessageView) -> str:
    """The time of day of a message, in UTC."""
    moment = _moment(message)
    return f"{moment:%H:%M}" if moment else ""


def iso(message: MessageView) -> str:
    """A message's time for machines."""
    moment = _moment(message)
    return moment.isoformat(timespec="milliseconds") if moment else ""


def _moment(message: MessageView) -> datetime | None:
    try:
        return datetime.fromtimestamp(message.time / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _part(text: str) -> str:
    return quote(text, safe="", errors="replace")


FOR_TEMPLATES: Final = (
    team_url, channel_url, person_url, people_url, team_title, channel_title, person_title,
    initials, hue, count, is_common, day, clock, iso,
)  # fmt: skip

"""A workspace's view arranged for reading: found by name, counted, cut into pages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import nlargest
from itertools import groupby

from chatops.sandbox.page.words import channel_title, day, person_title, team_title
from chatops.sandbox.workspace import (
    ChannelView,
    MessageView,
    PersonView,
    TeamView,
    WorkspaceView,
)


@dataclass(frozen=True)
class Said:
    """A message with its place."""

    team: TeamView
    channel: ChannelView
    message: MessageView


@dataclass(frozen=True)
class PeoplePage:
    """Some of the people looked for; `number` counts from 1."""

    people: Sequence[PersonView]
    sought: str
    found: int
    first: int
    number: int
    last: int


@dataclass(frozen=True)
class Book:
    """Answers the pages' questions about one view."""

    view: WorkspaceView

    @property
    def name(self) -> str:
        """The workspace's own name."""
        return self.view.name or "Workspace"

    @property
    def teams(self) -> Sequence[TeamView]:
        """Teams in use before those put away, rooms without a team after both."""
        return sorted(
            self.view.teams,
            key=lambda team: (not team.name, team.archived, team_title(team).casefold()),
        )

    @cached_property
    def by_username(self) -> dict[str, PersonView]:
        """People by their user name."""
        return {person.username: person for person in self.view.people}

    def team(self, name: str) -> TeamView | None:
        """A team by its name in addresses."""
        return next((team for team in self.view.teams if team.name == name), None)

    def channel(self, team: TeamView, name: str) -> ChannelView | None:
        """A channel of a team by its name in addresses."""
        return next((channel for channel in team.channels if channel.name == name), None)

    def person(self, username: str) -> PersonView | None:
        """An account by its user name."""
        return self.by_username.get(username)

    def channels(self, team: TeamView) -> Sequence[ChannelView]:
        """A team's channels, those in use before those put away."""
        return sorted(
            team.channels,
            key=lambda channel: (channel.archived, channel_title(channel).casefold()),
        )

    def members(self, channel: ChannelView) -> Sequence[PersonView]:
        """Who is in a channel, by the names people read."""
        return _by_name(self.by_username.get(name) or _stranger(name) for name in channel.members)

    def reach(self, team: TeamView) -> int:
        """How many people are in any of a team's channels."""
        return len({name for channel in team.channels for name in channel.members})

    def everyone(self) -> Sequence[PersonView]:
        """People by the names people read, those without access last."""
        return sorted(_by_name(self.view.people), key=lambda person: not person.active)

    def channels_of(self, person: PersonView) -> list[tuple[TeamView, list[ChannelView]]]:
        """Where somebody is a member, team by team."""
        found = (
            (team, [c for c in self.channels(team) if person.username in c.members])
            for team in self.teams
        )
        return [(team, channels) for team, channels in found if channels]

    def latest(self, number: int) -> list[Said]:
        """What was said last, newest first; what the system itself wrote is left out."""
        all_said = (
            Said(team, channel, message)
            for team in self.view.teams
            for channel in team.channels
            for message in channel.messages
            if not message.system
        )
        return nlargest(number, all_said, key=lambda said: said.message.time)

    def days(self, channel: ChannelView) -> list[tuple[str, list[MessageView]]]:
        """A channel's messages, day by day."""
        return [(name, list(said)) for name, said in groupby(channel.messages, key=day)]

    def counts(self) -> dict[str, int]:
        """The figures of the first page."""
        channels = [channel for team in self.view.teams for channel in team.channels]
        people = self.view.people
        return {
            "teams": sum(bool(team.name) for team in self.view.teams),
            "teams_archived": sum(team.archived for team in self.view.teams),
            "channels": len(channels),
            "channels_private": sum(channel.private for channel in channels),
            "channels_archived": sum(channel.archived for channel in channels),
            "people": len(people),
            "people_inactive": sum(not person.active for person in people),
            "memberships": sum(len(channel.members) for channel in channels),
        }

    def people(
        self, sought: str, channel: ChannelView | None, number: str, per_page: int
    ) -> PeoplePage:
        """One page of the people in whom every word sought occurs, or of a channel's members."""
        everyone = self.members(channel) if channel else self.everyone()
        needles = sought.casefold().split()
        found = [p for p in everyone if not needles or _has_all(p, needles)]
        last = max(1, -(-len(found) // per_page))
        wanted = int(number) if number.isdecimal() and len(number) < 9 else 1
        at = min(max(1, wanted), last)
        first = (at - 1) * per_page
        return PeoplePage(
            people=found[first : first + per_page],
            sought=sought,
            found=len(found),
            first=first,
            number=at,
            last=last,
        )


def _by_name(people: Iterable[PersonView]) -> list[PersonView]:
    return sorted(people, key=lambda person: person_title(person).casefold())


def _has_all(person: PersonView, needles: Sequence[str]) -> bool:
    text = "\n".join((person.username, person.name, person.title, *person.roles)).casefold()
    return all(needle in text for needle in needles)


def _stranger(username: str) -> PersonView:
    """A member whose account is gone."""
    return PersonView(username=username, name="", title="", roles=(), active=False)

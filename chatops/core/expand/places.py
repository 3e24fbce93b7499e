"""Teams, channels, who is in them, and conversations."""

from chatops.core.desired import Path
from chatops.core.expand.book import Book, given, squeezed, text
from chatops.resources import (
    UNSET,
    Channel,
    ChannelMembers,
    DirectMessage,
    Key,
    Kind,
    PinnedMessages,
    Resource,
    Team,
    TeamMembers,
)
from chatops.spec import models

__all__ = ["expand_conversations", "expand_teams"]

Found = list[tuple[Resource, Path, dict[str, Path]]]


def expand_teams(book: Book) -> None:
    """The teams with their channels and people."""
    names = {t.name for t in book.spec.teams}
    from_people: dict[str, set[str]] = {}
    for i, person in enumerate(book.spec.users):
        for j, name in enumerate(person.teams or ()):
            if name not in names:
                book.dangle(("users", i, "teams", j), name, "teams", names)
            elif person.active is not False:
                from_people.setdefault(name, set()).add(person.username)
    for i, team in enumerate(book.spec.teams):
        _team(book, i, team, frozenset(from_people.get(team.name, ())))


def _team(book: Book, i: int, team: models.Team, listed: frozenset[str]) -> None:
    path: Path = ("teams", i)
    resource = Team(
        name=team.name,
        display_name=squeezed(team.display_name),
        description=text(team.description),
        open=UNSET if team.visibility is None else team.visibility == "open",
        archived=False,
    )
    book.add(
        resource,
        path,
        name=(*path, "name"),
        display_name=(*path, "display_name"),
        description=(*path, "description"),
        open=(*path, "visibility"),
    )
    book.renamed(resource.key, team.renamed_from, path)
    members = set(listed)
    if team.members is not None:
        members |= book.people(team.members, (*path, "members"))
    leads = None if team.leads is None else book.people(team.leads, (*path, "leads"))
    inside: set[str] = set()
    channels: Found = []
    for j, channel in enumerate(team.channels):
        inside |= _channel(book, team, channel, leads, (*path, "channels", j), channels)
    book.implied[team.name] = frozenset(inside - members - (leads or frozenset()))
    everyone = frozenset(members | inside | (leads or frozenset()))
    said = team.members is not None or bool(listed)
    if said or leads is not None or inside:
        people = TeamMembers(team=team.name, members=everyone, leads=given(leads))
        book.add(
            people,
            (*path, "members") if team.members is not None else path,
            members=(*path, "members"),
            leads=(*path, "leads"),
        )
        if said and book.is_exact(team.membership):
            book.exact.add(people.key)
    for channel_resource, place, places in channels:
        book.add(channel_resource, place, **places)


def _channel(
    book: Book,
    team: models.Team,
    channel: models.Channel,
    team_leads: frozenset[str] | None,
    path: Path,
    found: Found,
) -> frozenset[str]:
    """Note the channel and who is in it; returns those people."""
    key = Key(Kind.CHANNEL, f"{team.name}/{channel.name}")
    if channel.renamed_from is not None:
        book.renames[key] = Key(Kind.CHANNEL, f"{team.name}/{channel.renamed_from}")
    places: dict[str, Path] = {n: (*path, n) for n in channel.model_fields_set}
    if channel.archived is True:
        # What is put away stays as it is: nothing below it is compared.
        away = Channel(team=team.name, name=channel.name, archived=True)
        found.append((away, path, {"archived": (*path, "archived")}))
        return frozenset()
    book.channels.add(key.name)
    resource = Channel(
        team=team.name,
        name=channel.name,
        display_name=squeezed(channel.display_name),
        topic=text(channel.topic),
        purpose=text(channel.purpose),
        private=given(channel.private),
        posting=given(channel.posting),
        default=given(channel.default),
        archived=False,
    )
    found.append((resource, path, places))
    leads = None if channel.leads is None else book.people(channel.leads, (*path, "leads"))
    if leads is None and channel.posting == "leads":
        # Who may write where only leads do: without a word of the channel's own, the team's.
        leads = team_leads
    people: frozenset[str] = frozenset()
    if channel.members is not None or leads:
        people = book.people(channel.members or (), (*path, "members")) | (leads or frozenset())
        members = ChannelMembers(
            team=team.name, channel=channel.name, members=people, leads=given(leads)
        )
        said = (*path, "members") if channel.members is not None else path
        lead_place = (*path, "leads") if channel.leads is not None else (*path, "posting")
        found.append((members, said, {"members": said, "leads": lead_place}))
        if channel.members is not None and book.is_exact(channel.membership):
            book.exact.add(members.key)
    if channel.pinned is not None:
        texts = (text(t) for t in channel.pinned)
        pinned = PinnedMessages(
            team=team.name,
            channel=channel.name,
            texts=frozenset(t for t in texts if isinstance(t, str) and t),
        )
        found.append((pinned, (*path, "pinned"), {"texts": (*path, "pinned")}))
    return people


def expand_conversations(book: Book) -> None:
    """Conversations between a few people, but for those whom somebody has left."""
    first: dict[Key, Path] = {}
    for i, message in enumerate(book.spec.direct_messages):
        path: Path = ("direct_messages", i, "members")
        names = message.members
        unknown = [j for j, n in enumerate(names) if n not in book.usernames]
        for j in unknown:
            book.dangle((*path, j), names[j], "people", sorted(book.usernames))
        if unknown or set(names) & book.inactive:
            continue
        resource = DirectMessage(members=frozenset(names))
        if len(resource.members) < 2:
            book.wrong(
                "conversation",
                path,
                names[0],
                "a conversation is between two people or more",
                "name somebody else as well",
            )
            continue
        if first.setdefault(resource.key, path) is not path:
            book.wrong(
                "conversation",
                path,
                names[0],
                "these people have a conversation in this file already",
                "take one of them out",
            )
            continue
        more = {"group": path} if len(resource.members) > 2 else {}
        book.add(resource, path, **more)

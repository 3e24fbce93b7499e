"""What runs with what: chat × database × Jitsi × operating system × edition, as data.

Every figure has its source beside it. `check` says what of a lock does not fit together, before
anything is touched; what a host must have is in `preflight`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from chatops.deploy.images import Locked

__all__ = [
    "CHATS",
    "JITSI",
    "JITSI_OLDEST",
    "SYSTEMS",
    "Chat",
    "Database",
    "System",
    "check",
    "image_name",
    "jitsi_number",
    "version_of",
]

Version = tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Database:
    """What releases of a chat from `since` on take: `series`, or if empty `oldest` and newer."""

    since: Version
    oldest: Version
    series: tuple[Version, ...] = ()
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Chat:
    """A product: its images by edition (`*` for every other), its database, the oldest release
    that these files install.
    """

    label: str
    database: str
    images: Mapping[str, str]
    oldest: Version
    why_oldest: str
    databases: tuple[Database, ...]


@dataclass(frozen=True, order=True, kw_only=True)
class System:
    """An operating system. `compose`: whether its own packages have Compose v2."""

    name: str
    release: str
    label: str
    compose: bool


CHATS: Final[Mapping[str, Chat]] = {
    "mattermost": Chat(
        label="Mattermost",
        database="postgres",
        images={"team": "mattermost-team", "*": "mattermost-enterprise"},
        oldest=(11, 0),
        why_oldest="its image is asked for its health without a shell",
        databases=(
            Database(
                since=(11, 0),
                oldest=(14,),
                source="mattermost/docs, deployment-guide/software-hardware-requirements.rst",
            ),
        ),
    ),
    "rocketchat": Chat(
        label="Rocket.Chat",
        database="mongodb",
        images={"*": "rocketchat"},
        oldest=(7, 0),
        why_oldest="older ones are refused by its mobile clients",
        databases=(
            Database(
                since=(9, 0),
                oldest=(8, 0),
                series=((8, 0),),
                source="Rocket.Chat, release notes of 9.0.0",
            ),
            Database(
                since=(8, 0),
                oldest=(7, 0),
                series=((7, 0), (8, 0), (8, 2)),
                source="docs.rocket.chat and RocketChat/rocketchat-compose",
            ),
            Database(
                since=(7, 0),
                oldest=(5, 0),
                series=((5, 0), (6, 0), (7, 0)),
                source="docs.rocket.chat, supported MongoDB versions",
            ),
        ),
    ),
}

LABELS: Final = {"postgres": "PostgreSQL", "mongodb": "MongoDB"}

JITSI: Final = ("jitsi-web", "jitsi-prosody", "jitsi-jicofo", "jitsi-jvb", "jitsi-jibri")
JITSI_OLDEST: Final = (11146, 2)
"""The first tag with containers that are not root's, other ports inside and no bridge websockets
(jitsi/docker-jitsi-meet, CHANGELOG); -2 mended the renewal of certificates."""

SYSTEMS: Final = (
    System(name="debian", release="12", label="Debian 12", compose=False),
    System(name="debian", release="13", label="Debian 13", compose=True),
    System(name="ubuntu", release="22.04", label="Ubuntu 22.04", compose=True),
    System(name="ubuntu", release="24.04", label="Ubuntu 24.04", compose=True),
)


def image_name(platform: str, edition: str) -> str:
    """Which image of the lock a chat runs."""
    images = CHATS[platform].images
    return images.get(edition, images["*"])


def version_of(text: str) -> Version:
    """The numbers that a tag begins with: `17.5` of `17.5-bookworm`; empty if it has none."""
    numbers: list[int] = []
    for part in text.removeprefix("v").split("-")[0].split("."):
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers)


def jitsi_number(tag: str) -> Version:
    """The number of a release of Jitsi's images: (11146, 2) of `stable-11146-2`; else empty."""
    words = tag.split("-")
    if words[0] != "stable" or not all(w.isdigit() for w in words[1:]) or len(words) < 2:
        return ()
    return tuple(int(word) for word in words[1:])


Say = Callable[[str, str, str], None]
"""What is told of a wrong pair: name of the image, message, hint."""


def check(
    platform: str,
    edition: str,
    told: str,
    images: Mapping[str, Locked],
    say: Say,
    *,
    database: bool,
    video: bool,
) -> None:
    """Tell what of a lock does not fit. `told`: the release that the file asks for, if it does."""
    chat = CHATS[platform]
    name = image_name(platform, edition)
    tag = images[name].tag
    version = version_of(tag)
    if told and version[: len(version_of(told))] != version_of(told):
        say(
            name,
            f"{chat.label} {told} is asked for, and the lock has {tag}",
            "`chatops lock` finds the newest release of it; or write the whole of it, as "
            f'version: "{told}.1"'
            if told.count(".") < 2
            else "`chatops lock` writes it",
        )
    elif version < chat.oldest:
        oldest = ".".join(map(str, chat.oldest))
        say(
            name,
            f"{chat.label} {tag} is older than {oldest}, which is the oldest that can be "
            f"installed: {chat.why_oldest}",
            "",
        )
    elif database:
        _database(chat, version, tag, images[chat.database].tag, say)
    if video:
        _video(images, say)


def _database(chat: Chat, version: Version, tag: str, found: str, say: Say) -> None:
    rule = next(d for d in chat.databases if version >= d.since)
    number = version_of(found)
    fits = any(number[: len(s)] == s for s in rule.series) if rule.series else number >= rule.oldest
    if not fits:
        wanted = (
            " or ".join(".".join(map(str, s)) for s in rule.series)
            if rule.series
            else f"{rule.oldest[0]} or newer"
        )
        say(
            chat.database,
            f"{chat.label} {tag} wants {LABELS[chat.database]} {wanted}, and the lock has {found}",
            "change its tag in the lock file and run `chatops lock`; data of another major "
            "version must be moved first",
        )


def _video(images: Mapping[str, Locked], say: Say) -> None:
    tags = {name: images[name].tag for name in JITSI}
    first = tags[JITSI[0]]
    for name, tag in tags.items():
        number = jitsi_number(tag)
        if not number:
            say(name, f"{tag} is no release of Jitsi's images", "as stable-11146-2")
        elif number < JITSI_OLDEST:
            oldest = "-".join(map(str, JITSI_OLDEST))
            say(
                name,
                f"{tag} is older than stable-{oldest}: its containers have other ports and "
                "folders inside",
                f"stable-{oldest} or newer",
            )
        elif tag != first:
            say(name, f"{tag} beside {first}: all parts of Jitsi are of one release", "")

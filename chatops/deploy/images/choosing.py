"""Which images a company needs, and which of a repository's tags is the newest of a kind."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from chatops.deploy.compatibility import CHATS, JITSI, image_name, jitsi_number, version_of

__all__ = ["needed", "newest", "series"]

MONITORING: Final = ("grafana", "node-exporter", "prometheus")

_DEPTH: Final[Mapping[str, int]] = {"mattermost-enterprise": 2, "mattermost-team": 2, "mongodb": 2}
"""How many numbers of a version make a series within which a newer one is taken; 1 for others."""
_PLAIN: Final = re.compile(r"v?[0-9]+(\.[0-9]+)*")


def needed(
    platform: str,
    edition: str,
    *,
    database: bool = True,
    video: bool = False,
    recording: bool = False,
    relay: bool = False,
    monitoring: bool = True,
) -> tuple[str, ...]:
    """The names of the images that an installation of this kind runs."""
    names = [image_name(platform, edition), "caddy"]
    names += [CHATS[platform].database] if database else []
    names += [n for n in JITSI if n != "jitsi-jibri" or recording] if video else []
    names += ["coturn"] if relay else []
    names += MONITORING if monitoring else ()
    return tuple(sorted(names))


def series(name: str, tag: str) -> tuple[int, ...]:
    """The series that a tag belongs to: (17,) of PostgreSQL 17.5; empty for Jitsi."""
    return version_of(tag)[: _DEPTH.get(name, 1)]


def newest(name: str, tags: Iterable[str], wanted: tuple[int, ...]) -> str | None:
    """The newest release of a series among tags; None if there is none.

    Only plain numbers count: no `-rc1`, no `-alpine`, no `latest`, and whole ones at that.
    """
    if name in JITSI:
        found = {jitsi_number(tag): tag for tag in tags if jitsi_number(tag)}
        return found[max(found)] if found else None
    plain = {
        version_of(tag): tag
        for tag in tags
        if _PLAIN.fullmatch(tag) and version_of(tag)[: len(wanted)] == wanted
    }
    whole = max(map(len, plain), default=0)
    numbers = [version for version in plain if len(version) == whole]
    return plain[max(numbers)] if numbers else None

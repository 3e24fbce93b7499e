"""Who may write in a channel, on licensed editions: against answers as the source writes them."""

from collections.abc import Callable
from typing import Any

from chatops.platforms.base import Credential, Network, Release
from chatops.platforms.mattermost import PLATFORM
from chatops.platforms.mattermost.client import Client
from chatops.platforms.mattermost.handlers import Moderation
from chatops.resources import UNKNOWN
from chatops.secrets import Secret

from .stage import Answer, Play, Stage

LICENSED, FREE = Release((11, 7), "professional"), Release((11, 7), "team")
ROWS: list[dict[str, Any]] = [
    {"id": "plain", "scheme_id": None},
    {"id": "led", "scheme_id": "s1"},
    {"id": "open", "scheme_id": "s2"},
    {"id": "lapsed", "scheme_id": "s3"},
]


def moderations(may: bool) -> list[dict[str, Any]]:
    """As buildChannelModerations of the server puts them."""
    return [
        {"name": name, "roles": {"members": {"value": may, "enabled": True}}}
        for name in ("create_reactions", "create_post", "manage_members")
    ]


def play(method: str, path: str) -> Answer:
    if "lapsed" in path:
        code = "api.channel.get_channel_moderations.license.error"
        return 403, "application/json", {"id": code, "message": "no licence", "status_code": 403}
    return 200, "application/json", moderations("open" in path)


def asked(stage: Stage, release: Release) -> Moderation:
    credential = Credential(token=Secret("t" * 26))
    return Moderation(Client(stage.url, Network(), credential), release)


def test_only_channels_of_their_own_are_asked_of(stage: Callable[[Play], Stage]) -> None:
    built = stage(play)
    found = asked(built, LICENSED).read(ROWS)
    assert found == {"plain": "everyone", "led": "leads", "open": "everyone", "lapsed": UNKNOWN}
    assert sorted(built.asked) == [
        f"GET /api/v4/channels/{i}/moderations" for i in ("lapsed", "led", "open")
    ]


def test_without_a_licence_nothing_is_asked(stage: Callable[[Play], Stage]) -> None:
    built = stage(play)
    assert set(asked(built, FREE).read(ROWS).values()) == {"everyone"}
    assert built.asked == []


def test_one_call_writes(stage: Callable[[Play], Stage]) -> None:
    built = stage(play)
    asked(built, LICENSED).write("plain", "leads")
    assert built.asked == ["PUT /api/v4/channels/plain/moderations/patch"]


def test_the_table_says_who_can() -> None:
    assert PLATFORM.facts(LICENSED).cell("channel.posting").held
    free = PLATFORM.facts(FREE)
    assert not free.cell("channel.posting").held
    assert free.so_anyway("channel.posting", "everyone")
    assert not free.so_anyway("channel.posting", "leads")

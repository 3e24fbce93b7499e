"""What a server's edition stops at, as it tells it."""

from collections.abc import Callable
from typing import Any

import pytest

from chatops.platforms.base import Credential, Limits, Target
from chatops.platforms.mattermost import PLATFORM
from chatops.secrets import Secret

from .conftest import NETWORK, Bench
from .stage import Answer, Play, Stage

ADMIN = {"id": "a" * 26, "username": "root-admin", "roles": "system_user system_admin"}


def server(limits: dict[str, int], licence: dict[str, str]) -> Play:
    """As much of a server as a run asks before it reads anything."""
    told: dict[str, Any] = {
        "/config/client": {
            "Version": "11.7.2",
            "BuildEnterpriseReady": "true" if licence else "",
        },
        "/license/client": {"IsLicensed": "true" if licence else "false", **licence},
        "/users/me": ADMIN,
        "/limits/server": limits,
    }

    def play(method: str, path: str) -> Answer:
        return 200, "application/json", told[path.partition("?")[0].removeprefix("/api/v4")]

    return play


def connect(stage: Stage) -> tuple[Limits, tuple[str, ...]]:
    credential = Credential(token=Secret("t" * 26))
    found = PLATFORM.connect(Target(url=stage.url, credential=credential, network=NETWORK))
    return found.limits, found.remarks


def test_without_a_licence_people_are_counted(bench: Bench) -> None:
    limits = bench.server.limits
    assert limits.people_now >= 1
    assert limits.messages is None and not limits.hidden


@pytest.mark.parametrize(
    ("told", "licence", "people", "messages", "hidden", "said"),
    [
        ({"maxUsersHardLimit": 250, "activeUserCount": 12}, {}, 250, None, False, ""),
        (
            {"maxUsersHardLimit": 0, "postHistoryLimit": 10_000, "lastAccessiblePostTime": 17},
            {"SkuShortName": "entry"},
            None,
            10_000,
            True,
            "",
        ),
        (
            {"maxUsersHardLimit": 120, "activeUserCount": 118},
            {"SkuShortName": "enterprise", "Users": "100"},
            120,
            None,
            False,
            "",
        ),
        (
            {"maxUsersHardLimit": 0, "activeUserCount": 95},
            {"SkuShortName": "professional", "Users": "100"},
            None,
            None,
            False,
            "for 100 people, and 95 are active",
        ),
        (
            {"maxUsersHardLimit": 0, "activeUserCount": 15},
            {"SkuShortName": "professional", "Users": "100"},
            None,
            None,
            False,
            "",
        ),
    ],
)
def test_what_is_told(
    stage: Callable[[Play], Stage],
    told: dict[str, int],
    licence: dict[str, str],
    people: int | None,
    messages: int | None,
    hidden: bool,
    said: str,
) -> None:
    limits, remarks = connect(stage(server(told, licence)))
    assert (limits.people, limits.messages, limits.hidden) == (people, messages, hidden)
    assert said in " ".join(remarks)
    assert bool(said) is bool(remarks)

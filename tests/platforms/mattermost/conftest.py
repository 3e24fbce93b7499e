"""A server for each test module, and a small language to say what is wanted of it.

`CHATOPS_LIVE_MATTERMOST=http://…` points the tests at a real, disposable server instead, with
`CHATOPS_LIVE_MATTERMOST_USERNAME` and `_PASSWORD`; an empty one gets its first account from here.
"""

import itertools
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import pytest

from chatops.platforms.base import (
    Action,
    AdminSeed,
    Change,
    Credential,
    Network,
    Onboarding,
    Result,
    Run,
    Target,
)
from chatops.platforms.mattermost import PLATFORM
from chatops.platforms.mattermost.server import MattermostServer
from chatops.resources import (
    KINDS,
    MEMBER,
    Channel,
    ChannelMembers,
    Ids,
    Key,
    Kind,
    Live,
    Resource,
    Setting,
    Team,
    TeamMembers,
    User,
)
from chatops.sandbox.server import Sandbox
from chatops.secrets import Secret

from .stage import Play, Stage

PASSWORD = Secret("First-pass-word-1")
NETWORK = Network(connect_timeout=5, read_timeout=30)


@dataclass(frozen=True)
class Site:
    """A server with an administrator."""

    url: str
    credential: Credential

    def connect(self) -> MattermostServer:
        server = PLATFORM.connect(Target(url=self.url, credential=self.credential, network=NETWORK))
        assert isinstance(server, MattermostServer)
        return server


class Bench:
    """A connected server, the identifiers of a run, and short ways to read and change."""

    def __init__(self, server: MattermostServer) -> None:
        self.server = server
        self.run = Run(ids=Ids())
        self._names = (f"{secrets.token_hex(3)}{n}" for n in itertools.count())

    @property
    def calls(self) -> int:
        return self.server.client.http.calls

    def fresh(self, stem: str) -> str:
        """A name that nothing has yet."""
        return f"{stem}-{next(self._names)}"

    def mailing(self) -> "Bench":
        self.run = replace(self.run, onboarding=Onboarding.MAIL)
        return self

    def create(self, want: Resource) -> Result:
        return self.server.handlers[want.kind].create(want, self.run)

    def read(self, *keys: Key) -> dict[Key, Live[Any]]:
        """The things of these keys, which are of one kind."""
        found = self.server.handlers[keys[0].kind].read(list(keys), self.run.ids)
        return {live.key: live for live in found}

    def one(self, key: Key) -> Live[Any]:
        return self.read(key)[key]

    def all(self, kind: Kind) -> dict[Key, Live[Any]]:
        return {live.key: live for live in self.server.handlers[kind].read(None, self.run.ids)}

    def update(self, key: Key, **fields: Any) -> Result:
        """Change these fields of what is there; all else in the wish stays unsaid."""
        have = self.one(key)
        names = {"username", "name", "team", "channel"} & set(have.resource.__dict__)
        same = {name: getattr(have.resource, name) for name in names} | (
            {"compare": have.resource.compare} if isinstance(have.resource, Setting) else {}
        )
        want = KINDS[key.kind](**{**same, **fields})
        change: Change[Any] = Change(
            action=Action.UPDATE, key=want.key, want=want, have=have, changed=tuple(fields)
        )
        return self.server.handlers[key.kind].update(change, self.run)

    def remove(self, key: Key) -> Result:
        return self.server.handlers[key.kind].remove(self.one(key), self.run)

    # What most tests begin with.

    def user(self, stem: str = "ida", **fields: Any) -> str:
        name = self.fresh(stem)
        wish: Mapping[str, Any] = {
            "name": "Ida Holm",
            "email": f"{name}@nordlys.example",
            "title": "CIO",
            "roles": frozenset({MEMBER}),
            "active": True,
            "password": PASSWORD,
            **fields,
        }
        result = self.create(User(username=name, **wish))
        assert not result.failed
        return name

    def team(self, stem: str = "ops", **fields: Any) -> str:
        name = self.fresh(stem)
        self.create(Team(name=name, **{"display_name": "Operations", **fields}))
        return name

    def channel(self, team: str, stem: str = "dispatch", **fields: Any) -> str:
        name = self.fresh(stem)
        self.create(Channel(team=team, name=name, **{"display_name": "Dispatch", **fields}))
        return name

    def staffed(self, people: int) -> tuple[str, list[str]]:
        """A team with so many new people in it."""
        names = [self.user() for _ in range(people)]
        team = self.team()
        self.create(TeamMembers(team=team, members=frozenset(names)))
        return team, names

    def members(self, team: str, channel: str) -> frozenset[str]:
        """Who is in a channel, the account that runs left out."""
        key = ChannelMembers(team=team, channel=channel).key
        members: frozenset[str] = self.one(key).resource.members
        return members - {self.server.me}


def _seed(url: str, username: str, password: Secret) -> Site:
    if PLATFORM.is_empty(url, NETWORK):
        PLATFORM.bootstrap(
            url,
            AdminSeed(
                username=username,
                email=f"{username}@nordlys.example",
                name="Root Admin",
                password=password,
            ),
            NETWORK,
        )
    return Site(url, Credential(username=username, password=password))


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """The server that most tests share; each uses names of its own."""
    live = os.environ.get("CHATOPS_LIVE_MATTERMOST")
    if live:
        name = os.environ["CHATOPS_LIVE_MATTERMOST_USERNAME"]
        yield _seed(live, name, Secret(os.environ["CHATOPS_LIVE_MATTERMOST_PASSWORD"]))
        return
    with Sandbox("mattermost", user_limit=None) as sandbox:
        yield _seed(sandbox.url, "root-admin", Secret("Sandbox-admin-1!"))


@pytest.fixture
def bench(site: Site) -> Iterator[Bench]:
    server = site.connect()
    yield Bench(server)
    server.close()


Own: TypeAlias = Callable[..., tuple[Sandbox, Bench]]


@pytest.fixture
def own() -> Iterator[Own]:
    """A sandbox for one test alone: of another version, or one that fails on purpose."""
    open_: list[tuple[Sandbox, Bench]] = []

    def make(**options: Any) -> tuple[Sandbox, Bench]:
        sandbox = Sandbox("mattermost", **options)
        sandbox.start()
        seeded = _seed(sandbox.url, "root-admin", Secret("Sandbox-admin-1!"))
        open_.append((sandbox, Bench(seeded.connect())))
        return open_[-1]

    yield make
    for sandbox, bench in open_:
        bench.server.close()
        sandbox.stop()


@pytest.fixture
def stage() -> Iterator[Callable[[Play], Stage]]:
    built: list[Stage] = []

    def build(play: Play) -> Stage:
        built.append(Stage(play))
        return built[-1]

    yield build
    for one in built:
        one.close()

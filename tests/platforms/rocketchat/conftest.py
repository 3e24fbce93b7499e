"""A server for the tests, and a small language to say what is wanted of it.

`CHATOPS_LIVE_ROCKETCHAT=http://…` points the tests at a real, disposable server instead, with
`CHATOPS_LIVE_ROCKETCHAT_USERNAME` and `_PASSWORD`; an empty one gets its first account from here.
"""

import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

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
from chatops.platforms.rocketchat import PLATFORM
from chatops.platforms.rocketchat.client import Client
from chatops.platforms.rocketchat.server import RocketChatServer
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

NETWORK = Network(connect_timeout=5, read_timeout=60)
PASSWORD = Secret("First-pass-word-1")
ADMIN = Credential(username="root-admin", password=Secret("Sandbox-admin-1!"))


class Bench:
    """A connected server, the identifiers of a run, and short ways to read and change."""

    def __init__(self, server: RocketChatServer) -> None:
        self.server = server
        self.run = Run(ids=Ids())

    @property
    def target(self) -> Target:
        return Target(url=self.server.client.http.base, credential=ADMIN, network=NETWORK)

    @property
    def calls(self) -> int:
        return self.server.client.http.calls

    def fresh(self, stem: str) -> str:
        """A name that nothing has yet."""
        return f"{stem}-{secrets.token_hex(6)}"

    def mailing(self) -> "Bench":
        self.run = replace(self.run, onboarding=Onboarding.MAIL)
        return self

    def create(self, want: Resource) -> Result:
        result = self.server.handlers[want.kind].create(want, self.run)
        if result.id:
            self.run.ids.put(want.key, result.id)
        return result

    def read(self, *keys: Key) -> dict[Key, Live[Any]]:
        """The things of these keys, which are of one kind."""
        found = self.server.handlers[keys[0].kind].read(list(keys), self.run.ids)
        return self._keep(found)

    def one(self, key: Key) -> Live[Any]:
        return self.read(key)[key]

    def all(self, kind: Kind) -> dict[Key, Live[Any]]:
        return self._keep(self.server.handlers[kind].read(None, self.run.ids))

    def _keep(self, found: Any) -> dict[Key, Live[Any]]:
        lives = {live.key: live for live in found}
        for key, live in lives.items():
            self.run.ids.put(key, live.id)
        return lives

    def update(self, key: Key, **fields: Any) -> Result:
        """Change these fields of what is there; all else in the wish stays unsaid."""
        have = self.one(key)
        names = {"username", "name", "team", "channel"} & set(have.resource.__dict__)
        if key.kind is Kind.USER:
            names = {"username"}
        same = {name: getattr(have.resource, name) for name in names}
        want = KINDS[key.kind](**{**same, **fields})
        change: Change[Any] = Change(
            action=Action.UPDATE, key=want.key, want=want, have=have, changed=tuple(fields)
        )
        result = self.server.handlers[key.kind].update(change, self.run)
        self.run.ids.put(want.key, have.id)
        return result

    def remove(self, key: Key) -> Result:
        return self.server.handlers[key.kind].remove(self.one(key), self.run)

    def signed_in(self, username: str) -> Client:
        """One of the people made here, at work; they need no new password any more."""
        ident = self.run.ids.get(Kind.USER, username)
        data = {"requirePasswordChange": False, "password": PASSWORD.reveal()}
        self.server.client.post("users.update", {"userId": ident, "data": data})
        credential = Credential(username=username, password=PASSWORD)
        client = Client(self.server.client.http.base, NETWORK, credential)
        client.sign_in()
        return client

    # What most tests begin with.

    def user(self, stem: str = "ida", **fields: Any) -> str:
        name = self.fresh(stem)
        wish: dict[str, Any] = {
            "name": "Ida Holm",
            "email": f"{name}@nordlys.example",
            "roles": frozenset({MEMBER}),
            "active": True,
            "password": PASSWORD,
            **fields,
        }
        result = self.create(User(username=name, **wish))
        assert not result.failed
        return name

    def users(self, count: int) -> list[str]:
        return [self.user() for _ in range(count)]

    def team(self, stem: str = "ops", **fields: Any) -> str:
        name = self.fresh(stem)
        assert not self.create(Team(name=name, **{"open": False, **fields})).failed
        return name

    def channel(self, team: str, stem: str = "dispatch", **fields: Any) -> str:
        name = self.fresh(stem)
        assert not self.create(Channel(team=team, name=name, **fields)).failed
        return name

    def staffed(self, people: int) -> tuple[str, list[str]]:
        """A team with so many new people in it."""
        names = self.users(people)
        team = self.team()
        assert not self.create(TeamMembers(team=team, members=frozenset(names))).failed
        return team, names

    def members(self, team: str, channel: str) -> frozenset[str]:
        """Who is in a channel, the account that runs left out."""
        key = ChannelMembers(team=team, channel=channel).key
        members: frozenset[str] = self.one(key).resource.members
        return members - {self.server.me}

    def value(self, name: str) -> Any:
        return self.one(Setting(name=name, value="").key).resource.value

    def set(self, name: str, value: Any) -> None:
        self.update(Setting(name=name, value=value).key, value=value)


def connect(url: str, credential: Credential = ADMIN) -> RocketChatServer:
    return PLATFORM.connect(Target(url=url, credential=credential, network=NETWORK))


def seed(url: str, credential: Credential = ADMIN) -> None:
    """The first admin of an empty server; sign-in is not throttled, as tests do it often."""
    assert credential.password is not None
    if PLATFORM.is_empty(url, NETWORK):
        admin = AdminSeed(
            username=credential.username,
            email=f"{credential.username}@nordlys.example",
            name="Root Admin",
            password=credential.password,
        )
        PLATFORM.bootstrap(url, admin, NETWORK)
    client = Client(url, NETWORK, credential)
    client.sign_in()
    client.post("settings/API_Enable_Rate_Limiter", {"value": False})
    client.sign_out()


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    """The server that most tests share; each uses names of its own."""
    live = os.environ.get("CHATOPS_LIVE_ROCKETCHAT")
    if live:
        seed(live, _live_admin())
        yield live
        return
    with Sandbox("rocketchat") as sandbox:
        seed(sandbox.url)
        yield sandbox.url


def _live_admin() -> Credential:
    name = os.environ["CHATOPS_LIVE_ROCKETCHAT_USERNAME"]
    password = os.environ["CHATOPS_LIVE_ROCKETCHAT_PASSWORD"]
    return Credential(username=name, password=Secret(password))


@pytest.fixture
def bench(url: str) -> Iterator[Bench]:
    live = "CHATOPS_LIVE_ROCKETCHAT" in os.environ
    server = connect(url, _live_admin() if live else ADMIN)
    yield Bench(server)
    server.close()


@pytest.fixture
def own() -> Iterator[Callable[..., tuple[Sandbox, Bench]]]:
    """A sandbox for one test alone: one that fails on purpose, or is filled to the brim."""
    opened: list[tuple[Sandbox, Bench]] = []

    def make(**options: Any) -> tuple[Sandbox, Bench]:
        sandbox = Sandbox("rocketchat", **options)
        sandbox.start()
        seed(sandbox.url)
        opened.append((sandbox, Bench(connect(sandbox.url))))
        return opened[-1]

    yield make
    for sandbox, bench in opened:
        sandbox.faults.clear()
        bench.server.close()
        sandbox.stop()

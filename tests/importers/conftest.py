"""Two servers with an admin each, and a way to put things on them that no company file says."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from chatops.platforms.base import AdminSeed, Network
from chatops.platforms.registry import platforms
from chatops.sandbox import Sandbox
from chatops.secrets import Secret
from tests.cli.conftest import PASSWORD, Done, run

ENV = {"CHATOPS_USERNAME": "boss", "CHATOPS_PASSWORD": PASSWORD, "CHATOPS_VAULT_WRITE": "1"}


@pytest.fixture(params=sorted(platforms()))
def product(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def servers(product: str) -> Iterator[tuple[Sandbox, Sandbox]]:
    with Sandbox(product) as one, Sandbox(product) as other:
        for sandbox in (one, other):
            admin = AdminSeed(
                username="boss", email="boss@acme.example", name="Boss", password=Secret(PASSWORD)
            )
            platforms()[product].bootstrap(sandbox.url, admin, Network())
        yield one, other


def do(folder: Path, sandbox: Sandbox, *words: str) -> Done:
    done = run(folder, *words, "--server", sandbox.url, env=ENV)
    assert done.code == 0, done.err + done.out
    return done


class Planted:
    """The server's own interface: what people and other programs may have written there."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.http = requests.Session()
        self.url = sandbox.url
        self.login()

    def login(self) -> None:
        raise NotImplementedError

    def ok(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        answer = self.http.request(method, self.url + path, json=body, params=query, timeout=30)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def channel(self, name: str, **fields: str) -> None:
        """Texts of a channel of the team `crew`: topic, purpose, title."""
        raise NotImplementedError

    def texts(self, name: str) -> dict[str, str]:
        """The same, as they are."""
        raise NotImplementedError

    def pin(self, channel: str, text: str) -> None:
        """A message that stays on top."""
        raise NotImplementedError

    def pinned(self, channel: str) -> set[str]:
        """The messages on top."""
        raise NotImplementedError

    def person(self, username: str, **fields: str) -> None:
        """What is known of a person: name, title, email."""
        raise NotImplementedError

    def known(self, username: str) -> dict[str, str]:
        """The same, as it is."""
        raise NotImplementedError

    def named(self, name: str | None = None) -> str:
        """The name of the server; a new one, where one is given."""
        raise NotImplementedError

    def let_in(self, domain: str) -> None:
        """Whose addresses may have an account from now on."""
        raise NotImplementedError

    def hook(self, name: str, channel: str) -> None:
        """An address at which a program may write into a channel."""
        raise NotImplementedError


class PlantedMattermost(Planted):
    def login(self) -> None:
        self.url += "/api/v4"
        body = {"login_id": "boss", "password": PASSWORD}
        answer = self.http.post(f"{self.url}/users/login", json=body, timeout=30)
        self.http.headers["Authorization"] = f"Bearer {answer.headers['Token']}"

    def _channel(self, name: str) -> dict[str, Any]:
        return dict(self.ok("GET", f"/teams/name/crew/channels/name/{name}"))

    def channel(self, name: str, **fields: str) -> None:
        words = {"topic": "header", "purpose": "purpose", "title": "display_name"}
        body = {words[k]: v for k, v in fields.items()}
        self.ok("PUT", f"/channels/{self._channel(name)['id']}/patch", body)

    def texts(self, name: str) -> dict[str, str]:
        found = self._channel(name)
        return {
            "topic": found["header"],
            "purpose": found["purpose"],
            "title": found["display_name"],
        }

    def pin(self, channel: str, text: str) -> None:
        body = {"channel_id": self._channel(channel)["id"], "message": text}
        post = self.ok("POST", "/posts", body)
        self.ok("POST", f"/posts/{post['id']}/pin")

    def pinned(self, channel: str) -> set[str]:
        found = self.ok("GET", f"/channels/{self._channel(channel)['id']}/pinned")
        return {post["message"] for post in found["posts"].values()}

    def person(self, username: str, **fields: str) -> None:
        words = {"name": "first_name", "title": "position", "email": "email"}
        ident = self.ok("GET", f"/users/username/{username}")["id"]
        body = {words[k]: v for k, v in fields.items()}
        if "name" in fields:
            body["last_name"] = ""
        self.ok("PUT", f"/users/{ident}/patch", body)

    def known(self, username: str) -> dict[str, str]:
        found = self.ok("GET", f"/users/username/{username}")
        name = f"{found['first_name']} {found['last_name']}".strip()
        return {"name": name, "title": found["position"], "email": found["email"]}

    def named(self, name: str | None = None) -> str:
        if name is not None:
            self.ok("PUT", "/config/patch", {"TeamSettings": {"SiteName": name}})
        return str(self.ok("GET", "/config")["TeamSettings"]["SiteName"])

    def let_in(self, domain: str) -> None:
        body = {"TeamSettings": {"RestrictCreationToDomains": domain}}
        self.ok("PUT", "/config/patch", body)

    def hook(self, name: str, channel: str) -> None:
        body = {"channel_id": self._channel(channel)["id"], "display_name": name}
        self.ok("POST", "/hooks/incoming", body)


class PlantedRocketChat(Planted):
    def login(self) -> None:
        self.url += "/api/v1"
        code = hashlib.sha256(PASSWORD.encode()).hexdigest()
        self.http.headers.update({"x-2fa-code": code, "x-2fa-method": "password"})
        found = self.ok("POST", "/login", {"user": "boss", "password": PASSWORD})["data"]
        headers = {"X-Auth-Token": found["authToken"], "X-User-Id": found["userId"]}
        self.http.headers.update(headers)

    def _room(self, name: str) -> dict[str, Any]:
        found = self.ok("GET", "/rooms.adminRooms", filter=name)["rooms"]
        return dict(next(x for x in found if x["name"] == name))

    def channel(self, name: str, **fields: str) -> None:
        words = {"topic": "roomTopic", "purpose": "roomDescription", "title": "roomName"}
        body = {words[k]: v for k, v in fields.items()}
        self.ok("POST", "/rooms.saveRoomSettings", {"rid": self._room(name)["_id"], **body})

    def texts(self, name: str) -> dict[str, str]:
        found = self.ok("GET", "/rooms.info", roomName=name)["room"]
        return {"topic": found.get("topic", ""), "purpose": found.get("description", "")}

    def pin(self, channel: str, text: str) -> None:
        body = {"roomId": self._room(channel)["_id"], "text": text}
        post = self.ok("POST", "/chat.postMessage", body)["message"]
        self.ok("POST", "/chat.pinMessage", {"messageId": post["_id"]})

    def pinned(self, channel: str) -> set[str]:
        room = self._room(channel)["_id"]
        found = self.ok("GET", "/chat.getPinnedMessages", roomId=room)["messages"]
        return {post["msg"] for post in found}

    def person(self, username: str, **fields: str) -> None:
        ident = self.ok("GET", "/users.info", username=username)["user"]["_id"]
        self.ok("POST", "/users.update", {"userId": ident, "data": fields})

    def known(self, username: str) -> dict[str, str]:
        found = self.ok("GET", "/users.info", username=username)["user"]
        return {"name": found["name"], "email": found["emails"][0]["address"]}

    def named(self, name: str | None = None) -> str:
        if name is not None:
            self.ok("POST", "/settings/Site_Name", {"value": name})
        return str(self.ok("GET", "/settings/Site_Name")["value"])

    def let_in(self, domain: str) -> None:
        self.ok("POST", "/settings/Accounts_AllowedDomainsList", {"value": domain})

    def hook(self, name: str, channel: str) -> None:
        body = {
            "type": "webhook-incoming",
            "name": name,
            "enabled": True,
            "scriptEnabled": False,
            "username": "rocket.cat",
            "channel": f"#{channel}",
        }
        cat = self.ok("GET", "/users.info", username="rocket.cat")["user"]["_id"]
        room = self._room(channel)["_id"]
        self.ok("POST", "/channels.invite", {"roomId": room, "userId": cat})
        self.ok("POST", "/integrations.create", body)


@pytest.fixture
def planted(product: str, servers: tuple[Sandbox, Sandbox]) -> Planted:
    """The first server, from the side of the people on it."""
    kinds: dict[str, type[Planted]] = {
        "mattermost": PlantedMattermost,
        "rocketchat": PlantedRocketChat,
    }
    return kinds[product](servers[0])

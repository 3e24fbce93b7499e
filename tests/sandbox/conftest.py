"""A sandbox per test, and its first administrator."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from chatops.sandbox import Sandbox

PASSWORD = "Sup3r-secret!pw"


class Api:
    """A caller of a sandbox's Mattermost."""

    def __init__(self, url: str) -> None:
        self.url = f"{url}/api/v4"
        self.http = requests.Session()

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """Any answer."""
        return self.http.request(method, self.url + path, timeout=30, **options)

    def ok(self, method: str, path: str, **options: Any) -> Any:
        """The JSON of an answer that must be a success."""
        answer = self.call(method, path, **options)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def refused(self, method: str, path: str, **options: Any) -> tuple[int, str]:
        """Status and identifier of an answer that must be an error."""
        answer = self.call(method, path, **options)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, answer.json()["id"]

    def login(self, name: str) -> "Api":
        """Another caller, logged in."""
        other = Api(self.url.removesuffix("/api/v4"))
        answer = self.call("POST", "/users/login", json={"login_id": name, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        other.http.headers["Authorization"] = f"Bearer {answer.headers['Token']}"
        return other

    def person(self, name: str) -> str:
        """The identifier of a new account."""
        fields = {"username": name, "email": f"{name}@acme.example", "password": PASSWORD}
        return str(self.ok("POST", "/users", json=fields)["id"])

    def team(self, name: str, *user_ids: str) -> str:
        """The identifier of a new team with these members."""
        fields = {"name": name, "display_name": name.title(), "type": "O"}
        team_id = str(self.ok("POST", "/teams", json=fields)["id"])
        for user_id in user_ids:
            member = {"team_id": team_id, "user_id": user_id}
            self.ok("POST", f"/teams/{team_id}/members", json=member)
        return team_id

    def channel(self, team_id: str, name: str, kind: str = "O") -> str:
        """The identifier of a new channel."""
        fields = {"team_id": team_id, "name": name, "display_name": name.title(), "type": kind}
        return str(self.ok("POST", "/channels", json=fields)["id"])


def administrator(sandbox: Sandbox) -> Api:
    """The first administrator of a sandbox, logged in."""
    sandbox.workspace.seed_admin("root", PASSWORD, "root@acme.example")
    return Api(sandbox.url).login("root")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("mattermost") as sandbox:
        yield sandbox


@pytest.fixture
def admin(sandbox: Sandbox) -> Api:
    return administrator(sandbox)

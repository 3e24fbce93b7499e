"""The real command in a process of its own, against a sandbox over HTTP."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from chatops.errors import CredentialError
from chatops.platforms.base import AdminSeed, Credential, Network, Target
from chatops.platforms.registry import platforms
from chatops.sandbox import Sandbox
from chatops.secrets import Secret
from chatops.vault import Vault

PASSWORD = "Cli-admin-password-1!"


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Place:
    """A folder with a company file, and a server of its own."""

    folder: Path
    sandbox: Sandbox
    env: Mapping[str, str]

    def chatops(self, *words: str, env: Mapping[str, str] | None = None) -> Done:
        return run(self.folder, *words, env={**self.env, **(env or {})})

    def server(self, verb: str, *words: str, env: Mapping[str, str] | None = None) -> Done:
        """The verb with --server."""
        return self.chatops(verb, *words, "--server", self.sandbox.url, env=env)

    def private(self, name: str) -> Path:
        """A file that only the admin may read, of the server named by --server."""
        where = self.sandbox.url.removeprefix("http://").replace(":", "_")
        return self.folder / ".chatops" / f"server-{where}" / name

    def write(self, text: str, name: str = "company.yaml") -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path


def lets_in(product: str, url: str, who: str, password: str) -> bool:
    """Whether it signs in as an admin: `connect` refuses whoever may not see all of a server."""
    credential = Credential(username=who, password=Secret(password))
    try:
        platforms()[product].connect(Target(url=url, credential=credential)).close()
    except CredentialError:
        return False
    return True


def sandbox_secret(folder: Path, product: str, name: str = "first-admin") -> str:
    """What chatops keeps in the vault of a company's sandbox."""
    state = folder / ".chatops" / "sandbox" / product
    found = Vault(state / "vault.yaml", state, private=True).find("sandbox", name)
    assert found is not None
    return found.reveal()


def clean_env() -> dict[str, str]:
    keep = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
    return {k: v for k, v in os.environ.items() if k in keep} | {"PYTHONUTF8": "1"}


def run(folder: Path, *words: str, env: Mapping[str, str] | None = None) -> Done:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "chatops", *words],
        cwd=folder,
        env={**clean_env(), **(env or {})},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=240,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


COMPANY = """\
version: 1
company: {name: Acme}
chat: {platform: %s}
policy: {unsupported: note}
users:
  - {username: ann, name: Ann Berg, email: ann@acme.example}
  - {username: ben, name: Ben Dahl, email: ben@acme.example}
teams:
  - name: crew
    visibility: invite
    members: [everyone]
    channels:
      - {name: dispatch, topic: "On duty: 112", members: [ann, ben]}
      - {name: wages, private: true, members: [ann]}
"""


@pytest.fixture
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """A company on Mattermost's stand-in, unless the test asks for another."""
    with company_on(getattr(request, "param", "mattermost"), tmp_path) as made:
        yield made


@contextmanager
def company_on(product: str, folder: Path) -> Iterator[Place]:
    """A company file in a folder, and a server with an admin and no more."""
    with Sandbox(product) as sandbox:
        admin = AdminSeed(
            username="boss", email="boss@acme.example", name="Boss", password=Secret(PASSWORD)
        )
        platforms()[product].bootstrap(sandbox.url, admin, Network())
        env = {"CHATOPS_USERNAME": "boss", "CHATOPS_PASSWORD": PASSWORD}
        made = Place(folder, sandbox, env)
        made.write(COMPANY % product)
        yield made


@pytest.fixture
def chatops(tmp_path: Path) -> Callable[..., Done]:
    """The command in an empty folder."""
    return lambda *words, env=None: run(tmp_path, *words, env=env)

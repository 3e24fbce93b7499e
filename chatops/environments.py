"""Environments: where a company's chat runs, and as whom we speak to it.

An environment is a folder `inventories/NAME/`, beside the company file first, among the packaged
ones second. Its `environment.yaml` names the target, the address and where the credential comes
from; no secret stands in it, and none is fetched before it is needed.
"""

import difflib
import os
import re
from collections.abc import Mapping as Reading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from chatops import assets
from chatops.blocks import Blocks, wrong_url
from chatops.errors import ChatopsError, Finding, Place, SpecError, UsageError
from chatops.hosting import Hosting, read_hosting
from chatops.platforms.base import Credential, Network
from chatops.secrets import REFERENCE, Secret, SecretError, resolve
from chatops.spec.files import Findings, read_text
from chatops.spec.nodes import Mapping, Node, SourceMap
from chatops.spec.source import compose
from chatops.vault import Shelf

__all__ = [
    "BY_ADDRESS",
    "DEFAULT",
    "FROM_FLAGS",
    "Environment",
    "Login",
    "Where",
    "WrongEnvironmentError",
    "from_flags",
    "load",
    "override_file",
]

DEFAULT: Final = "sandbox"
FROM_FLAGS: Final = "--server"
"""The name of the environment that `--server` stands for; no folder can have it."""
BY_ADDRESS: Final = "server-"
"""What the name begins with under which the things of a server of `--server` are kept."""
FILE: Final = "environment.yaml"
OVERRIDE: Final = "override.yaml"
_NEARLY: Final = ("override.yml", "overrides.yaml", "overrides.yml")

CONNECT_SECONDS: Final = 10.0
READ_SECONDS: Final = 120.0


class Where(StrEnum):
    """What an environment stands for."""

    SANDBOX = "sandbox"
    SERVER = "server"
    HOSTS = "hosts"


class WrongEnvironmentError(SpecError):
    """An environment.yaml is wrong; carries all findings."""

    def __init__(self, file: str, findings: Sequence[Finding]) -> None:
        super().__init__(findings)
        self.message = self.message.replace("the company file", file)
        self.args = (self.message,)


@dataclass(frozen=True, kw_only=True)
class Login:
    """Where a credential comes from: references (`env:NAME`), or names that are no secret."""

    token: str = ""
    user_id: str = ""
    username: str = ""
    password: str = ""


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Where a chat runs. `folder` is what its files are relative to, `shelf` its secrets.

    `plugins`: what a chat may lack, and the file or the address it is to be installed from.
    """

    name: str
    folder: Path
    target: Where
    url: str = ""
    reach: str = ""
    port: int = 0
    hosting: Hosting | None = None
    login: Login = field(default_factory=Login)
    network: Network = field(default_factory=Network)
    plugins: Reading[str, str] = field(default_factory=dict)
    shelf: Shelf | None = field(default=None, compare=False, repr=False)

    @property
    def kept_as(self) -> str:
        """The name under which its things are kept: two servers of --server are two."""
        if self.name != FROM_FLAGS:
            return self.name
        return BY_ADDRESS + re.sub(r"[^A-Za-z0-9.-]", "_", self.url.partition("://")[2])

    def secret(self, reference: str, base: Path) -> Secret:
        """The secret behind a reference; `base` is what `file:` starts from. Raises SecretError."""
        if self.shelf is None:
            return resolve(reference, base=base)
        return resolve(reference, base=base, vault=self.shelf.find)

    @property
    def address(self) -> str:
        """Where to send requests."""
        return self.reach or self.url

    def credential(self, base: Path | None = None) -> Credential:
        """The credential, fetched now; `base` is what `file:` starts from. Raises SecretError."""
        base = self.folder if base is None else base
        token = password = None
        if self.login.token:
            token = self.secret(self.login.token, base)
        elif self.login.password:
            password = self.secret(self.login.password, base)
        else:
            raise SecretError(
                "no credential: chatops does not know as whom to speak to the server",
                hint="export CHATOPS_TOKEN (with CHATOPS_USER_ID for Rocket.Chat), or "
                "CHATOPS_USERNAME and CHATOPS_PASSWORD",
            )
        return Credential(
            token=token,
            user_id=self._plain(self.login.user_id, base),
            username=self._plain(self.login.username, base),
            password=password,
        )

    def _plain(self, text: str, base: Path) -> str:
        """A name that may be written down, or be kept with the secrets. It is none itself."""
        match = REFERENCE.fullmatch(text)
        if match is None:
            return text
        if match.group(1) == "env" and os.environ.get(match.group(2)):
            # Read directly: what `resolve` returns is hidden from every output from then on.
            return os.environ[match.group(2)]
        return self.secret(text, base).reveal()


def load(name: str, spec_path: Path) -> Environment:
    """The environment of this name. Raises UsageError, WrongEnvironmentError (all findings)."""
    if name in ("", ".", "..") or any(c in name for c in "/\\\0") or name.startswith("-"):
        raise UsageError(
            f"`{name}` cannot be the name of an environment",
            hint="it is the name of a folder in inventories/, without a path",
        )
    for folder in _shelves(spec_path):
        if (folder / name / FILE).is_file():
            return _read(name, folder / name)
    raise UsageError(f"no environment `{name}`", hint=_known(name, spec_path))


def override_file(name: str, spec_path: Path) -> Path | None:
    """What this environment has otherwise than the company file says, if anything.

    Raises UsageError for a file whose name is nearly right: it would be passed over in silence.
    """
    folder = spec_path.parent / "inventories" / name
    for near in _NEARLY:
        if (folder / near).is_file():
            raise UsageError(
                f"{folder / near} is not read: it is called {OVERRIDE}",
                hint=f"mv {folder / near} {folder / OVERRIDE}",
            )
    return folder / OVERRIDE if (folder / OVERRIDE).is_file() else None


def from_flags(
    server_url: str, *, ca_file: str = "", proxy: str = "", timeout: float | None = None
) -> Environment:
    """What `--server URL` stands for; the credential comes from CHATOPS_* variables."""
    problem = wrong_url(server_url)
    if problem:
        raise UsageError(f"--server: {problem}", hint="write it as https://chat.example.com")
    if proxy and (problem := wrong_url(proxy)):
        raise UsageError(f"--proxy: {problem}", hint="write it as http://proxy.example.com:3128")
    if ca_file and not Path(ca_file).is_file():
        raise UsageError(f"--ca-file: no file {ca_file}")
    if timeout is not None and not 0 < timeout <= 3600:
        raise UsageError("--timeout: seconds, more than 0 and at most 3600")
    login = Login()
    if os.environ.get("CHATOPS_TOKEN"):
        has_id = bool(os.environ.get("CHATOPS_USER_ID"))
        login = Login(token="env:CHATOPS_TOKEN", user_id="env:CHATOPS_USER_ID" if has_id else "")
    elif os.environ.get("CHATOPS_USERNAME"):
        login = Login(username="env:CHATOPS_USERNAME", password="env:CHATOPS_PASSWORD")
    read = READ_SECONDS if timeout is None else timeout
    return Environment(
        name=FROM_FLAGS,
        folder=Path.cwd(),
        target=Where.SERVER,
        url=server_url.rstrip("/"),
        login=login,
        network=Network(
            ca_file=str(Path(ca_file).absolute()) if ca_file else "",
            proxy=proxy,
            connect_timeout=min(CONNECT_SECONDS, read),
            read_timeout=read,
        ),
    )


def _shelves(spec_path: Path) -> tuple[Path, ...]:
    return (spec_path.parent / "inventories", assets.folder("inventories"))


def _known(name: str, spec_path: Path) -> str:
    """What there is instead."""
    found: dict[str, Path] = {}
    for shelf in _shelves(spec_path):
        try:
            there = sorted(p for p in shelf.iterdir() if (p / FILE).is_file())
        except OSError:
            continue
        for path in there:
            found.setdefault(path.name, path)
    near = difflib.get_close_matches(name, found, 1)
    ask = f"did you mean `{near[0]}`? " if near else ""
    listed = ", ".join(f"{n} ({p})" for n, p in found.items())
    own = _shelves(spec_path)[0] / name / FILE
    return f"{ask}there is {listed}; a new one is made by writing {own}"


def _read(name: str, folder: Path) -> Environment:
    path = folder / FILE
    findings = Findings()
    try:
        text = read_text(path, str(path), findings)
    except (OSError, ValueError) as error:
        raise ChatopsError(f"cannot read {path}: {error}") from error
    root = None if text is None else compose(text, str(path), findings)
    environment = None
    if root is not None:
        environment = _Reader(name, folder, SourceMap(str(path), root), root, findings).read()
    if findings.errors or environment is None:
        raise WrongEnvironmentError(str(path), sorted(map(_fitting, findings), key=_place))
    return environment


def _fitting(finding: Finding) -> Finding:
    """The finding with a hint for this file, where the reader's speaks of the company file."""
    return (
        replace(finding, hint="write `target: sandbox`")
        if finding.rule == "file-empty"
        else finding
    )


def _place(finding: Finding) -> Place:
    return finding.place


class _Reader(Blocks):
    """An environment.yaml."""

    def __init__(
        self, name: str, folder: Path, places: SourceMap, root: Node, findings: Findings
    ) -> None:
        super().__init__(folder, places, root, findings)
        self.name = name

    def read(self) -> Environment | None:
        if not isinstance(self.root, Mapping):
            self.error("wrong-type", (), "keys and values are wanted here, as `target: server`")
            return None
        kind = self.choice(("target",), [w.value for w in Where])
        if "target" not in self.root.pairs:
            self.error("missing-key", (), "`target` is missing", "write sandbox, server or hosts")
        if kind is None:
            return None
        if kind == Where.SANDBOX:
            self.keys((), ("target", "port"))
            port = self.number(("port",), least=1, most=65535)
            return Environment(
                name=self.name,
                folder=self.folder,
                target=Where.SANDBOX,
                port=int(port) if port else 0,
            )
        if kind == Where.HOSTS:
            hosting = read_hosting(self)
            if hosting is None:
                return None
            return Environment(
                name=self.name,
                folder=self.folder,
                target=Where.HOSTS,
                hosting=hosting,
                plugins=self._plugins(),
            )
        self.keys((), ("target", "url", "credential", "ca_file", "proxy", "timeouts", "plugins"))
        if "url" not in self.root.pairs:
            self.error("missing-key", (), "`url` is missing: a server has an address")
        self.keys(("timeouts",), ("connect", "read"))
        return Environment(
            name=self.name,
            folder=self.folder,
            target=Where.SERVER,
            url=self.url(("url",)).rstrip("/"),
            login=self._login(),
            network=Network(
                ca_file=self.file(("ca_file",)),
                proxy=self.url(("proxy",)),
                connect_timeout=self.number(("timeouts", "connect"), least=0.1, most=3600)
                or CONNECT_SECONDS,
                read_timeout=self.number(("timeouts", "read"), least=0.1, most=3600)
                or READ_SECONDS,
            ),
            plugins=self._plugins(),
        )

    def _plugins(self) -> dict[str, str]:
        """From where each plugin is to be installed: a file of ours, or an address."""
        self.keys(("plugins",), ("jitsi",))
        found = {}
        for name in ("jitsi",):
            at = ("plugins", name)
            source = self.text(at)
            if source:
                found[name] = self.url(at) if "://" in source else self.file(at)
        return found

    def _login(self) -> Login:
        at = ("credential",)
        self.keys(at, ("token", "user_id", "username", "password"))
        login = Login(
            token=self.secret((*at, "token")),
            user_id=self.text((*at, "user_id")),
            username=self.text((*at, "username")),
            password=self.secret((*at, "password")),
        )
        block = self.places.node(at)
        if isinstance(block, Mapping):
            given = set(block.pairs)
            if not given & {"token", "password"}:
                self.error(
                    "missing-key",
                    at,
                    "`token` is missing, or `username` and `password`",
                    "token: env:CHATOPS_TOKEN",
                )
            elif "token" in given and given & {"username", "password"}:
                self.error("value", at, "a token, or a user name and password: not both")
            elif "token" not in given and "username" not in given:
                self.error("missing-key", at, "`username` is missing beside the password")
        return login

"""Secrets are planted everywhere and looked for everywhere."""

import base64
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from chatops.platforms.base import AdminSeed, Network
from chatops.platforms.registry import platforms
from chatops.sandbox import Sandbox
from chatops.sandbox.faults import Fault
from chatops.secrets import Secret
from chatops.vault import Vault
from tests.cli.canaries import Watch, found_in, loose_files, new_canary
from tests.cli.conftest import clean_env

SPEC = """\
version: 1
company: {name: Acme}
chat: {platform: %s}
policy: {unsupported: note}
smtp: {host: mail.acme.example, username: chat, password: env:SMTP_PASSWORD}
storage:
  files: {backend: s3, endpoint: https://s3.acme.example, bucket: chatfiles, region: eu,
          access_key: vault:s3-access, secret_key: file:s3-secret}
users:
  - {username: ann, name: Ann Berg, email: ann@acme.example}
teams:
  - {name: crew, visibility: invite, members: [everyone], channels: [{name: dispatch}]}
integrations:
  incoming_webhooks: [{name: ci, channel: crew/dispatch}]
  bots: [{username: robo, channels: [crew/dispatch]}]
"""
COMMAND = [sys.executable, "-W", "error", "-m", "chatops"]


class Nest:
    """A company with a canary in every place where a secret can stand, and all that it said."""

    def __init__(self, folder: Path, platform: str) -> None:
        self.folder = folder
        self.smtp, self.access, self.secret = map(new_canary, ("smtp", "access", "secret"))
        self.vault_password, self.admin = new_canary("vault"), f"{new_canary('admin')}A1!"
        self.env = {
            **clean_env(),
            "SMTP_PASSWORD": self.smtp,
            "CHATOPS_VAULT_PASSWORD": self.vault_password,
            "TMPDIR": str(folder / "tmp"),
        }
        (folder / "tmp").mkdir()
        (folder / "company.yaml").write_text(SPEC % platform, encoding="utf-8")
        self.file = folder / "s3-secret"
        self.file.write_text(self.secret, encoding="utf-8")
        self.file.chmod(0o600)
        self.said = ""
        self.codes: dict[str, int] = {}

    @property
    def planted(self) -> tuple[str, ...]:
        return (self.smtp, self.access, self.secret, self.vault_password, self.admin)

    @property
    def invented(self) -> tuple[str, ...]:
        """Whatever lies in a vault by now, besides what was planted."""
        found = []
        environ = {"CHATOPS_VAULT_PASSWORD": self.vault_password}
        vaults = [Vault(self.folder / "vault.yaml", self.folder / ".chatops", environ=environ)]
        for path in self.folder.glob(".chatops/sandbox/*/vault.yaml"):
            vaults.append(Vault(path, path.parent, private=True))
            found.append((path.parent / "vault-password").read_text().strip())
        for contents in (v.contents() for v in vaults):
            for shelf in (contents.shared, *contents.environments.values()):
                for entry in shelf.values():
                    found += [e.reveal() for e in (entry.value, entry.previous) if e is not None]
            if contents.fingerprint_key is not None:
                found.append(contents.fingerprint_key.reveal())
        return tuple(x for x in found if x not in self.planted)

    def keep_access_key(self) -> None:
        done = subprocess.run(
            [*COMMAND, "secret", "set", "s3-access"],
            cwd=self.folder,
            env=self.env,
            input=self.access.encode(),
            capture_output=True,
            check=True,
        )
        self.said += (done.stdout + done.stderr).decode()

    def run(self, watch: Watch, *words: str, env: dict[str, str] | None = None) -> str:
        code, out, err = watch.run([*COMMAND, *words], self.folder, {**self.env, **(env or {})})
        assert "Traceback" not in out + err
        self.said += out + err
        self.codes[" ".join(words)] = code
        return out

    def look(self, watch: Watch) -> None:
        """Fail where anything was told."""
        secrets = (*self.planted, *self.invented)
        assert found_in(self.said, secrets) == []
        assert watch.argv == []
        assert watch.environments == []
        assert watch.files == []
        assert loose_files(self.folder, secrets, self.file) == []


EVERY_WAY: list[list[str]] = [
    ["validate"],
    ["validate", "--json"],
    ["validate", "--format", "sarif"],
    ["validate", "--format", "github"],
    ["validate", "--resolved"],
    ["secret", "list"],
    ["secret", "list", "--json"],
]
ON_A_SERVER: list[list[str]] = [
    ["plan", "-v", "--debug", "-o", "p.json"],
    ["plan", "--json"],
    ["plan", "--markdown"],
    ["apply", "--yes", "-v", "--debug"],
    ["apply", "--yes", "--json", "--debug"],
    ["secret", "rotate", "--all"],
    ["apply", "--yes", "--debug"],
]


@pytest.mark.parametrize("product", sorted(platforms()))
def test_a_server(tmp_path: Path, product: str) -> None:
    nest = Nest(tmp_path, product)
    nest.keep_access_key()
    with Sandbox(product) as sandbox, Watch(nest.planted, (tmp_path / "tmp",)) as watch:
        seed = AdminSeed(
            username="boss", email="boss@acme.example", name="Boss", password=Secret(nest.admin)
        )
        platforms()[product].bootstrap(sandbox.url, seed, Network())
        env = {"CHATOPS_USERNAME": "boss", "CHATOPS_PASSWORD": nest.admin}
        server = ("--server", sandbox.url)
        for words in EVERY_WAY:
            nest.run(watch, *words)
        for words in ON_A_SERVER:
            nest.run(watch, *words, *server, env=env)
        nest.run(watch, "show", "p.json")
        nest.run(watch, "show", "p.json", "--markdown")
        assert set(nest.codes.values()) == {0}, nest.codes
        # Another value is a change, and neither of the two is told.
        nest.env["SMTP_PASSWORD"] = nest.smtp = new_canary("other-smtp")
        again = nest.run(watch, "plan", "--json", *server, env=env)
        changed = [c["name"] for c in json.loads(again)["changes"]]
        assert changed == (["smtp.password"] if product == "mattermost" else changed)
        assert "smtp.password" in changed
        # And where things go wrong.
        sandbox.faults.add(Fault(method="POST", path="*", status=500, times=None))
        sandbox.faults.add(Fault(method="PUT", path="*", status=500, times=None))
        nest.run(watch, "apply", "--yes", "--debug", *server, env=env)
        for wrong in (
            {"CHATOPS_VAULT_PASSWORD": new_canary("wrong")},
            {"CHATOPS_PASSWORD": new_canary("wrong")},
            {"SMTP_PASSWORD": ""},
        ):
            nest.run(watch, "plan", "--debug", *server, env={**env, **wrong})
            assert found_in(nest.said, wrong.values() if any(wrong.values()) else ()) == []
    assert nest.invented
    nest.look(watch)
    names = {c["kind"] for c in json.loads((tmp_path / "p.json").read_text())["changes"]}
    assert {"setting", "user", "bot", "incoming-webhook"} <= names, "the plan was about all of it"


def test_a_whole_deploy(tmp_path: Path) -> None:
    nest = Nest(tmp_path, "mattermost")
    nest.keep_access_key()
    folders = (tmp_path / "tmp", Path("/dev/shm"))
    with Watch(nest.planted, folders) as watch:
        try:
            nest.run(watch, "deploy", "--yes", "-v", "--debug")
            nest.run(watch, "secret", "rotate", "first-admin")
            nest.run(watch, "deploy", "--yes", "--json", "--debug")
            nest.run(watch, "secret", "list")
            nest.run(watch, "sandbox", "status")
        finally:
            nest.run(watch, "sandbox", "stop")
    assert set(nest.codes.values()) == {0}, nest.said
    assert any("ansible" in child for child in watch.children), "children were seen"
    nest.look(watch)
    assert list((tmp_path / ".chatops" / "logs").iterdir()), "there were logs to look into"
    assert list((tmp_path / "build").rglob("*")), "and rendered files"


def test_the_same_secret_is_no_change_the_next_time(tmp_path: Path) -> None:
    nest = Nest(tmp_path, "mattermost")
    nest.keep_access_key()
    with Watch(()) as watch:
        try:
            assert "done in" in nest.run(watch, "deploy", "--yes")
            assert "no changes" in nest.run(watch, "deploy", "--yes")
        finally:
            nest.run(watch, "sandbox", "stop")


def test_a_secret_written_where_none_belongs_is_not_repeated(tmp_path: Path) -> None:
    nest = Nest(tmp_path, "mattermost")
    text = (SPEC % "mattermost").replace("env:SMTP_PASSWORD", nest.smtp)
    text = text.replace("vault:s3-access", f"vault:{nest.access} x")
    (tmp_path / "company.yaml").write_text(text, encoding="utf-8")
    with Watch(nest.planted) as watch:
        for words in (["validate"], ["validate", "--format", "sarif"], ["plan", "--debug"]):
            nest.run(watch, *words)
        nest.run(watch, "secret", "set", "x", "--", nest.admin)
        nest.run(watch, "secret", "set", "x", f"--{nest.admin}")
    # What a person types stands in her own argv, and what she writes in her own file.
    assert found_in(nest.said, (nest.smtp, nest.admin)) == []
    assert not (tmp_path / "vault.yaml").exists()


def test_the_looking_itself_finds_what_is_told(tmp_path: Path) -> None:
    one, two, three = (new_canary(x) for x in ("argv", "environ", "file"))
    (tmp_path / "open").write_text(f"password: {three}")
    code = "import time; time.sleep(1)"
    with Watch((one, two, three), (tmp_path,)) as watch:
        child = subprocess.Popen([sys.executable, "-c", code, one], env={"X": two})
        child.wait()
        # The command itself may have what a person gave it; its child may not.
        inner = f"import subprocess; subprocess.run(['sleep', '1'], env={{'Y': {two!r}}})"
        watch.run([sys.executable, "-c", inner], tmp_path, {**clean_env(), "X": three})
    assert set(watch.argv) >= {one}
    assert {x.rpartition(": ")[2] for x in watch.environments} == {two}
    assert any("sleep" in x.partition(": ")[0] for x in watch.environments)
    assert watch.files[0] == f"{tmp_path}/open: {three}"
    assert loose_files(tmp_path, (three,)) != []
    encoded = base64.b64encode(f"boss:{one}".encode()).decode()
    for told in (one, encoded, one.encode().hex(), f"'{one}'"):
        assert found_in(f"x {told} y", (one,)) == [one]
    assert found_in("canary-argv", (one,)) == []


# --- a server that says again what it was told ------------------------------------------------


class Echo(BaseHTTPRequestHandler):
    """A proxy of the careless kind: its errors repeat the request, headers and all."""

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode(errors="replace")
        text = f"cannot handle {self.requestline}\n{self.headers}\n{body}"
        data = json.dumps({"message": text, "error": text, "id": "x", "success": False}).encode()
        self.send_response(400)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = _answer

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def echo() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


CREDENTIALS: dict[str, Callable[[str], dict[str, str]]] = {
    "password": lambda c: {"CHATOPS_USERNAME": "boss", "CHATOPS_PASSWORD": c},
    "token": lambda c: {"CHATOPS_TOKEN": c, "CHATOPS_USER_ID": "someid"},
}


@pytest.mark.parametrize("product", sorted(platforms()))
@pytest.mark.parametrize("way", CREDENTIALS)
def test_a_server_that_repeats_what_it_was_told(
    tmp_path: Path, product: str, way: str, echo: str
) -> None:
    nest = Nest(tmp_path, product)
    # A token is sent in a header, where letters beyond ASCII cannot be.
    nest.admin = nest.admin.partition("/")[0]
    nest.keep_access_key()
    with Watch(()) as watch:
        for words in (["plan"], ["plan", "--json"], ["plan", "--debug"], ["apply", "--yes"]):
            nest.run(watch, *words, "--server", echo, env=CREDENTIALS[way](nest.admin))
    assert set(nest.codes.values()) == {1}, nest.codes
    assert found_in(nest.said, nest.planted) == []

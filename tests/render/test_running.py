"""Rendered files at work: a real PostgreSQL, Caddy and coturn of this machine run with them."""

import base64
import hashlib
import hmac
import http.server
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chatops.deploy.render import Installation, secret_files
from chatops.secrets import Secret
from tests.render import programs
from tests.render.company import HOSTS, INTERNAL, VIDEO, Case, installation


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def text_of(planned: Installation, name: str) -> str:
    found = [f.text for h in planned.hosts for p in h.parts for f in p.files if f.path == name]
    assert len(found) == 1, name
    return found[0]


def secret_text(planned: Installation, name: str, secret: str) -> str:
    values = {n.name: Secret(secret) for n in planned.secrets}
    found = [f for fs in secret_files(planned, values).values() for f in fs if f.path == name]
    assert len(found) == 1, name
    return found[0].content.reveal()


@contextmanager
def running(command: list[str], until: str, **more: object) -> Iterator[list[str]]:
    """A program, once it has said `until`; the list grows by the lines it says."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more
    )
    said: list[str] = []
    ready = threading.Event()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if until in line:
                ready.set()
        ready.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        assert ready.wait(60), "".join(said)
        assert process.poll() is None, "".join(said)
        yield said
    finally:
        process.terminate()
        process.wait(30)
        reader.join(10)
        assert process.stdout is not None
        process.stdout.close()


# --- PostgreSQL -----------------------------------------------------------------------------


@pytest.fixture
def database(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A server with our settings, and the environment that the container has."""
    planned = installation(Case(), tmp_path / "company")
    # The server runs as somebody else, who cannot enter the folders of a test of root's.
    folder = Path(tempfile.mkdtemp(prefix="chatops-postgres-"))
    folder.chmod(0o755)
    for name in ("postgresql.conf", "setup.sh"):
        text = text_of(planned, f"/opt/chatops/postgres/{name}")
        (folder / name).write_text(text)
    data = folder / "data"
    user = {"user": "postgres"} if os.geteuid() == 0 else {}
    data.mkdir(mode=0o700)
    if user:
        for path in (folder, data):
            subprocess.run(["chown", "postgres", str(path)], check=True)
    options = ["--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--username=postgres"]
    command = [programs.program("initdb"), *options, "--auth-host=scram-sha-256", str(data)]
    subprocess.run(command, check=True, capture_output=True, cwd="/", **user)  # type: ignore[call-overload]
    port = str(free_port())
    server = [programs.program("postgres"), "-D", str(data), "-p", port]
    server += ["-c", f"config_file={folder / 'postgresql.conf'}"]
    server += ["-c", f"unix_socket_directories={folder}", "-c", "fsync=off"]
    env = {
        "PATH": f"{Path(programs.program('initdb')).parent}:/usr/bin:/bin",
        "PGHOST": str(folder),
        "PGPORT": port,
        "DATABASE_PASSWORD": "chat-one",
        "POSTGRES_PASSWORD": "admin-one",
        "FOLDER": str(folder),
    }
    try:
        with running(server, "ready to accept connections", cwd="/", **user):
            yield env
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def setup(env: dict[str, str]) -> str:
    done = subprocess.run(
        ["bash", f"{env['FOLDER']}/setup.sh"], env=env, capture_output=True, text=True, cwd="/"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip().splitlines()[-1]


def enters(env: dict[str, str], user: str, password: str, database: str) -> bool:
    command = ["psql", "-X", "-w", "-h", "127.0.0.1", "-U", user, "-d", database, "-c", "SELECT 1"]
    done = subprocess.run(
        command, env={**env, "PGPASSWORD": password}, capture_output=True, text=True, cwd="/"
    )
    return done.returncode == 0


def test_the_database_is_made_once_and_its_passwords_follow(database: dict[str, str]) -> None:
    env = database
    assert setup(env) == "changed"
    assert setup(env) == "same"
    assert enters(env, "mattermost", "chat-one", "mattermost")
    assert enters(env, "postgres", "admin-one", "postgres")
    env |= {"DATABASE_PASSWORD": "chat'two", "POSTGRES_PASSWORD": 'admin"\\two$'}
    assert setup(env) == "changed"
    assert setup(env) == "same"
    assert enters(env, "mattermost", "chat'two", "mattermost")
    assert enters(env, "postgres", 'admin"\\two$', "postgres")
    assert not enters(env, "mattermost", "chat-one", "mattermost")
    assert not enters(env, "postgres", "admin-one", "postgres")
    command = ["psql", "-X", "-tA", "-U", "postgres", "-d", "mattermost", "-c"]
    owner = "SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding) FROM pg_database"
    said = subprocess.run(
        [*command, f"{owner} WHERE datname = 'mattermost'"], env=env, capture_output=True, text=True
    )
    assert said.stdout.strip() == "mattermost|UTF8"


# --- Caddy ----------------------------------------------------------------------------------


class _Upstream(http.server.BaseHTTPRequestHandler):
    """Tells what it was asked; turns into a websocket where one is asked for."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.headers.get("Upgrade", "").lower() == "websocket":
            key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
            accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.send_header("Sec-WebSocket-Accept", accept)
            self.end_headers()
            self.wfile.write(self.rfile.read(5))
            self.close_connection = True
            return
        body = json.dumps({"path": self.path, **{k.lower(): v for k, v in self.headers.items()}})
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Server", "secret-server")
        self.end_headers()
        self.wfile.write(body.encode())

    def do_POST(self) -> None:
        got = len(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.send_header("X-Got", str(got))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


def greets(port: int, name: str, trust: ssl.SSLContext) -> bool:
    """Whether a name is served with its certificate."""
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=5) as plain,
            trust.wrap_socket(plain, server_hostname=name),
        ):
            return True
    except OSError:
        return False


@pytest.fixture
def door(tmp_path: Path) -> Iterator[tuple[int, ssl.SSLContext, list[str]]]:
    """A Caddy with our Caddyfile; its names lead here, its upstreams are one of ours."""
    upstream = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Upstream)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    port = free_port()
    case = Case(
        chat=f"chat: {{platform: mattermost, url: 'https://chat.localhost:{port}'}}\n",
        more=VIDEO.replace("meet.nordlys.example", f"meet.localhost:{port}") + INTERNAL,
        environment=HOSTS,
    )
    text = text_of(installation(case, tmp_path / "company"), "/opt/chatops/proxy/Caddyfile")
    text = re.sub(r"(mattermost:8065|jitsi-web:8000)", f"127.0.0.1:{upstream.server_port}", text)
    text = text.replace(":2020", f":{free_port()}")
    # This machine's own store of authorities is left alone, and port 80 as well.
    text = text.replace(
        "{\n\tadmin off\n", f"{{\n\tadmin off\n\tskip_install_trust\n\thttp_port {free_port()}\n", 1
    )
    (tmp_path / "Caddyfile").write_text(text)
    command = [programs.program("caddy"), "run", "--config", str(tmp_path / "Caddyfile")]
    env = {
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "HOME": str(tmp_path),
        "PATH": os.environ["PATH"],
    }
    with running(
        [*command, "--adapter", "caddyfile"], "serving initial configuration", env=env
    ) as said:
        root = tmp_path / "data/caddy/pki/authorities/local/root.crt"
        deadline = time.monotonic() + 30
        while len(list((tmp_path / "data").rglob("*.localhost.crt"))) < 2:
            assert time.monotonic() < deadline, "".join(said)
            time.sleep(0.05)
        trust = ssl.create_default_context(cafile=str(root))
        # A certificate that is on disk is not in use yet.
        while not all(greets(port, name, trust) for name in ("chat.localhost", "meet.localhost")):
            assert time.monotonic() < deadline, "".join(said)
            time.sleep(0.05)
        yield port, trust, said
    upstream.shutdown()
    upstream.server_close()


def asked(
    door: tuple[int, ssl.SSLContext, list[str]], name: str, request: str, then: bytes = b""
) -> bytes:
    """The whole answer; `then` is what is said once its head is there."""
    port, trust, _ = door
    with (
        socket.create_connection(("127.0.0.1", port), timeout=20) as plain,
        trust.wrap_socket(plain, server_hostname=name) as there,
    ):
        there.sendall(request.format(host=f"{name}:{port}").encode())
        answer = b""
        while chunk := there.recv(65536):
            answer += chunk
            if then and answer.endswith(b"\r\n\r\n"):
                there.sendall(then)
        return answer


PLAIN = (
    "GET {path} HTTP/1.1\r\nHost: {{host}}\r\nConnection: close\r\n"
    "X-Forwarded-For: 1.2.3.4\r\nAuthorization: Bearer canary-header\r\n\r\n"
)


def test_the_door_passes_on_and_hides(door: tuple[int, ssl.SSLContext, list[str]]) -> None:
    answer = asked(door, "chat.localhost", PLAIN.format(path="/api/v4/users?t=canary-reset"))
    head, _, body = answer.partition(b"\r\n\r\n")
    told = json.loads(body)
    assert b"200" in head.splitlines()[0]
    assert b"strict-transport-security" in head.lower()
    assert b"secret-server" not in head
    assert told["host"].startswith("chat.localhost")
    assert told["x-forwarded-proto"] == "https"
    assert told["x-forwarded-for"] == "127.0.0.1", "what a stranger claims is not believed"
    meeting = asked(door, "meet.localhost", PLAIN.format(path="/room?jwt=canary-token&x=1"))
    assert b'"path": "/room?jwt=canary-token&x=1"' in meeting
    deadline = time.monotonic() + 10
    while sum('"logger":"http.log.access' in line for line in door[2]) < 2:
        assert time.monotonic() < deadline, "".join(door[2])
        time.sleep(0.05)
    log = "".join(door[2])
    assert "canary" not in log
    assert "/room?" in log


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("chat.localhost", "/api/v4/websocket"),
        ("meet.localhost", "/xmpp-websocket?room=x"),
        ("meet.localhost", "/tenant/xmpp-websocket"),
    ],
)
def test_the_door_passes_websockets_on(
    door: tuple[int, ssl.SSLContext, list[str]], name: str, path: str
) -> None:
    request = (
        f"GET {path} HTTP/1.1\r\nHost: {{host}}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    answer = asked(door, name, request, b"hello")
    assert b"101 Switching Protocols" in answer.splitlines()[0]
    assert answer.endswith(b"\r\n\r\nhello")


def test_the_door_takes_what_the_chat_takes(door: tuple[int, ssl.SSLContext, list[str]]) -> None:
    large = 101 * 2**20
    port, trust, _ = door
    with (
        socket.create_connection(("127.0.0.1", port), timeout=60) as plain,
        trust.wrap_socket(plain, server_hostname="chat.localhost") as there,
    ):
        head = f"POST /f HTTP/1.1\r\nHost: chat.localhost:{port}\r\nConnection: close\r\n"
        there.sendall(f"{head}Content-Length: {large}\r\n\r\n".encode())
        for _ in range(101):
            there.sendall(bytes(2**20))
        answer = there.recv(65536)
    assert b"200" in answer.splitlines()[0]
    assert f"x-got: {large}".encode() in answer.lower()


# --- coturn ---------------------------------------------------------------------------------


def relay_conf(folder: Path, url: str, secret: str) -> tuple[str, int, int]:
    """Its configuration on ports of this machine: the text, the plain port and the other."""
    planned = installation(
        Case(
            more=f"{VIDEO}  turn: {{url: '{url}'}}\n{INTERNAL}",
            hosts="chat: {hosts: {chat-1: }}\nturn: {hosts: {chat-1: }}\n",
        ),
        folder / "company",
    )
    text = secret_text(planned, "/opt/chatops/turn/turnserver.conf", secret)
    plain, other = free_port(), free_port()
    text = text.replace("\nlistening-port=3478\n", f"\nlistening-port={plain}\n")
    text = text.replace("\ntls-listening-port=5349\n", f"\ntls-listening-port={other}\n")
    text = text.replace("/tmp/", f"{folder}/").replace("/certificates/", f"{folder}/")
    return text + "listening-ip=127.0.0.1\nrelay-ip=127.0.0.1\n", plain, other


def test_the_relay_lets_in_who_holds_the_secret(tmp_path: Path) -> None:
    secret = "Sharedsecret0123456789"
    text, port, _ = relay_conf(tmp_path, "turn:turn.nordlys.example:3478", secret)
    (tmp_path / "turnserver.conf").write_text(text)
    server = [programs.program("turnserver"), "-c", str(tmp_path / "turnserver.conf"), "-v"]
    with running(server, "UDP listener opened", cwd=tmp_path) as said:
        programs.run(programs.program("turnutils_stunclient"), "-p", str(port), "127.0.0.1")
        user = f"{int(time.time()) + 600}:chatops"

        def allocated(key: str) -> bool:
            word = base64.b64encode(hmac.new(key.encode(), user.encode(), "sha1").digest())
            client = [programs.program("turnutils_uclient"), "-u", user, "-w", word.decode()]
            client += ["-p", str(port), "-y", "-n", "1", "-m", "1", "127.0.0.1"]
            before = len(said)
            subprocess.run(client, capture_output=True, timeout=60, check=False)
            time.sleep(0.3)
            return any("ALLOCATE processed, success" in line for line in said[before:])

        assert allocated(secret)
        assert not allocated("another secret")
    assert not [line for line in said if "bad config" in line.lower() or "Unknown" in line]
    assert secret not in "".join(said)


@pytest.mark.parametrize("certified", [True, False])
def test_the_relay_speaks_tls_once_it_has_a_certificate(tmp_path: Path, certified: bool) -> None:
    text, plain, secure = relay_conf(tmp_path, "turns:turn.nordlys.example:5349", "Secret012345")
    (tmp_path / "turnserver.conf").write_text(text)
    if certified:
        programs.run(
            *(programs.program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes"),
            *("-subj", "/CN=turn.nordlys.example", "-addext"),
            *("subjectAltName=DNS:turn.nordlys.example", "-out", str(tmp_path / "chain.pem")),
            *("-keyout", str(tmp_path / "key.pem")),
        )
    server = [programs.program("turnserver"), "-c", str(tmp_path / "turnserver.conf"), "-v"]
    with running(server, "UDP listener opened", cwd=tmp_path):
        # What the health check asks works also before there is a certificate.
        programs.run(programs.program("turnutils_stunclient"), "-p", str(plain), "127.0.0.1")
        if certified:
            # Browsers ask the same port for their own address, without TLS.
            programs.run(programs.program("turnutils_stunclient"), "-p", str(secure), "127.0.0.1")
            trust = ssl.create_default_context(cafile=str(tmp_path / "chain.pem"))
            with (
                socket.create_connection(("127.0.0.1", secure), timeout=15) as there,
                trust.wrap_socket(there, server_hostname="turn.nordlys.example") as wrapped,
            ):
                assert wrapped.version() in ("TLSv1.2", "TLSv1.3")


def test_a_renewed_certificate_reaches_the_relay(tmp_path: Path) -> None:
    """Docker is played by a script that notes what it is told: the rest is real."""
    case = Case(
        more=f"{VIDEO}  turn: {{url: 'turns:turn.nordlys.example:5349'}}\n{INTERNAL}",
        hosts="chat: {hosts: {chat-1: }}\nturn: {hosts: {chat-1: }}\n",
    )
    text = text_of(installation(case, tmp_path / "company"), "/opt/chatops/turn/certificate.sh")
    script = tmp_path / "certificate.sh"
    script.write_text(text.replace("/opt/chatops", str(tmp_path / "opt")))
    docker, told = tmp_path / "bin/docker", tmp_path / "told"
    docker.parent.mkdir()
    docker.write_text(f'#!/bin/sh\necho "$@" >> {told}\n')
    docker.chmod(0o755)
    kept = tmp_path / "opt/proxy/data/caddy/certificates/local/turn.nordlys.example"
    given = tmp_path / "opt/turn/certificates"
    given.mkdir(parents=True)
    path = f"{docker.parent}:{os.environ['PATH']}"

    def run() -> str:
        done = subprocess.run(
            ["sh", str(script)], env={"PATH": path}, capture_output=True, text=True, check=True
        )
        return done.stderr

    assert "no certificate for turn.nordlys.example yet" in run()
    assert not told.exists()
    kept.mkdir(parents=True)
    for number in (1, 2):
        (kept / "turn.nordlys.example.crt").write_text(f"chain {number}")
        (kept / "turn.nordlys.example.key").write_text(f"key {number}")
        run()
        run()
        assert (given / "chain.pem").read_text() == f"chain {number}"
        assert (given / "key.pem").read_text() == f"key {number}"
        assert (given / "key.pem").stat().st_mode & 0o777 == 0o600
        assert len(told.read_text().splitlines()) == number
    assert told.read_text().endswith("restart coturn\n")

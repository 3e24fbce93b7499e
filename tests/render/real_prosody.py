"""Who gets into a meeting, asked of a real Prosody with Jitsi's own plugins and configuration.

Not among the suite's tests, for the plugins and the images' templates are Jitsi's, and not kept
here. To run it, with Prosody, luaossl, cjson and a basexx for its Lua installed:

    CHATOPS_PROSODY_PLUGINS=jitsi-meet/resources/prosody-plugins \\
    CHATOPS_JITSI_IMAGES=docker-jitsi-meet CHATOPS_TPL=tpl \\
        .venv/bin/python -m pytest tests/render/real_prosody.py

`tpl` is the program with which the images fill their templates (jitsi/tpl). jicofo is not run: a
client of ours signs in as `focus` and opens the rooms, as jicofo does.
"""

import base64
import hashlib
import hmac
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chatops.deploy.render import secret_files
from chatops.secrets import Secret
from tests.render.company import ACME, VIDEO, Case, installation
from tests.render.programs import program

PLUGINS = Path(os.environ["CHATOPS_PROSODY_PLUGINS"]).absolute()
IMAGES = Path(os.environ["CHATOPS_JITSI_IMAGES"]).absolute()
TPL = os.environ["CHATOPS_TPL"]

SECRET = "Sharedsecret0123456789"
HTTPBIND = "http://jabber.org/protocol/httpbind"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
MUC = "http://jabber.org/protocol/muc"
ROOMS = "muc.meet.jitsi"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def variables(case: Case, folder: Path) -> dict[str, str]:
    """What prosody's container would have in its environment."""
    planned = installation(case, folder)
    import yaml

    (part,) = [p for h in planned.hosts for p in h.parts if p.name == "jitsi"]
    compose = next(f.text for f in part.files if f.path.endswith("compose.yaml"))
    found = dict(yaml.safe_load(compose)["services"]["prosody"]["environment"])
    values = {n.name: Secret(SECRET) for n in planned.secrets}
    (secrets,) = [
        f for f in secret_files(planned, values)["chat-1"] if f.path.endswith("jitsi/secrets.env")
    ]
    for line in secrets.content.reveal().splitlines():
        name, _, value = line.partition("=")
        found[name] = value.strip("'")
    return found


class Prosody:
    def __init__(self, case: Case, folder: Path) -> None:
        self.http, self.xmpp, self.folder = free_port(), free_port(), folder
        env = variables(case, folder / "company")
        env |= {"PROSODY_HTTP_PORT": str(self.http), "XMPP_PORT": str(self.xmpp)}
        run, data = folder / "config", folder / "data"
        (run / "conf.d").mkdir(parents=True)
        (run / "certs").mkdir()
        data.mkdir()
        templates = IMAGES / "prosody/rootfs/defaults"
        for name in ("prosody.cfg.lua", "conf.d/jitsi-meet.cfg.lua"):
            text = subprocess.run(
                [TPL, str(templates / name)], env=env, capture_output=True, text=True, check=True
            ).stdout
            text = text.replace("/run/prosody/config", str(run))
            text = text.replace('"/prosody-plugins-custom"', f'"{folder / "none"}"')
            own = f'"{PLUGINS}", "{IMAGES / "prosody/rootfs/prosody-plugins"}"'
            text = text.replace('"/prosody-plugins/"', own)
            text = text.replace('"/run/prosody/prosody.pid"', f'"{folder / "pid"}"')
            assert "<no value>" not in text
            (run / name).write_text(text)
            subprocess.run(["luac", "-p", str(run / name)], check=True)
        main = run / "prosody.cfg.lua"
        lines = [
            f'data_path = "{data}"',
            'log = { { levels = { min = "debug" }, to = "file", filename = "%s" } }'
            % (folder / "log"),
            "run_as_root = true",
        ]
        text = re.sub(r"(?m)^log = \{.*?^\}", "", main.read_text(), flags=re.DOTALL)
        text = re.sub(r"(?m)^data_path.*$", "", text)
        main.write_text("\n".join(lines) + "\n" + text)
        for host in ("meet.jitsi", "auth.meet.jitsi"):
            subprocess.run(
                [
                    "openssl",
                    "req",
                    "-x509",
                    "-newkey",
                    "rsa:2048",
                    "-nodes",
                    "-subj",
                    f"/CN={host}",
                    "-keyout",
                    str(run / f"certs/{host}.key"),
                    "-out",
                    str(run / f"certs/{host}.crt"),
                ],
                check=True,
                capture_output=True,
            )
        accounts = data / "auth%2emeet%2ejitsi/accounts"
        accounts.mkdir(parents=True)
        (accounts / "focus.dat").write_text(_account(env["JICOFO_AUTH_PASSWORD"]))
        lua = os.environ.get("LUA_PATH", "")
        self._out = (folder / "out").open("w")
        self.process = subprocess.Popen(
            [program("prosody"), "--config", str(main), "-F"],
            env={**os.environ, "LUA_PATH": f"{lua};;"},
            stdout=self._out,
            stderr=subprocess.STDOUT,
            cwd=folder,
        )
        deadline = time.monotonic() + 30
        while True:
            try:
                there = http.client.HTTPConnection("127.0.0.1", self.http, timeout=2)
                there.request("GET", "/health")
                answer = there.getresponse()
                if answer.status == 200:
                    break
            except OSError:
                pass
            assert self.process.poll() is None and time.monotonic() < deadline, self.said()
            time.sleep(0.2)

    def said(self) -> str:
        log = self.folder / "log"
        return (self.folder / "out").read_text() + (log.read_text() if log.exists() else "")

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        self._out.close()


def _account(password: str) -> str:
    """An account as `internal_hashed` keeps it (SCRAM-SHA-1)."""
    salt, count = os.urandom(12).hex(), 4096
    salted = hashlib.pbkdf2_hmac("sha1", password.encode(), salt.encode(), count)
    client = hmac.new(salted, b"Client Key", "sha1").digest()
    stored = hashlib.sha1(client).hexdigest()
    server = hmac.new(salted, b"Server Key", "sha1").hexdigest()
    return (
        f'return {{ ["salt"] = "{salt}"; ["iteration_count"] = {count}; '
        f'["stored_key"] = "{stored}"; ["server_key"] = "{server}"; }};\n'
    )


class Client:
    """A browser, as far as BOSH goes (XEP-0124, XEP-0206)."""

    def __init__(self, port: int, domain: str, query: str = "") -> None:
        self.port, self.domain, self.query = port, domain, query
        self.rid, self.sid, self.jid = 1000, "", ""
        self.inbox: list[ET.Element] = []
        answer = self.send(
            "",
            to=domain,
            wait="2",
            hold="1",
            ver="1.6",
            **{"xmpp:version": "1.0", "xmlns:xmpp": "urn:xmpp:xbosh"},
        )
        self.sid = answer.get("sid", "")
        self.ended = answer.get("condition", "")

    def send(self, body: str, **attributes: str) -> ET.Element:
        self.rid += 1
        attributes = {"rid": str(self.rid), "xmlns": HTTPBIND, **attributes}
        if self.sid:
            attributes["sid"] = self.sid
        text = " ".join(f'{k}="{v}"' for k, v in attributes.items())
        there = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        head = {"Content-Type": "text/xml", "Host": "meet.jitsi"}
        path = "/http-bind" + (f"?{self.query}" if self.query else "")
        there.request("POST", path, f"<body {text}>{body}</body>", head)
        answer = ET.fromstring(there.getresponse().read())
        there.close()
        self.inbox += list(answer)
        return answer

    def until(self, wanted: Any, seconds: float = 10) -> ET.Element | None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for stanza in self.inbox:
                if wanted(stanza):
                    self.inbox.remove(stanza)
                    return stanza
            self.send("")
        return None

    def login(self, mechanism: str = "ANONYMOUS", text: str = "") -> str:
        """`success`, or what the server says against it."""
        if self.ended:
            return self.ended
        word = base64.b64encode(text.encode()).decode() if text else ""
        self.send(f'<auth xmlns="{SASL}" mechanism="{mechanism}">{word}</auth>')
        answer = self.until(lambda s: s.tag.startswith(f"{{{SASL}}}"))
        if answer is None:
            return "no answer"
        if not answer.tag.endswith("success"):
            return " ".join(
                [c.tag.partition("}")[2] + (": " + c.text if c.text else "") for c in answer]
            )
        self.send("", to=self.domain, **{"xmpp:restart": "true", "xmlns:xmpp": "urn:xmpp:xbosh"})
        self.send('<iq type="set" id="b"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>')
        bound = self.until(lambda s: s.get("id") == "b")
        assert bound is not None
        self.jid = next(e.text or "" for e in bound.iter() if e.tag.endswith("}jid"))
        return "success"

    def join(self, room: str) -> str:
        """`owner`, `none`… of whoever is in; or what the server says against it."""
        nick = self.jid.partition("@")[0][:8] or "focus"
        me = f"{room}@{ROOMS}/{nick}"
        self.send(f'<presence to="{me}" xmlns="jabber:client"><x xmlns="{MUC}"/></presence>')
        answer = self.until(
            lambda s: (
                s.tag.endswith("presence")
                and (
                    s.get("from", "") == me
                    or (s.get("type") == "error" and room in s.get("from", ""))
                )
            )
        )
        if answer is None:
            return "no answer"
        if answer.get("type") == "error":
            error = next(e for e in answer if e.tag.endswith("error"))
            kinds = [c.tag.partition("}")[2] for c in error]
            texts = [c.text for c in error if c.tag.endswith("}text") and c.text]
            return " ".join(["refused", *[k for k in kinds if k != "text"], *texts])
        # Who comes first is made an owner just after coming in, and hears of it.
        later = self.until(lambda s: s.get("from", "") == me, seconds=3)
        item = next(
            e for e in (answer if later is None else later).iter() if e.tag.endswith("}item")
        )
        return f"{item.get('affiliation')} {item.get('role')}"


def token(secret: str = SECRET, **claims: Any) -> str:
    """A token as the chats' plugins make it."""
    now = int(time.time())
    body = {
        "iss": "chatops",
        "aud": "chatops",
        "sub": "meet.nordlys.example",
        "room": "*",
        "exp": now + 600,
        "nbf": now - 30,
        "context": {"user": {"id": "1", "name": "Ida", "email": "ida@nordlys.example"}},
    } | claims
    body = {k: v for k, v in body.items() if v is not ...}

    def part(data: Any) -> str:
        text = data if isinstance(data, bytes) else json.dumps(data).encode()
        return base64.urlsafe_b64encode(text).decode().rstrip("=")

    signed = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(body)}"
    return f"{signed}.{part(hmac.new(secret.encode(), signed.encode(), 'sha256').digest())}"


def serve(case: Case, folder: Path) -> Iterator[Prosody]:
    there = Prosody(case, folder)
    try:
        yield there
    finally:
        there.close()
        print(there.said()[-4000:])


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[Prosody]:
    yield from serve(Case(), tmp_path)


@pytest.fixture
def denying(tmp_path: Path) -> Iterator[Prosody]:
    yield from serve(Case(more=VIDEO + "  guests: deny\n" + ACME), tmp_path)


class Focus:
    """Signs in over XMPP itself, with TLS, as jicofo does, and opens rooms."""

    def __init__(self, there: Prosody) -> None:
        plain = socket.create_connection(("127.0.0.1", there.xmpp), timeout=15)
        self.wire: socket.socket = plain
        head = (
            "<stream:stream to='auth.meet.jitsi' version='1.0' xmlns='jabber:client' "
            "xmlns:stream='http://etherx.jabber.org/streams'>"
        )
        self.talk(head, "</stream:features>")
        self.talk("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", "<proceed")
        trust = ssl.create_default_context()
        trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
        self.wire = trust.wrap_socket(plain, server_hostname="auth.meet.jitsi")
        self.talk(head, "</stream:features>")
        word = base64.b64encode(f"\0focus\0{SECRET}".encode()).decode()
        self.talk(f"<auth xmlns='{SASL}' mechanism='PLAIN'>{word}</auth>", "<success")
        self.talk(head, "</stream:features>")
        bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>focus</resource></bind>"
        self.talk(f"<iq type='set' id='b'>{bind}</iq>", "</iq>")

    def talk(self, text: str, until: str) -> str:
        self.wire.sendall(text.encode())
        said = ""
        while until not in said:
            chunk = self.wire.recv(65536).decode()
            assert chunk, said
            said += chunk
        return said

    def join(self, room: str) -> str:
        me = f"{room}@{ROOMS}/focus"
        said = self.talk(f"<presence to='{me}'><x xmlns='{MUC}'/></presence>", "</presence>")
        return "owner" if "affiliation='owner'" in said else said

    def close(self) -> None:
        self.wire.close()


_open: list[Focus] = []


def focus(there: Prosody) -> Focus:
    _open.append(Focus(there))
    return _open[-1]


@pytest.fixture(autouse=True)
def hang_up() -> Iterator[None]:
    yield
    while _open:
        _open.pop().close()


def person(there: Prosody, room: str, jwt: str) -> Client:
    return Client(there.http, "meet.jitsi", f"room={room}&token={jwt}")


def guest(there: Prosody, room: str) -> Client:
    return Client(there.http, "guest.meet.jitsi", f"room={room}")


TOKENS = {
    "good": (token(), "success"),
    "no user": (token(context=...), "success"),
    # As Mattermost's plugin makes it (mattermost-plugin-jitsi 2.0, server/plugin.go): nobody yet.
    "of the chat's plugin": (
        token(
            nbf=...,
            context={"user": {"avatar": "", "name": "", "email": "", "id": ""}, "group": ""},
        ),
        "success",
    ),
    "other secret": (token("other"), "not-allowed"),
    "expired": (token(exp=int(time.time()) - 5), "not-allowed"),
    "not yet": (token(nbf=int(time.time()) + 60), "not-allowed"),
    "other issuer": (token(iss="somebody"), "not-allowed"),
    "other audience": (token(aud="RocketChat"), "not-allowed"),
    "audience as a list": (token(aud=["chatops"]), "not-allowed"),
    "no audience": (token(aud=...), "not-allowed"),
    # The plugins of 2025 leave the client without an answer here.
    "no room": (token(room=...), ("not-authorized", "no answer")),
    "none at all": ("", "not-allowed"),
}


@pytest.mark.parametrize("mode", ["waiting", "denying"])
def test_tokens(mode: str, request: pytest.FixtureRequest) -> None:
    there = request.getfixturevalue(mode)
    said = {}
    for name, (jwt, wanted) in TOKENS.items():
        client = (
            person(there, "room1", jwt) if jwt else Client(there.http, "meet.jitsi", "room=room1")
        )
        said[name] = client.login()
        print(f"{mode:8} {name:20} {said[name]}")
        assert said[name].startswith(wanted), (name, said[name])


def test_a_token_opens_its_own_room(waiting: Prosody) -> None:
    host = focus(waiting)
    for room in ("room1", "room2"):
        assert host.join(room).startswith("owner"), room
    ida = person(waiting, "room1", token(room="room1"))
    assert ida.login() == "success"
    wrong = ida.join("room2")
    print("other room:", wrong)
    assert wrong.startswith("refused not-allowed")
    assert ida.join("room1") == "owner moderator"


def test_guests_wait_until_a_person_of_the_company_comes(waiting: Prosody) -> None:
    host = focus(waiting)
    assert host.join("room1").startswith("owner")
    early = guest(waiting, "room1")
    assert early.login() == "success"
    said = early.join("room1")
    print("guest, alone:", said)
    assert said.startswith("refused registration-required")
    ida = person(waiting, "room1", token())
    assert ida.login() == "success"
    said = ida.join("room1")
    print("person:", said)
    assert said == "owner moderator"
    said = early.join("room1")
    print("guest, then:", said)
    assert said == "none participant"
    late = guest(waiting, "room1")
    assert late.login() == "success"
    assert late.join("room1") == "none participant"
    bo = person(waiting, "room1", token())
    assert bo.login() == "success"
    assert bo.join("room1") == "owner moderator"


def test_a_guest_opens_no_room(waiting: Prosody) -> None:
    client = guest(waiting, "lonely")
    assert client.login() == "success"
    said = client.join("lonely")
    print("guest, no room:", said)
    assert said.startswith("refused")


def test_guests_are_denied(denying: Prosody) -> None:
    client = guest(denying, "room1")
    print("guest:", client.ended)
    assert client.ended in ("host-unknown", "improper-addressing")
    host = focus(denying)
    assert host.join("room1").startswith("owner")
    ida = person(denying, "room1", token())
    assert ida.login() == "success"
    print("person:", ida.join("room1"))


def test_everything_loaded(waiting: Prosody) -> None:
    """A check of the configuration passes while a module is dead: the log is looked at."""
    dead = [
        line
        for line in waiting.said().splitlines()
        if re.search(r"(Unable to load module|error initializing module)", line, re.I)
    ]
    print("\n".join(dead))
    names = ("token", "wait_for_host", "persistent_lobby", "lobby")
    assert not [line for line in dead if any(n in line for n in names)]
    assert shutil.which("luac")

"""Small servers to look at: with TLS, with a websocket, and a stand-in for Prosody's door.

The stand-in judges tokens as a real Prosody with Jitsi's token module was seen to (HTTP is 200
always, the answer is in the SASL element). Whoever has the real one sets CHATOPS_VIDEO_DOOR.
"""

import base64
import hashlib
import hmac
import json
import re
import socketserver
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@contextmanager
def serving(
    handler: type[BaseHTTPRequestHandler], context: ssl.SSLContext | None = None
) -> Iterator[int]:
    """A server in a thread; its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.handle_error = lambda request, address: None  # a refused certificate is no failure
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        socketserver.TCPServer.server_close(server)


class Quiet(BaseHTTPRequestHandler):
    """A page, and a websocket at /live."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path.startswith("/live") and self.headers.get("Upgrade") == "websocket":
            key = self.headers["Sec-WebSocket-Key"] + MAGIC
            accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.send_header("Sec-WebSocket-Accept", self.accept(accept))
            self.end_headers()
            self.close_connection = True
            return
        self.answer(self.status(), b"<html>hello</html>")

    def accept(self, right: str) -> str:
        return right

    def status(self) -> int:
        return 502 if self.path.startswith("/broken") else 200

    def answer(self, status: int, body: bytes, kind: str = "text/html") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


class Deaf(Quiet):
    """Says 101 to everything, as a proxy does that remembers an old answer."""

    def accept(self, right: str) -> str:
        return "not-what-was-asked"


def certificates(folder: Path, days: int = 90) -> tuple[ssl.SSLContext, Path]:
    """A certificate for 127.0.0.1 from an authority of our own: what serves it, what trusts it."""
    ca, key = folder / "ca.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-keyout", str(key), "-out", str(ca), "-days", str(days)),
            *("-subj", "/O=Nordlys/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ca, key)
    return context, ca


def prosody(secret: str, app: str, let_in: Callable[[str], bool] | None = None) -> type[Quiet]:
    """The stand-in for Prosody's door. `let_in` overrides what it thinks of a token's problem."""

    class Door(Quiet):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if "<auth" not in body:
                self.xml(
                    f"<body sid='s1' xmlns='http://jabber.org/protocol/httpbind'>{_MECH}</body>"
                )
                return
            query = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
            problem = judged(query.get("token", [None])[0], secret, app)
            if problem and not (let_in and let_in(problem)):
                self.xml(
                    "<body><failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-allowed/>"
                    f"<text>{problem}</text></failure></body>"
                )
            else:
                self.xml("<body><success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></body>")

        def xml(self, text: str) -> None:
            self.answer(200, text.encode(), "text/xml; charset=utf-8")

    return Door


_MECH = (
    "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
    "<mechanism>ANONYMOUS</mechanism></mechanisms>"
)


def judged(token: str | None, secret: str, app: str) -> str:
    """Why a token is refused; empty where it is good."""
    if token is None:
        return "token required"
    parts = token.split(".")
    try:
        head, claims = (json.loads(unpacked(p)) for p in parts[:2])
    except (ValueError, IndexError):
        return "Invalid token"
    if head.get("typ") != "JWT":
        return "Invalid typ"
    if head.get("alg") != "HS256":
        return "Invalid or incorrect alg"
    signed = hmac.new(secret.encode(), ".".join(parts[:2]).encode(), hashlib.sha256).digest()
    if not re.fullmatch(r"[\w-]+", parts[2]) or unpacked(parts[2]) != signed:
        return "Invalid signature"
    for claim in ("iss", "aud"):
        if claim not in claims:
            return f"'{claim}' claim is missing"
        if claims[claim] != app:
            return f"invalid '{claim}' claim"
    if claims.get("exp", time.time() + 1) < time.time():
        return "Not acceptable by exp"
    if claims.get("nbf", 0) > time.time():
        return "Not acceptable by nbf"
    return next((f"{c} claim is missing" for c in ("sub", "room") if c not in claims), "")


def unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

"""Touching a server from outside, in the plainest way: names, TLS, one HTTP answer, one upgrade.

Nothing here follows a redirect, keeps a cookie or retries: a probe sees what is there.
"""

import base64
import hashlib
import http.client
import os
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

__all__ = [
    "Address",
    "Answer",
    "Certificate",
    "ProbeError",
    "address_of",
    "ask",
    "certificate",
    "resolve",
    "upgrade",
]

SECONDS = 10.0
_MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_MOST = 1_000_000


class ProbeError(Exception):
    """Nothing, or nothing sensible, answered. The text is for a person."""


@dataclass(frozen=True)
class Address:
    """Where to knock. `at` is connected to instead of the name, where it is given."""

    host: str
    port: int
    secure: bool
    path: str = ""
    ca_file: str = ""
    at: str = ""


@dataclass(frozen=True)
class Answer:
    """One HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Certificate:
    """What a server showed. `trouble` is empty for one that is trusted."""

    ends: datetime | None
    issuer: str
    trouble: str = ""


def address_of(url: str, *, ca_file: str = "", at: str = "") -> Address:
    """The address behind a URL."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    return Address(parts.hostname or "", port, secure, parts.path.rstrip("/"), ca_file, at)


def resolve(name: str) -> tuple[str, ...]:
    """The addresses of a name. Raises ProbeError."""
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ProbeError(str(getattr(error, "strerror", None) or error)) from error
    return tuple(dict.fromkeys(str(item[4][0]) for item in found))


def certificate(address: Address) -> Certificate:
    """The certificate of a server, also of one that is not trusted. Raises ProbeError."""
    context = _context(address.ca_file)
    try:
        with _connect(address) as raw, context.wrap_socket(raw, server_hostname=address.host) as up:
            shown = up.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        return Certificate(None, "", error.verify_message)
    except ssl.SSLError as error:
        raise ProbeError(f"no TLS there: {error.reason or error}") from error
    except OSError as error:
        raise ProbeError(_why(error)) from error
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)
    issuer: dict[str, str] = {}
    for part in shown.get("issuer", ()):
        for pair in part:
            issuer[str(pair[0])] = str(pair[1])
    return Certificate(ends, issuer.get("organizationName") or issuer.get("commonName", ""))


def ask(
    address: Address,
    path: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """One request, one answer. Raises ProbeError."""
    connection = http.client.HTTPConnection(address.host, address.port, timeout=SECONDS)
    try:
        connection.sock = _wrapped(address)
        connection.request(method, address.path + path, body, dict(headers or {}))
        answer = connection.getresponse()
        found = {k.lower(): v for k, v in answer.getheaders()}
        return Answer(answer.status, found, answer.read(_MOST))
    except (OSError, http.client.HTTPException) as error:
        raise ProbeError(_why(error)) from error
    finally:
        connection.close()


def upgrade(address: Address, path: str, *, protocol: str = "") -> None:
    """Open a websocket, and close it again. Raises ProbeError where none opens (RFC 6455)."""
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        f"GET {address.path}{path} HTTP/1.1",
        f"Host: {address.host}" + ("" if address.port in (80, 443) else f":{address.port}"),
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        f"Origin: {'https' if address.secure else 'http'}://{address.host}",
    ]
    if protocol:
        lines.append(f"Sec-WebSocket-Protocol: {protocol}")
    try:
        with _wrapped(address) as up:
            up.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            head = b""
            while b"\r\n\r\n" not in head and len(head) < 65_536:
                part = up.recv(4096)
                if not part:
                    break
                head += part
            up.sendall(b"\x88\x80" + os.urandom(4))
    except OSError as error:
        raise ProbeError(_why(error)) from error
    status, _, rest = head.decode("latin-1").partition("\r\n")
    if " 101 " not in f"{status} ":
        raise ProbeError(f"the answer is “{status.strip()[:80]}” instead of 101")
    wanted = base64.b64encode(hashlib.sha1((key + _MAGIC).encode()).digest()).decode()
    if wanted not in rest:
        raise ProbeError("what answers 101 did not read the request: a proxy in between")


def _connect(address: Address) -> socket.socket:
    return socket.create_connection((address.at or address.host, address.port), SECONDS)


def _wrapped(address: Address) -> socket.socket:
    raw = _connect(address)
    if not address.secure:
        return raw
    try:
        return _context(address.ca_file).wrap_socket(raw, server_hostname=address.host)
    except BaseException:
        raw.close()
        raise


def _context(ca_file: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file or None)


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not trusted: {error.verify_message}"
    if isinstance(error, TimeoutError):
        return f"no answer within {SECONDS:.0f} seconds"
    if isinstance(error, ConnectionRefusedError):
        return "the connection is refused: nothing listens there"
    return str(getattr(error, "strerror", None) or error) or type(error).__name__

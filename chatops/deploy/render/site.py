"""What an installation takes from the company file: the only place here that reads its keys."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from chatops.deploy.company import Company
from chatops.ordinary import MOST_OF_A_SECRET, read_ordinary
from chatops.spec import models

__all__ = ["Site", "Tls", "Turn", "Video", "Web", "site_of"]


@dataclass(frozen=True, kw_only=True)
class Web:
    """An address that people open."""

    url: str
    host: str
    port: int
    path: str
    secure: bool

    @property
    def origin(self) -> str:
        """Without a path: https://chat.example.com, the port only where it is unusual."""
        scheme, usual = ("https", 443) if self.secure else ("http", 80)
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}" + ("" if self.port == usual else f":{self.port}")


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A relay. `secret`: where it comes from; empty if we make it."""

    host: str
    port: int
    secure: bool
    transport: str
    secret: str


@dataclass(frozen=True, kw_only=True)
class Video:
    """Meetings. `token`: only people of the chat start one; `guests`: wait or deny."""

    web: Web
    public_ips: tuple[str, ...]
    token: bool
    guests: str
    recording: bool
    turn: Turn | None


@dataclass(frozen=True, kw_only=True)
class Tls:
    """Certificates: `acme`, `internal` or `files`; `chain` is the text of the given one."""

    mode: str
    email: str = ""
    chain: str = ""
    chain_file: str = ""
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class Site:
    """A company's installation, as far as the file says it. `told`: the release it asks for."""

    platform: str
    edition: str
    version: str
    told: str
    chat: Web | None
    video: Video | None
    tls: Tls
    database_url: str
    external_database: bool
    upload_mib: int
    timezone: str
    locale: str


def site_of(company: Company) -> Site:
    """From the company file. A certificate that is given is read here; what lacks stays empty."""
    spec = company.loaded.spec
    tls = spec.tls
    database = spec.storage and spec.storage.database
    files = spec.storage and spec.storage.files
    size = (files and files.max_file_size) or 0
    chain_file = (tls and tls.certificate) or ""
    return Site(
        platform=company.platform.name,
        edition=company.release.edition,
        version=company.desired.version or ".".join(map(str, company.release.version)),
        told=company.desired.version or "",
        chat=_web(spec.chat.url),
        video=_video(spec.video),
        tls=Tls(
            mode=(tls and tls.mode) or "acme",
            email=(tls and tls.email) or "",
            chain=_text(company.beside(("tls", "certificate")) / chain_file) if chain_file else "",
            chain_file=chain_file,
            key=(tls and tls.key) or "",
        ),
        database_url=(database and database.url) or "",
        external_database=bool(database and database.mode == "external"),
        # A multipart form is a little larger than its file.
        upload_mib=max(100, -(-int(size) // 1048576)) + 10,
        timezone=spec.company.timezone or "Etc/UTC",
        locale=(spec.company.locale or "").partition("-")[0],
    )


def _web(url: str | None) -> Web | None:
    if not url:
        return None
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    return Web(
        url=url,
        host=_ascii(parts.hostname or ""),
        port=parts.port or (443 if secure else 80),
        path=parts.path.rstrip("/"),
        secure=secure,
    )


def _ascii(host: str) -> str:
    """A host name as DNS has it: æ and its like become `xn--…`."""
    try:
        return host.lower().encode("idna").decode("ascii")
    except UnicodeError:
        return host.lower()


def _video(video: models.Video | None) -> Video | None:
    if video is None:
        return None
    web = _web(video.url)
    assert web is not None
    return Video(
        web=web,
        public_ips=tuple(str(ip) for ip in video.public_ips or ()),
        token=video.auth == "token",
        guests=video.guests,
        recording=video.recording,
        turn=_turn(video.turn),
    )


def _turn(turn: models.Turn | None) -> Turn | None:
    """`turns:host:port`, as RFC 7065 has it, with `?transport=udp` where it is said."""
    if turn is None:
        return None
    scheme, _, rest = turn.url.partition(":")
    place, _, query = rest.partition("?")
    host, _, port = place.rpartition(":") if ":" in place else (place, "", "")
    secure = scheme == "turns"
    usual = 5349 if secure else 3478
    return Turn(
        host=_ascii(host),
        port=int(port) if port.isdigit() else usual,
        secure=secure,
        transport=query.removeprefix("transport=") or ("tcp" if secure else "udp"),
        secret=turn.secret or "",
    )


def _text(path: Path) -> str:
    try:
        return read_ordinary(path, MOST_OF_A_SECRET).decode("ascii")
    except (OSError, ValueError):
        return ""

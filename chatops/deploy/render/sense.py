"""Whether an installation makes sense: what the company file lacks for one, or has against it."""

import ipaddress
import re
from typing import Final

from chatops.deploy import compatibility
from chatops.deploy.images import Lock
from chatops.deploy.render.placement import Placement
from chatops.deploy.render.quoting import UnquotableError, bare
from chatops.deploy.render.site import Site, Web
from chatops.errors import Place
from chatops.hosting import Hosting
from chatops.spec.files import Findings
from chatops.spec.nodes import SourceMap

__all__ = ["check"]

_RULE: Final = "installation"
_NAME: Final = re.compile(
    r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
)
_ZONE: Final = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}")
_PRIVATE: Final = ("local", "lan", "internal", "localhost", "home", "corp", "arpa", "test")


class _Check:
    def __init__(
        self,
        site: Site,
        placement: Placement,
        hosting: Hosting,
        lock: Lock,
        places: SourceMap,
        findings: Findings,
    ) -> None:
        self.site = site
        self.placement = placement
        self.hosting = hosting
        self.lock = lock
        self.places = places
        self.findings = findings

    def error(self, path: str, message: str, hint: str = "") -> None:
        keys = tuple(path.split("."))
        self.findings.error(_RULE, self.places.place(keys), path, message, hint)

    def warning(self, path: str, message: str, hint: str = "") -> None:
        keys = tuple(path.split("."))
        self.findings.warning(_RULE, self.places.place(keys), path, message, hint)

    def run(self) -> None:
        if self.site.chat is None:
            self.error(
                "chat.url",
                "an installation has an address",
                "chat: {url: https://chat.example.com}",
            )
        else:
            self.web("chat.url", self.site.chat)
        if not _ZONE.fullmatch(self.site.timezone):
            self.error("company.timezone", "not a time zone", "as Europe/Copenhagen")
        if self.site.external_database and not self.site.database_url:
            self.error(
                "storage.database",
                "`url` is missing: where the external database is",
                "url: env:DATABASE_URL",
            )
        self.tls()
        self.video()
        self.relay()
        compatibility.check(
            self.site.platform,
            self.site.edition,
            self.site.told,
            self.lock.images,
            self.image,
            database=not self.site.external_database,
            video=self.site.video is not None,
        )

    def image(self, name: str, message: str, hint: str) -> None:
        chat = name == compatibility.image_name(self.site.platform, self.site.edition)
        path = "video" if name in compatibility.JITSI else "chat.version" if chat else "chat"
        self.error(path, message, hint)

    def web(self, path: str, web: Web) -> None:
        if not web.secure:
            self.error(path, "must begin with https://: people's passwords go over it")
        elif web.port == 80:
            self.error(path, "port 80 is for plain HTTP, which leads on to https")
        if web.path:
            self.error(
                path,
                f"the path {web.path} cannot be installed: it has a host name of its own",
                "take the path away",
            )
        if not _NAME.fullmatch(web.host) and not _ip(web.host):
            self.error(path, "not a host name that DNS can have")

    def tls(self) -> None:
        tls = self.site.tls
        if tls.email:
            try:
                bare(tls.email)
            except UnquotableError:
                self.error("tls.email", "this address cannot be written for Caddy", "use another")
        if tls.mode == "acme":
            for path, web in self.webs():
                label = web.host.rpartition(".")[2]
                if _ip(web.host) or "." not in web.host or label in _PRIVATE:
                    self.error(
                        path,
                        f"no public authority gives a certificate for {web.host}",
                        "tls: {mode: internal} makes an authority of your own, "
                        "{mode: files} takes certificates that you have",
                    )
        if tls.mode == "files":
            for key, value in (("certificate", tls.chain_file), ("key", tls.key)):
                if not value:
                    self.error("tls", f"`{key}` is missing: mode files takes both", "key: file:…")
            if tls.chain_file and "-----BEGIN CERTIFICATE-----" not in tls.chain:
                self.error(
                    "tls.certificate",
                    f"{tls.chain_file} is no certificate in PEM form that can be read",
                )
            elif "PRIVATE KEY" in tls.chain:
                self.error(
                    "tls.certificate",
                    f"{tls.chain_file} holds a private key: rendered files hold none",
                    "leave the certificates in it, and name the key as tls.key",
                )

    def webs(self) -> list[tuple[str, Web]]:
        found = []
        if self.site.chat is not None:
            found.append(("chat.url", self.site.chat))
        if self.site.video is not None:
            found.append(("video.url", self.site.video.web))
        return found

    def video(self) -> None:
        video, chat = self.site.video, self.site.chat
        if video is None:
            return
        self.web("video.url", video.web)
        if chat is not None and (chat.host, chat.port) == (video.web.host, video.web.port):
            self.error(
                "video.url", "the meetings need a host name of their own", "as https://meet.…"
            )
        bridges = self.placement.groups["video_bridges"]
        if len(bridges) > 1:
            for host in bridges:
                if not host.public_ips:
                    self.inventory(
                        host.place,
                        f"{host.name} lacks `public_ips`: each of several bridges has its own",
                    )
        elif bridges and not (bridges[0].public_ips or video.public_ips):
            self.error(
                "video",
                "`public_ips` is missing: two people would meet, three would not see each other",
                "public_ips: [203.0.113.10], the address at which the bridge is reached from "
                "outside; in an office with people inside and outside both",
            )
        for ip in video.public_ips:
            self.reachable("video.public_ips", ip)
        for host in bridges:
            for ip in host.public_ips:
                if problem := _unreachable(ip):
                    self.inventory(host.place, f"{host.name}: {ip} {problem}")
        recorders = {h.name for h in self.placement.groups["recorders"]}
        for host in bridges:
            if host.name in recorders and self.site.video and self.site.video.recording:
                self.warning(
                    "video.recording",
                    f"{host.name} records and carries the meetings: recording takes 4 cores, "
                    "and the sound of everybody suffers",
                    "a host of its own in the group `recorders`",
                )

    def reachable(self, path: str, ip: str) -> None:
        problem = _unreachable(ip)
        if problem:
            self.error(path, f"{ip} {problem}")

    def relay(self) -> None:
        turn = self.site.video and self.site.video.turn
        if not turn:
            return
        path = "video.turn.url"
        if not _NAME.fullmatch(turn.host) and not _ip(turn.host):
            self.error(path, "not a host name that DNS can have")
        if not 1 <= turn.port <= 65535 or turn.transport not in ("tcp", "udp"):
            self.error(path, "not an address of a relay", "as turns:turn.example.com:443")
        ours = self.placement.has("turn")
        if not ours and not turn.secret:
            self.error(
                "video.turn",
                "`secret` is missing: no host is in the group `turn`, so the relay is somebody "
                "else's, and its secret cannot be made here",
                "secret: env:TURN_SECRET",
            )
        if ours and self.placement.together("turn", "proxy"):
            taken = {80, *(web.port for _, web in self.webs())}
            if turn.port in taken:
                self.error(
                    path,
                    f"port {turn.port} of {self.placement.one('turn').name} is the proxy's",
                    "another port, as turns:…:5349, or a host of its own in the group `turn`",
                )
        if ours and self.site.tls.mode == "acme" and turn.secure and _ip(turn.host):
            self.error(path, "no public authority gives a certificate for an address")

    def inventory(self, place: Place, message: str) -> None:
        self.findings.error(_RULE, place, "public_ips", message)


def check(
    site: Site,
    placement: Placement,
    hosting: Hosting,
    lock: Lock,
    places: SourceMap,
    findings: Findings,
) -> None:
    """Note everything that stands against installing this."""
    _Check(site, placement, hosting, lock, places, findings).run()


def _ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _unreachable(text: str) -> str:
    """Why nobody reaches a bridge at this address; empty if somebody may."""
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return "is not an address"
    if ip.is_loopback:
        # ice4j throws such a mapping away, and the bridge's health says that all is well.
        return "is the host itself: nobody else reaches it there"
    if ip.is_unspecified or ip.is_multicast or ip.is_link_local:
        return "is not an address of one host"
    return ""

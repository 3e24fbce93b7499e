"""coturn, a relay for people whose network lets nothing but TLS through."""

from typing import Final

from chatops.deploy.render.model import ROOT, Folder, PartFile, PartPlan, Port, SecretText, Unit
from chatops.deploy.render.parts import bridge, jitsi
from chatops.deploy.render.parts.common import Context, filled, ref
from chatops.deploy.render.project import Health, Mount, Service
from chatops.deploy.render.site import Turn
from chatops.inventory import Host

__all__ = ["KEEPER_HTTP", "RELAYS", "kept", "part", "turn_of", "units"]

RELAYS: Final = (49160, 49259)
"""The relayed ports: two for each person behind the relay."""
KEEPER_HTTP: Final = 80

_FOLDER: Final = f"{ROOT}/turn"
_CERTIFICATES: Final = f"{_FOLDER}/certificates"


def turn_of(c: Context) -> Turn:
    """The relay, where there is one of ours."""
    found = jitsi.video_of(c).turn
    assert found is not None
    return found


def kept(c: Context, host: Host) -> str:
    """The folder in which a Caddy of this host keeps the relay's certificate; empty for none."""
    if not turn_of(c).secure or c.site.tls.mode == "files":
        return ""
    return f"{ROOT}/proxy/data" if _with_proxy(c, host) else f"{_FOLDER}/keeper"


def part(c: Context, host: Host) -> PartPlan:
    """The relay of a host."""
    turn = turn_of(c)
    ports = [
        Port(protocol="tcp", number=turn.port),
        Port(protocol="udp", number=turn.port),
        Port(protocol="udp", number=RELAYS[0], last=RELAYS[1]),
    ]
    mounts = [Mount(source="./turnserver.conf", target="/etc/coturn/turnserver.conf")]
    if turn.secure:
        mounts.append(Mount(source="./certificates", target="/certificates"))
    relay = Service(
        name="coturn",
        image=c.image("coturn"),
        memory_mib=c.memory("turn"),
        # Reads files that are root's; every right of root is taken from it but one.
        user="0:0",
        capabilities=("NET_BIND_SERVICE",),
        command=("-c", "/etc/coturn/turnserver.conf"),
        host_network=True,
        mounts=tuple(mounts),
        tmpfs=("/tmp:size=16m", "/var/lib/coturn:size=16m", "/var/run:size=1m"),
        health=Health(test=("CMD-SHELL", _well(turn))),
    )
    services = [relay]
    files: list[PartFile] = []
    folders: list[Folder] = []
    secrets = [
        SecretText(
            path=f"{_FOLDER}/turnserver.conf",
            mode=0o400,
            whole=_conf(c, host, turn),
            restarts="coturn",
        )
    ]
    if turn.secure:
        folders.append(Folder(path=_CERTIFICATES, mode=0o700, owner=0, group=0))
    source = kept(c, host)
    if turn.secure and not source:
        chain = PartFile(
            path=f"{_CERTIFICATES}/chain.pem", text=c.site.tls.chain, restarts="coturn"
        )
        files.append(chain)
        secrets.append(
            SecretText(
                path=f"{_CERTIFICATES}/key.pem",
                mode=0o400,
                whole=(ref("tls_key"),),
                restarts="coturn",
            )
        )
    elif turn.secure:
        files += _renewal(turn, source)
    if source.startswith(_FOLDER):
        ports.append(Port(protocol="tcp", number=KEEPER_HTTP))
        folders.append(Folder(path=source, mode=0o700, owner=0, group=0))
        services.append(_keeper(c))
        text = filled("turn/Caddyfile.j2", host=turn.host, tls=c.site.tls)
        files.append(PartFile(path=f"{_FOLDER}/Caddyfile", text=text, restarts="keeper"))
    return PartPlan(
        name="turn",
        images=tuple((s.name, s.image) for s in services),
        files=(c.project("turn", tuple(services)), *files),
        folders=tuple(folders),
        secrets=tuple(secrets),
        ports=tuple(ports),
        healthy=tuple(s.name for s in services if s.name == "keeper"),
        healthy_at_end=("coturn",),
        memory_mib=sum(s.memory_mib for s in services),
        disk_mib=1024,
    )


def _well(turn: Turn) -> str:
    """It answers; and where it is to speak TLS it listens for that, which it does not without a
    certificate. It is on the host's network, whose sockets /proc/net/tcp lists.
    """
    answers = f"turnutils_stunclient -p {_plain(turn)} 127.0.0.1 > /dev/null"
    return (
        f"grep -q ':{turn.port:04X} .* 0A ' /proc/net/tcp && {answers}" if turn.secure else answers
    )


def units(c: Context, host: Host) -> tuple[Unit, ...]:
    """What systemd does for the relay: coturn never reads a renewed certificate by itself."""
    return (Unit(name="chatops-turn-certificate.timer"),) if kept(c, host) else ()


def _plain(turn: Turn) -> int:
    """The port without TLS: the relay's own, or one that the world does not reach."""
    if not turn.secure:
        return turn.port
    return 3478 if turn.port != 3478 else 3480


def _with_proxy(c: Context, host: Host) -> bool:
    return c.placement.one("proxy").name == host.name


def _conf(c: Context, host: Host, turn: Turn) -> tuple[str, ...]:
    bridges = {ip for b in c.placement.groups["video_bridges"] for ip in bridge.public_ips(c, b)}
    text = filled(
        "turn/turnserver.conf.j2",
        turn=turn,
        plain=_plain(turn),
        relays=RELAYS,
        bridges=sorted(bridges),
        outside=host.public_ips[0] if host.public_ips else "",
        inside=host.address,
        secret="\0",
    )
    before, _, after = text.partition("\0")
    return (before, ref("turn_secret"), after)


def _keeper(c: Context) -> Service:
    """A Caddy that does nothing but to get and renew the one certificate."""
    return Service(
        name="keeper",
        image=c.image("caddy"),
        memory_mib=128,
        capabilities=("NET_BIND_SERVICE",),
        published=(f"{KEEPER_HTTP}:80",),
        mounts=(
            Mount(source="./Caddyfile", target="/etc/caddy/Caddyfile"),
            Mount(source="./keeper", target="/data", read_only=False),
        ),
        tmpfs=("/config:size=4m", "/tmp:size=4m"),
        health=Health(test=("CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:2020/")),
    )


def _renewal(turn: Turn, folder: str) -> list[PartFile]:
    values = {"host": turn.host, "folder": folder, "project": _FOLDER}
    units = "/etc/systemd/system/chatops-turn-certificate"
    return [
        PartFile(
            path=f"{_FOLDER}/certificate.sh",
            text=filled("turn/certificate.sh.j2", **values),
            mode=0o755,
            validate="sh -n %s",
        ),
        PartFile(path=f"{units}.service", text=filled("turn/certificate.service.j2", **values)),
        PartFile(path=f"{units}.timer", text=filled("turn/certificate.timer.j2", **values)),
    ]

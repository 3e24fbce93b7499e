"""Prometheus and Grafana, where they are wanted; a node exporter on every host."""

from typing import Final

from chatops.deploy.render.model import ROOT, Folder, PartFile, PartPlan, Port, SecretText
from chatops.deploy.render.parts.common import (
    LOOPBACK,
    SECRETS,
    Context,
    between,
    filled,
    publish,
    ref,
)
from chatops.deploy.render.project import MONITORING, Health, Mount, Service
from chatops.inventory import Host

__all__ = ["GRAFANA_PORT", "part"]

GRAFANA_PORT: Final = 3001
_FOLDER: Final = f"{ROOT}/monitoring"
_NODE: Final = 9100


def part(c: Context, host: Host) -> PartPlan:
    """What watches a host: the whole of it on the host of the group, elsewhere the exporter."""
    head = c.placement.one("monitoring").name == host.name
    watched = between(host, _NODE, c.placement.others(host, "monitoring"))
    exporter = Service(
        name="node-exporter",
        image=c.image("node-exporter"),
        memory_mib=128,
        user="65534:65534",
        command=("--path.rootfs=/host", "--no-collector.ipvs"),
        published=tuple(publish(p, _NODE) for p in watched),
        networks=((MONITORING, ("node-exporter",)),),
        mounts=(Mount(source="/", target="/host"),),
        pid_host=True,
        health=Health(test=("CMD", "wget", "-q", "-O", "/dev/null", f"http://127.0.0.1:{_NODE}/")),
    )
    services = (exporter, *_head(c)) if head else (exporter,)
    ports = list(watched)
    if head:
        ports.append(Port(protocol="tcp", number=GRAFANA_PORT, address=LOOPBACK))
    return PartPlan(
        name="monitoring",
        images=tuple((s.name, s.image) for s in services),
        files=(c.project("monitoring", services), *(_files(c) if head else ())),
        folders=tuple(
            Folder(path=f"{_FOLDER}/{name}", mode=0o750, owner=user, group=group)
            for name, user, group in (("metrics", 65534, 65534), ("grafana", 472, 0))
            if head
        ),
        secrets=(
            (
                SecretText(
                    path=f"{_FOLDER}/{SECRETS}",
                    variables=(("GF_SECURITY_ADMIN_PASSWORD", (ref("grafana_password"),)),),
                ),
            )
            if head
            else ()
        ),
        networks=c.networks(services),
        ports=tuple(ports),
        healthy=tuple(s.name for s in services),
        memory_mib=sum(s.memory_mib for s in services),
        disk_mib=10240 if head else 128,
    )


def _head(c: Context) -> tuple[Service, ...]:
    wget = ("CMD", "wget", "-q", "-O", "/dev/null")
    prometheus = Service(
        name="prometheus",
        image=c.image("prometheus"),
        memory_mib=c.memory("prometheus"),
        user="65534:65534",
        command=(
            "--config.file=/etc/prometheus/prometheus.yml",
            "--storage.tsdb.path=/prometheus",
            "--storage.tsdb.retention.time=30d",
            "--storage.tsdb.retention.size=8GB",
        ),
        networks=((MONITORING, ("prometheus",)),),
        mounts=(
            Mount(source="./metrics", target="/prometheus", read_only=False),
            Mount(source="./prometheus.yml", target="/etc/prometheus/prometheus.yml"),
        ),
        health=Health(test=(*wget, "http://127.0.0.1:9090/-/healthy")),
    )
    grafana = Service(
        name="grafana",
        image=c.image("grafana"),
        memory_mib=c.memory("grafana"),
        user="472:0",
        environment=(
            ("GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES", "false"),
            ("GF_ANALYTICS_CHECK_FOR_UPDATES", "false"),
            ("GF_ANALYTICS_REPORTING_ENABLED", "false"),
            ("GF_NEWS_NEWS_FEED_ENABLED", "false"),
            ("GF_PLUGINS_PREINSTALL_DISABLED", "true"),
            ("GF_USERS_ALLOW_SIGN_UP", "false"),
        ),
        env_files=(SECRETS,),
        published=(f"{LOOPBACK}:{GRAFANA_PORT}:3000",),
        networks=((MONITORING, ("grafana",)),),
        mounts=(
            Mount(source="./grafana", target="/var/lib/grafana", read_only=False),
            Mount(
                source="./sources.yaml",
                target="/etc/grafana/provisioning/datasources/chatops.yaml",
            ),
        ),
        tmpfs=("/tmp:size=64m",),
        health=Health(test=(*wget, "http://127.0.0.1:3000/api/health")),
    )
    return prometheus, grafana


def _files(c: Context) -> tuple[PartFile, ...]:
    scraped = filled("monitoring/prometheus.yml.j2", jobs=_jobs(c))
    sources = filled("monitoring/sources.yaml.j2")
    return (
        PartFile(path=f"{_FOLDER}/prometheus.yml", text=scraped, restarts="prometheus"),
        PartFile(path=f"{_FOLDER}/sources.yaml", text=sources, restarts="grafana"),
    )


def _jobs(c: Context) -> list[tuple[str, list[str]]]:
    """What is asked for its figures: name of the job, and the addresses."""
    here = c.placement.one("monitoring").name

    def at(host: Host, name: str, port: int) -> str:
        return f"{name}:{port}" if host.name == here else f"{host.address}:{port}"

    used = [h for h in c.placement.hosts if c.placement.groups_of(h)]
    jobs = [("hosts", [at(h, "node-exporter", _NODE) for h in used])]
    if c.placement.has("video"):
        jobs.append(("jicofo", [at(c.placement.one("video"), "jicofo", 8888)]))
        jobs.append(("bridges", [at(b, "jvb", 8080) for b in c.placement.groups["video_bridges"]]))
    return jobs

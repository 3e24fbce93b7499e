"""MongoDB, for Rocket.Chat: a replica set of one, which is what Rocket.Chat must have."""

from typing import Final

from chatops.deploy.render.model import ROOT, Folder, PartFile, PartPlan, SecretText, Setup
from chatops.deploy.render.parts.common import (
    SECRETS,
    Context,
    between,
    filled,
    for_data,
    publish,
    ref,
)
from chatops.deploy.render.project import Health, Mount, Service
from chatops.inventory import Host

__all__ = ["NAME", "PORT", "address", "part"]

PORT: Final = 27017
NAME: Final = "rocketchat"

_FOLDER: Final = f"{ROOT}/mongodb"
_USER: Final = 999
"""`mongodb` in the image docker.io/library/mongo."""


def address(c: Context) -> str:
    """The name by which the replica set calls its member: the clients must reach it by the same."""
    if c.placement.together("chat", "database"):
        return f"mongodb:{PORT}"
    return f"{c.placement.one('database').address}:{PORT}"


def part(c: Context, host: Host) -> PartPlan:
    """The database server of a host."""
    ports = between(host, PORT, c.placement.others(host, "chat"))
    memory = c.memory("mongodb")
    service = Service(
        name="mongodb",
        image=c.image("mongodb"),
        memory_mib=memory,
        user=f"{_USER}:{_USER}",
        # Half of the memory but 256 MiB is the least that the cache can have (MongoDB manual,
        # storage.wiredTiger.engineConfig.cacheSizeGB); its own default looks at the machine.
        command=(
            "mongod",
            "--replSet",
            "rs0",
            "--keyFile",
            "/chatops/keyfile",
            "--bind_ip_all",
            "--wiredTigerCacheSizeGB",
            f"{max(256, memory // 2) / 1024:.2f}",
        ),
        environment=(
            ("HOME", "/tmp"),
            ("MONGO_INITDB_ROOT_USERNAME", "root"),
            ("TZ", "Etc/UTC"),
        ),
        env_files=(SECRETS,),
        published=tuple(publish(p, PORT) for p in ports),
        networks=for_data("mongodb", ports),
        mounts=(
            Mount(source="./data", target="/data/db", read_only=False),
            Mount(source="./configdb", target="/data/configdb", read_only=False),
            Mount(source="./keyfile", target="/chatops/keyfile"),
            Mount(source="./setup.js", target="/chatops/setup.js"),
            Mount(source="./health.js", target="/chatops/health.js"),
        ),
        tmpfs=(f"/tmp:size=64m,uid={_USER},gid={_USER},mode=0700",),
        open_files=c.hosting.open_files,
        stop_seconds=90,
        health=Health(
            test=("CMD", "mongosh", "--quiet", "--norc", "--nodb", "/chatops/health.js"),
            interval=20,
            timeout=15,
        ),
    )
    return PartPlan(
        name="mongodb",
        images=(("mongodb", service.image),),
        files=(
            c.project("mongodb", (service,)),
            PartFile(path=f"{_FOLDER}/health.js", text=filled("mongodb/health.js.j2")),
            PartFile(
                path=f"{_FOLDER}/setup.js",
                text=filled("mongodb/setup.js.j2", member=address(c), name=NAME),
            ),
        ),
        folders=(
            Folder(path=f"{_FOLDER}/data", mode=0o700, owner=_USER, group=_USER),
            Folder(path=f"{_FOLDER}/configdb", mode=0o700, owner=_USER, group=_USER),
        ),
        secrets=(
            SecretText(
                path=f"{_FOLDER}/{SECRETS}",
                variables=(
                    ("DATABASE_PASSWORD", (ref("database_password"),)),
                    ("MONGO_INITDB_ROOT_PASSWORD", (ref("database_admin_password"),)),
                ),
            ),
            SecretText(
                path=f"{_FOLDER}/keyfile",
                mode=0o400,
                owner=_USER,
                group=_USER,
                whole=(ref("mongodb_key"), "\n"),
                restarts="mongodb",
            ),
        ),
        networks=c.networks((service,)),
        ports=ports,
        setup=(
            Setup(
                service="mongodb",
                command=("mongosh", "--quiet", "--norc", "--nodb", "/chatops/setup.js"),
            ),
        ),
        healthy=("mongodb",),
        memory_mib=memory,
        disk_mib=5120,
    )

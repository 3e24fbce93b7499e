"""PostgreSQL, for Mattermost."""

from typing import Final

from chatops.deploy.render.model import (
    ROOT,
    Folder,
    PartFile,
    PartPlan,
    SecretText,
    Setup,
)
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

__all__ = ["NAME", "PORT", "part"]

PORT: Final = 5432
NAME: Final = "mattermost"
"""The database, and the role that owns it."""

_FOLDER: Final = f"{ROOT}/postgres"
_USER: Final = 999
"""`postgres` in the image, which runs under any user if the data folder is that user's
(docker-library/docs, postgres, "Arbitrary --user Notes")."""


def part(c: Context, host: Host) -> PartPlan:
    """The database server of a host."""
    ports = between(host, PORT, c.placement.others(host, "chat"))
    memory = c.memory("postgres")
    service = Service(
        name="postgres",
        image=c.image("postgres"),
        memory_mib=memory,
        user=f"{_USER}:{_USER}",
        command=("postgres", "-c", "config_file=/etc/postgresql/postgresql.conf"),
        environment=(
            ("PGDATA", "/var/lib/postgresql/data"),
            ("POSTGRES_INITDB_ARGS", "--encoding=UTF8 --locale=C.UTF-8 --data-checksums"),
            ("POSTGRES_USER", "postgres"),
            ("TZ", "Etc/UTC"),
        ),
        env_files=(SECRETS,),
        published=tuple(publish(p, PORT) for p in ports),
        networks=for_data("postgres", ports),
        mounts=(
            Mount(source="./data", target="/var/lib/postgresql/data", read_only=False),
            Mount(source="./postgresql.conf", target="/etc/postgresql/postgresql.conf"),
            Mount(source="./setup.sh", target="/chatops/setup.sh"),
        ),
        tmpfs=("/tmp:size=64m", f"/var/run/postgresql:size=1m,uid={_USER},gid={_USER},mode=0775"),
        shm_mib=min(256, memory // 4),
        stop_seconds=90,
        # The server that the image starts for its own setup listens on no address: 127.0.0.1
        # answers only when the real one runs.
        health=Health(
            test=(
                "CMD-SHELL",
                "pg_isready -q -h 127.0.0.1 -U postgres && psql -U postgres -tAc 'SELECT 1' -o"
                " /dev/null",
            ),
        ),
    )
    conf = filled("postgres/postgresql.conf.j2", shared=memory // 4, cache=memory // 2)
    return PartPlan(
        name="postgres",
        images=(("postgres", service.image),),
        files=(
            c.project("postgres", (service,)),
            PartFile(path=f"{_FOLDER}/postgresql.conf", text=conf, restarts="postgres"),
            PartFile(
                path=f"{_FOLDER}/setup.sh",
                text=filled("postgres/setup.sh.j2", name=NAME),
                validate="bash -n %s",
            ),
        ),
        folders=(Folder(path=f"{_FOLDER}/data", mode=0o700, owner=_USER, group=_USER),),
        secrets=(
            SecretText(
                path=f"{_FOLDER}/{SECRETS}",
                variables=(
                    ("DATABASE_PASSWORD", (ref("database_password"),)),
                    ("POSTGRES_PASSWORD", (ref("database_admin_password"),)),
                ),
            ),
        ),
        networks=c.networks((service,)),
        ports=ports,
        setup=(Setup(service="postgres", command=("bash", "/chatops/setup.sh")),),
        healthy=("postgres",),
        memory_mib=memory,
        disk_mib=5120,
    )

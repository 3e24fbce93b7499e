"""What people and other machines see of a host."""

import json
from dataclasses import dataclass

from tests.e2e.lab.machines import Machine

__all__ = ["Container", "containers", "listening", "open_ports"]

_SCAN = """
import asyncio, json, sys
async def reached(address, port):
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(address, port), 3)
    except (OSError, asyncio.TimeoutError):
        return None
    writer.close()
    return port
async def main(address, ports):
    found = await asyncio.gather(*(reached(address, port) for port in ports))
    print(json.dumps([port for port in found if port is not None]))
asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))
"""


@dataclass(frozen=True)
class Container:
    """A container as it runs: its name, when it was started, and how it is."""

    name: str
    id: str
    started: str
    state: str
    health: str


def containers(machine: Machine) -> dict[str, Container]:
    """The containers on a machine, by the service's name."""
    text = machine.sh("docker ps --all --quiet | xargs --no-run-if-empty docker inspect")
    found = {}
    for about in json.loads(text or "[]"):
        state = about["State"]
        service = about["Config"]["Labels"].get("com.docker.compose.service", about["Name"])
        found[service] = Container(
            name=about["Name"].lstrip("/"),
            id=about["Id"],
            started=state["StartedAt"],
            state=state["Status"],
            health=state.get("Health", {}).get("Status", ""),
        )
    return found


def listening(machine: Machine) -> list[int]:
    """Every TCP port that something on the machine listens on, whatever the address."""
    lines = machine.sh("ss -Hltn").splitlines()
    return sorted({int(line.split()[3].rpartition(":")[2]) for line in lines})


def open_ports(seen_from: Machine, address: str, ports: list[int]) -> list[int]:
    """Those of these TCP ports that another machine can reach."""
    seen_from.put("/tmp/scan.py", _SCAN)
    answer = seen_from.sh(f"python3 /tmp/scan.py {address} '{json.dumps(ports)}'")
    found: list[int] = json.loads(answer)
    return found

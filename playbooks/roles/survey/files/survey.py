"""What a host is, as one JSON object: read only, with nothing but Python's own library.

Arguments: names to resolve. What cannot be learned is left out: it is then not known, and no
finding comes of it.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

FOLDERS = ("/opt", "/var/lib/docker")
CONFLICTING = (
    "docker-ce",
    "docker.io",
    "podman-docker",
    "docker-compose",
    "docker-compose-v2",
    "docker-compose-plugin",
    "containerd",
    "containerd.io",
    "ufw",
    "firewalld",
)
PROJECT = "com.docker.compose.project"


def main(names):
    """Print it."""
    facts = {"now": time.time()}
    for learn in (system, memory, processor, disks, docker, packages, addresses, sockets, parts):
        try:
            facts.update(learn())
        except Exception as error:
            facts.setdefault("trouble", {})[learn.__name__] = str(error)
    facts["names"] = {name: resolved(name) for name in names}
    print(json.dumps(facts, sort_keys=True))


def system():
    """Distribution, kernel, and whether it is a container."""
    release = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', Path("/etc/os-release").read_text(), re.M))
    about = os.uname()
    unified = Path("/sys/fs/cgroup/cgroup.controllers").exists()
    return {
        "distribution": release.get("ID", ""),
        "release": release.get("VERSION_ID", ""),
        "codename": release.get("VERSION_CODENAME", ""),
        "architecture": about.machine,
        "kernel": ".".join(about.release.split(".")[:2]),
        "cgroup": 2 if unified else 1,
        "container": said("systemd-detect-virt", "--container") not in ("none", ""),
    }


def memory():
    """Memory."""
    kib = int(re.search(r"^MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text(), re.M).group(1))
    return {"memory_mib": kib // 1024}


def processor():
    """Processors and what they can."""
    flags = re.search(r"^(?:flags|Features)\s*:(.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    return {
        "cpus": len(os.sched_getaffinity(0)),
        **({"cpu_flags": sorted(flags.group(1).split())} if flags else {}),
    }


def disks():
    """Room on the disks that will be written to."""
    free = {}
    for folder in FOLDERS:
        there = Path(folder)
        while not there.exists():
            there = there.parent
        free[folder] = shutil.disk_usage(there).free // 2**20
    return {"disk_free_mib": free}


def docker():
    """The engine, if there is one."""
    if not shutil.which("docker"):
        return {"docker": None}
    return {
        "docker": {
            "version": plain(said("docker", "version", "--format", "{{.Server.Version}}")),
            "compose": plain(said("docker", "compose", "version", "--short")),
        }
    }


def packages():
    """Packages that stand in the way of an engine or a firewall of ours, or are one."""
    there = said("dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\n", *CONFLICTING)
    found = [line.split()[1] for line in there.splitlines() if line.startswith("installed ")]
    return {"packages_conflicting": sorted(found)}


def addresses():
    """Its own addresses: not those of Docker's bridges."""
    found = []
    for link in json.loads(said("ip", "-json", "address") or "[]"):
        if re.match("docker|br-|veth", link.get("ifname", "")):
            continue
        found += [a["local"] for a in link.get("addr_info", ()) if a.get("scope") == "global"]
    return {"addresses": found}


def sockets():
    """Who listens where. Ours is what a container of ours has published, or runs itself."""
    published, ids = set(), set()
    form = '{{.Label "' + PROJECT + '"}} {{.ID}} {{.Ports}}'
    for line in said("docker", "ps", "--no-trunc", "--format", form).splitlines():
        project, _, rest = line.partition(" ")
        if project.startswith("chatops-"):
            container, _, ports = rest.partition(" ")
            ids.add(container)
            published |= {
                (kind, int(port)) for port, kind in re.findall(r":(\d+)->\d+/(\w+)", ports)
            }
    found = []
    for line in said("ss", "-Hlntup").splitlines():
        words = line.split()
        address, _, port = words[4].rpartition(":")
        program = re.search(r'\(\("([^"]+)",pid=(\d+)', line)
        name = program.group(1) if program else ""
        entry = {
            "protocol": words[0],
            "port": int(port),
            "address": address.split("%")[0].strip("[]").replace("*", "::"),
            "process": name,
        }
        entry["ours"] = (
            (entry["protocol"], entry["port"]) in published
            if name == "docker-proxy"
            else bool(program) and within(program.group(2), ids)
        )
        if entry not in found:
            found.append(entry)
    return {"listening": found}


def within(pid, ids):
    """Whether a process runs in one of these containers."""
    try:
        groups = Path("/proc", pid, "cgroup").read_text()
    except OSError:
        return False
    return any(container in groups for container in ids)


def parts():
    """The parts of ours that lie here, whether they run or not."""
    return {"parts": sorted(p.parent.name for p in Path("/opt/chatops").glob("*/compose.yaml"))}


def resolved(name):
    """What a name resolves to, as seen from here."""
    try:
        return sorted({a[4][0] for a in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)})
    except OSError:
        return []


def plain(version):
    """2.26.1-4 and v2.26.1 are 2.26.1."""
    match = re.search(r"\d+(\.\d+)+", version)
    return match.group(0) if match else ""


def said(*command):
    """The output of a command; nothing if it is not there or fails."""
    try:
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()


main(sys.argv[1:])

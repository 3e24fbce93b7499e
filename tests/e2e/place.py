"""The folder of a person who runs the command line, and what they write into it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from chatops.deploy.images import packaged
from tests.e2e.lab.images import FOLDERS, Registry
from tests.e2e.lab.machines import Lab, Machine

__all__ = ["Done", "Place", "answer", "lock_text"]


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str


@dataclass
class Place:
    """A folder with a company file and one environment, and the CLI run in it."""

    folder: Path
    env: str = "prod"
    names: dict[str, str] = field(default_factory=dict)
    """What the machine outside is to know of DNS, for the CLI and for curl."""

    @property
    def environment(self) -> Path:
        """Its folder."""
        return self.folder / "inventories" / self.env

    def write(self, name: str, content: str | Mapping[str, Any]) -> Path:
        """A file below the folder; data is written as YAML."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False)
        path.write_text(text)
        return path

    def chatops(self, *words: str, seconds: float = 1800) -> Done:
        """The real command line, with the names of this place in its /etc/hosts."""
        return self.run([sys.executable, "-m", "chatops", *words], seconds=seconds)

    def run(self, argv: list[str], *, seconds: float = 300) -> Done:
        """A command on the machine outside, which sees our names: in a mount of its own."""
        hosts = self.folder / ".hosts"
        hosts.write_text(
            Path("/etc/hosts").read_text()
            + "".join(f"{address} {name}\n" for name, address in self.names.items())
        )
        script = 'mount --bind "$0" /etc/hosts && exec "$@"'
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-ec", script, str(hosts), *argv],
            cwd=self.folder,
            env={k: v for k, v in os.environ.items() if not k.startswith("CHATOPS_")}
            | {"HOME": str(self.folder / "home"), "PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def inventory(self, lab: Lab, groups: Mapping[str, list[Machine]]) -> None:
        """hosts.yml and known_hosts, as a person writes them who has compared the keys."""
        self.write(
            f"inventories/{self.env}/hosts.yml",
            {
                group: {
                    "hosts": {
                        m.hostname: {
                            "ansible_host": m.address,
                            "private_address": m.address,
                            "ansible_user": "root",
                            "ansible_ssh_private_key_file": str(lab.key),
                        }
                        for m in machines
                    }
                }
                for group, machines in groups.items()
            },
        )
        machines = {m.address: m for found in groups.values() for m in found}
        self.write(
            f"inventories/{self.env}/known_hosts",
            "".join(f"{address} {m.host_key}\n" for address, m in machines.items()),
        )


def answer(done: Done) -> Any:
    """What a command that went well said with --json."""
    assert done.code == 0, f"{done.out}\n{done.err}"
    return json.loads(done.out)


def lock_text(registry: Registry) -> str:
    """A chatops.lock with the digests that our registry gave the images: each is pushed."""
    lines = ["version: 1", "images:"]
    for key, locked in packaged().images.items():
        if key not in FOLDERS:
            continue
        image = locked.image
        digest = registry.push(key, image.path, image.tag)
        lines += [f"  {key}:", f"    repository: {image.repository}"]
        lines += [f'    tag: "{image.tag}"', f"    digest: {digest}"]
    return "\n".join(lines) + "\n"

"""The firewall at work, between namespaces of the network: a host, a container, two strangers."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.render import programs
from tests.render.company import CASES, Case, installation

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="namespaces of the network are made by root"
)

LISTEN = """
import socket, sys, threading
def serve(port):
    s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("0.0.0.0", port)); s.listen(50)
    while True:
        c, _ = s.accept(); c.sendall(b"%d" % port); c.close()
for port in map(int, sys.argv[1:]):
    threading.Thread(target=serve, args=(port,), daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
"""
ASK = """
import socket, sys
try:
    with socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=1.5) as s:
        sys.exit(0 if s.recv(9) else 1)
except OSError:
    sys.exit(1)
"""


class Lab:
    """`host` publishes ports of `box` as Docker does; `peer` and `stranger` are elsewhere."""

    def __init__(self) -> None:
        self.names = {n: f"cho{os.getpid()}{n[0]}" for n in ("host", "box", "peer", "stranger")}
        self.servers: list[subprocess.Popen[str]] = []
        for name in self.names.values():
            self.ip("netns", "add", name)
        self.in_("host", "ip", "link", "set", "lo", "up")
        self.in_("host", "ip", "link", "add", "br-1234", "type", "bridge")
        self.in_("host", "ip", "addr", "add", "172.18.0.1/16", "dev", "br-1234")
        self.in_("host", "ip", "link", "set", "br-1234", "up")
        self.in_("host", "sysctl", "-qw", "net.ipv4.ip_forward=1")
        self.wire("box", "172.18.0.2/16", "")
        self.in_("host", "ip", "link", "set", "hbox", "master", "br-1234")
        self.wire("peer", "10.0.0.11/24", "10.0.0.10/24")
        self.wire("stranger", "203.0.113.99/24", "203.0.113.10/24")
        self.in_("box", "ip", "route", "add", "default", "via", "172.18.0.1")
        self.in_("peer", "ip", "route", "add", "default", "via", "10.0.0.10")
        self.in_("stranger", "ip", "route", "add", "default", "via", "203.0.113.10")

    def wire(self, name: str, inner: str, outer: str) -> None:
        self.ip(
            "link",
            "add",
            f"h{name[:6]}",
            "netns",
            self.names["host"],
            "type",
            "veth",
            "peer",
            "name",
            "eth0",
            "netns",
            self.names[name],
        )
        if outer:
            self.in_("host", "ip", "addr", "add", outer, "dev", f"h{name[:6]}")
        self.in_("host", "ip", "link", "set", f"h{name[:6]}", "up")
        self.in_(name, "ip", "addr", "add", inner, "dev", "eth0")
        for link in ("eth0", "lo"):
            self.in_(name, "ip", "link", "set", link, "up")

    def ip(self, *words: str) -> None:
        programs.run(programs.program("ip"), *words)

    def in_(self, name: str, *words: str) -> None:
        self.ip("netns", "exec", self.names[name], *words)

    def serve(self, name: str, *ports: int) -> None:
        command = [programs.program("ip"), "netns", "exec", self.names[name], sys.executable]
        process = subprocess.Popen(
            [*command, "-c", LISTEN, *map(str, ports)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.servers.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

    def publish(self, *ports: int) -> None:
        """As Docker does: a packet for one of these is sent on before any filter sees it."""
        rules = "".join(f"tcp dport {port} dnat to 172.18.0.2:{port}\n" for port in ports)
        chain = "type nat hook prerouting priority dstnat;\n fib daddr type local jump d;\n"
        text = f"table ip nat {{\n chain d {{\n{rules} }}\n chain p {{\n {chain} }}\n}}\n"
        self.load(text)

    def load(self, rules: str) -> None:
        command = [programs.program("ip"), "netns", "exec", self.names["host"]]
        programs.run(*command, programs.program("nft"), "-f", "-", text=rules)

    def reaches(self, name: str, address: str, port: int) -> bool:
        command = [programs.program("ip"), "netns", "exec", self.names[name], sys.executable]
        return subprocess.run([*command, "-c", ASK, address, str(port)]).returncode == 0

    def close(self) -> None:
        for process in self.servers:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.close()
            process.wait(10)
            process.stdout.close()
        for name in self.names.values():
            subprocess.run([programs.program("ip"), "netns", "delete", name], check=False)


@pytest.fixture
def lab() -> Iterator[Lab]:
    there = Lab()
    try:
        yield there
    finally:
        there.close()


def rules(case: Case, host: str, folder: Path) -> str:
    planned = installation(case, folder)
    found = [f.text for f in planned.host(host).base if f.path.endswith("firewall.nft")]
    assert len(found) == 1
    return found[0]


def test_what_is_published_is_closed_unless_it_is_ours_to_open(lab: Lab, tmp_path: Path) -> None:
    lab.serve("box", 80, 443, 5432, 9000)
    lab.serve("host", 22, 631)
    lab.publish(443, 5432, 9000)
    for port in (443, 5432, 9000):
        assert lab.reaches("stranger", "203.0.113.10", port), "open, as Docker leaves it"
    assert lab.reaches("stranger", "172.18.0.2", 80), "and its address is not hidden either"

    firewall = rules(CASES["mattermost"], "chat-1", tmp_path)
    lab.load(firewall)
    lab.load(firewall)  # again: as a reload does it
    assert lab.reaches("stranger", "203.0.113.10", 22)
    assert lab.reaches("stranger", "203.0.113.10", 443)
    assert not lab.reaches("stranger", "203.0.113.10", 5432)
    assert not lab.reaches("stranger", "203.0.113.10", 9000)
    assert not lab.reaches("stranger", "172.18.0.2", 80)
    assert not lab.reaches("stranger", "203.0.113.10", 631)
    assert lab.reaches("host", "127.0.0.1", 631)
    lab.serve("stranger", 8443)
    assert lab.reaches("box", "203.0.113.99", 8443), "containers reach the world"


def test_a_peer_is_let_in_and_nobody_else(lab: Lab, tmp_path: Path) -> None:
    lab.serve("box", 5432)
    lab.publish(5432)
    lab.load(rules(CASES["apart"], "data-1", tmp_path))
    assert lab.reaches("peer", "10.0.0.10", 5432)
    assert not lab.reaches("stranger", "203.0.113.10", 5432)
    assert not lab.reaches("stranger", "10.0.0.10", 5432)


def test_ssh_from_where_it_is_said(lab: Lab, tmp_path: Path) -> None:
    lab.serve("host", 22)
    lab.load(rules(CASES["internal"], "chat-1", tmp_path))
    assert lab.reaches("peer", "10.0.0.10", 22)
    assert not lab.reaches("stranger", "203.0.113.10", 22)

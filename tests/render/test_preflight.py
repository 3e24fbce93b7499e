"""What hosts tell of themselves, and what is made of it; what fits together offline."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.deploy.images import Locked, Reference, packaged
from chatops.deploy.images.lock import text as lock_text
from chatops.deploy.preflight import judge
from chatops.deploy.render import Installation
from chatops.errors import SpecError
from chatops.spec.text import findings_text
from tests.render.company import ACME, CASES, HOSTS, ROCKETCHAT, VIDEO, Case, installation

GOLDEN = Path(__file__).parent / "golden"

GOOD: dict[str, Any] = {
    "distribution": "debian",
    "release": "13",
    "architecture": "x86_64",
    "memory_mib": 16000,
    "disk_free_mib": {"/opt": 200000, "/var/lib/docker": 200000},
    "cpu_flags": ["avx", "sse4_2"],
    "cpus": 4,
    "clock_offset_seconds": 0.2,
    "listening": [
        {"protocol": "tcp", "port": 22, "address": "0.0.0.0", "process": "sshd", "ours": False},
        {"protocol": "tcp", "port": 53, "address": "127.0.0.53", "process": "resolved"},
        {"protocol": "tcp", "port": 443, "address": "0.0.0.0", "process": "docker", "ours": True},
    ],
    "docker": None,
    "packages_conflicting": [],
    "addresses": ["203.0.113.10", "10.0.0.5"],
    "names": {"chat.nordlys.example": ["203.0.113.10"], "meet.nordlys.example": ["203.0.113.10"]},
}
NGINX = {"protocol": "tcp", "port": 443, "address": "::", "process": "nginx", "ours": False}
MEDIA = {"protocol": "udp", "port": 10000, "address": "0.0.0.0", "process": "", "ours": False}
LOCAL = {"protocol": "tcp", "port": 3000, "address": "127.0.0.1", "process": "grafana"}
ROCKET = Case(chat=ROCKETCHAT)
OWN_DOCKER = Case(environment=HOSTS + "docker: {source: distribution}\n")
PUBLIC = {"addresses": ["198.18.0.1", "93.184.216.34"]}

FACTS: dict[str, tuple[Case, dict[str, Any]]] = {
    "all-well": (Case(), {}),
    "nothing-known": (Case(), dict.fromkeys(GOOD)),
    "another-system": (Case(), {"distribution": "rhel", "release": "9"}),
    "arm": (Case(), {"architecture": "aarch64"}),
    "no-avx": (ROCKET, {"cpu_flags": ["sse4_2"]}),
    "no-avx-and-no-mongodb": (Case(), {"cpu_flags": ["sse4_2"]}),
    "little-memory": (Case(), {"memory_mib": 2900}),
    "some-memory": (Case(), {"memory_mib": 6000}),
    "no-room": (Case(), {"disk_free_mib": {"/opt": 900, "/var/lib/docker": 12000}}),
    "no-room-later": (Case(), {"disk_free_mib": {"/opt": 2500}, "parts": ["postgres"]}),
    "ports": (ROCKET, {"listening": [NGINX, MEDIA, LOCAL]}),
    "clock": (Case(), {"clock_offset_seconds": -95.0}),
    "old-compose": (OWN_DOCKER, {"release": "12", "packages_conflicting": ["docker-ce"]}),
    "other-firewall": (Case(), {"packages_conflicting": ["ufw", "podman-docker"]}),
    "names": (
        Case(),
        {
            **PUBLIC,
            "names": {"chat.nordlys.example": ["192.0.2.1"], "meet.nordlys.example": []},
        },
    ),
    "names-behind-nat": (
        Case(more=""),
        {"addresses": ["10.0.0.5"], "names": {"chat.nordlys.example": ["198.51.100.7"]}},
    ),
    "one-processor": (Case(), {"cpus": 1}),
}


def judged(planned: Installation, facts: dict[str, Any]) -> str:
    return "".join(
        f"{p.host} {p.severity} {p.rule}: {p.message}\n" + (f"  hint: {p.hint}\n" if p.hint else "")
        for p in judge({"chat-1": facts}, planned)
    )


@pytest.mark.parametrize("name", FACTS)
def test_what_is_said_of_a_host(
    name: str, tmp_path: Path, golden: Callable[[Path, str], None]
) -> None:
    case, other = FACTS[name]
    facts = {k: v for k, v in {**GOOD, **other}.items() if v is not None}
    golden(GOLDEN / f"host-{name}.txt", judged(installation(case, tmp_path), facts))


def test_hosts_that_say_nothing_have_no_problems(tmp_path: Path) -> None:
    assert judge({}, installation(CASES["apart"], tmp_path)) == ()


@given(port=st.integers(0, 70000), address=st.sampled_from(["", "::", "10.0.0.5", "127.0.0.1"]))
@settings(max_examples=60, deadline=None)
def test_a_port_is_taken_only_by_its_own_number(
    tmp_path_factory: pytest.TempPathFactory, port: int, address: str
) -> None:
    planned = _planned(tmp_path_factory)
    socket = {"protocol": "tcp", "port": port, "address": address, "process": "x"}
    found = [p for p in judge({"chat-1": {"listening": [socket]}}, planned) if p.rule == "port"]
    wanted = {80, 443} if address in ("10.0.0.5",) else {80, 443, 8065}
    assert bool(found) == (port in wanted)


_cache: list[Installation] = []


def _planned(factory: pytest.TempPathFactory) -> Installation:
    if not _cache:
        _cache.append(installation(Case(), factory.mktemp("company")))
    return _cache[0]


def locked(**tags: str) -> dict[str, str]:
    """A lock file beside the company file, with these tags."""
    images = dict(packaged().images)
    for name, tag in tags.items():
        key = name.replace("_", "-")
        images[key] = Locked(image=Reference.of(images[key].image.repository, tag))
    return {"chatops.lock": lock_text(images)}


def mattermost(version: str) -> str:
    return (
        f'chat: {{platform: mattermost, version: "{version}", url: https://chat.nordlys.example}}\n'
    )


UNFIT = {
    "another-release": Case(chat=mattermost("11.6")),
    "another-release-in-the-lock": Case(
        chat=mattermost("11.6.2"), files=locked(mattermost_team="11.7.9")
    ),
    "old-release": Case(chat=mattermost("10.11"), files=locked(mattermost_team="10.11.4")),
    "old-postgres": Case(files=locked(postgres="13.22-bookworm")),
    "old-mongodb": Case(chat=ROCKETCHAT, files=locked(mongodb="6.0.3")),
    "new-mongodb": Case(chat=ROCKETCHAT, files=locked(mongodb="9.0.1")),
    "jitsi-mixed": Case(files=locked(jitsi_jvb="stable-11200", jitsi_web="unstable")),
    "jitsi-old": Case(
        files=locked(
            **{f"jitsi_{n}": "stable-10978" for n in ("web", "prosody", "jicofo", "jvb", "jibri")}
        )
    ),
}


@pytest.mark.parametrize("name", UNFIT)
def test_what_does_not_fit_together_is_told_offline(
    name: str, tmp_path: Path, golden: Callable[[Path, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SpecError) as caught:
        installation(UNFIT[name], Path())
    golden(GOLDEN / f"unfit-{name}.txt", findings_text(caught.value.findings))


FIT = {
    "whole": (Case(chat=mattermost("11.6.2")), "mattermost-team-edition:11.6.2"),
    "series": (Case(chat=mattermost("11.7")), "mattermost-team-edition:11.7.9"),
    "unsaid": (
        Case(chat="chat: {platform: rocketchat, url: https://chat.nordlys.example}\n"),
        "rocketchat/rocket.chat:8.8.1",
    ),
    "edition": (
        Case(
            chat="chat: {platform: mattermost, edition: entry, url: https://chat.nordlys.example}\n"
        ),
        "mattermost-enterprise-edition:11.7.9",
    ),
    "postgres": (Case(files=locked(postgres="14.1")), "library/postgres:14.1"),
    "no-jitsi": (Case(more=ACME, files=locked(jitsi_web="stable-1")), "library/caddy:2.10.0"),
    "mongodb": (
        Case(chat=ROCKETCHAT, more=VIDEO, files=locked(mongodb="8.2.1")),
        "library/mongo:8.2.1",
    ),
}


@pytest.mark.parametrize("name", FIT)
def test_what_fits_runs_this_image(name: str, tmp_path: Path) -> None:
    case, wanted = FIT[name]
    planned = installation(case, tmp_path)
    images = [str(i.image) for h in planned.hosts for p in h.parts for _, i in p.images]
    assert any(image.endswith(wanted) for image in images), images

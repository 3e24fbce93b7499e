"""What a host's answers mean. The listing of containers is one that Docker 26.1 printed."""

import json
import time
from collections.abc import Sequence
from typing import Any

import pytest

from chatops.deploy.render.model import HostPlan, PartPlan
from chatops.doctor.inside import Mail, inside
from chatops.doctor.outcome import Outcome, State, carry_out
from chatops.doctor.running import Container, containers, parts_of

LABELS = (
    "com.docker.compose.depends_on=,com.docker.compose.oneoff=False,"
    "com.docker.compose.project=chatops-{part},com.docker.compose.service={service},"
    "com.docker.compose.project.config_files=/opt/chatops/{part}/compose.yaml"
)


def listed(part: str, service: str, state: str, status: str) -> str:
    return json.dumps(
        {
            "Image": "docker.io/library/x:1",
            "Labels": LABELS.format(part=part, service=service),
            "Names": f"chatops-{part}-{service}-1",
            "RunningFor": "6 minutes ago",
            "State": state,
            "Status": status,
        }
    )


def part(name: str, *services: str) -> PartPlan:
    return PartPlan(name=name, images=tuple((s, None) for s in services), files=())


def host(*parts: PartPlan) -> HostPlan:
    return HostPlan(name="chat-1", groups=("chat",), address="127.0.0.1", ssh_port=22, parts=parts)


RUNNING = listed("postgres", "postgres", "running", "Up 6 minutes (healthy)")
DF = "Filesystem 1024-blocks Used Available Capacity Mounted on\n"
ROOMY = DF + "/dev/vda1 41152736 9000000 30000000 23% /\n"


def answers(**more: Any) -> dict[str, Any]:
    told = {
        "docker": (0, RUNNING),
        "df": (0, ROOMY),
        "date": (0, f"{time.time():.3f}\n"),
        "systemctl": (0, ""),
    }
    return told | more


def looked(plan: HostPlan, told: dict[str, Any], **more: Any) -> list[Outcome]:
    def ask(words: Sequence[str]) -> tuple[int, str]:
        key = "jicofo" if "8888" in " ".join(words) else "mail" if "bash" in words else words[0]
        found = told[key]
        return found.pop(0) if isinstance(found, list) else found

    return list(carry_out(inside(plan, ask, **more), lambda name: None))


def by(found: list[Outcome], check: str) -> list[Outcome]:
    return [o for o in found if o.check == check]


def test_containers_as_docker_lists_them() -> None:
    lines = [
        RUNNING,
        listed("jitsi", "jicofo", "running", "Up 7 seconds (health: starting)"),
        listed("jitsi", "web", "exited", "Exited (1) 2 hours ago"),
        listed("proxy", "proxy", "running", "Up 2 days"),
        "time=… level=warning",
    ]
    found = containers("\n".join(lines))
    assert [(c.project, c.service, c.state, c.health, c.well) for c in found] == [
        ("chatops-postgres", "postgres", "running", "healthy", True),
        ("chatops-jitsi", "jicofo", "running", "starting", False),
        ("chatops-jitsi", "web", "exited", "", False),
        ("chatops-proxy", "proxy", "running", "", True),
    ]
    assert isinstance(found[0], Container)


def test_a_part_is_well_when_all_of_it_is() -> None:
    plan = host(part("postgres", "postgres"), part("jitsi", "web", "jicofo"))
    web = listed("jitsi", "web", "running", "Up 1 minute (healthy)")
    parts = parts_of(plan, containers(f"{RUNNING}\n{web}"))
    assert [(p.name, p.well) for p in parts] == [("postgres", True), ("jitsi", False)]


def test_all_is_well() -> None:
    found = looked(host(part("postgres", "postgres")), answers())
    assert {o.state for o in found} == {State.OK}, found


def test_a_container_that_is_gone_and_one_that_is_ill() -> None:
    plan = host(part("postgres", "postgres"), part("mattermost", "mattermost"))
    ill = listed("mattermost", "mattermost", "running", "Up 3 hours (unhealthy)")
    found = by(looked(plan, answers(docker=(0, ill))), "containers")
    assert [o.message for o in found if o.state is State.BAD] == [
        "postgres: postgres is not there",
        "mattermost: mattermost is unhealthy",
    ]
    assert "docker compose -p chatops-mattermost logs mattermost" in found[1].hint


def test_docker_is_down() -> None:
    found = by(looked(host(), answers(docker=(1, ""))), "containers")
    assert found[0].state is State.BAD
    assert "Docker does not answer" in found[0].message


@pytest.mark.parametrize(
    ("free", "state"), [(30_000_000, State.OK), (3_000_000, State.WARNING), (500_000, State.BAD)]
)
def test_the_disk(free: int, state: State) -> None:
    text = DF + f"/dev/vda1 41152736 1 {free} 9% /\n"
    assert [o.state for o in by(looked(host(), answers(df=(0, text))), "disk")] == [state]


def test_a_clock_that_is_off() -> None:
    found = by(looked(host(), answers(date=(0, f"{time.time() - 90:.3f}"))), "clock")
    assert found[0].state is State.BAD
    assert "90 seconds off" in found[0].message


def test_a_failed_unit_is_named() -> None:
    text = "chatops-backup.service loaded failed failed Backup\n"
    found = by(looked(host(), answers(systemctl=(0, text))), "services")
    assert found[0].message == "failed: chatops-backup.service"


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        ("200", State.OK, "has a bridge that works"),
        ("500", State.BAD, "no bridge: nobody meets"),
        ("404", State.BAD, "jicofo answers 404"),
        ("000", State.BAD, "jicofo is silent"),
        ("", State.BAD, "jicofo is silent"),
    ],
)
def test_the_video_is_judged_by_jicofo(answer: str, state: State, words: str) -> None:
    found = by(looked(host(part("jitsi", "jicofo")), answers(jicofo=(0, answer))), "video")
    assert found[0].state is state
    assert words in found[0].message


RULE = (
    "meta l4proto udp ct status dnat ct original proto-dst 10000 counter packets {} bytes 9 accept"
)


@pytest.mark.parametrize(
    ("before", "after", "state"),
    [(RULE.format(4), RULE.format(7), State.OK), (RULE.format(4), RULE.format(4), State.BAD)],
)
def test_media_that_arrives_is_counted(before: str, after: str, state: State) -> None:
    told = answers(nft=[(0, before), (0, after)])
    found = by(looked(host(part("bridge", "jvb")), told), "media")
    assert found[0].state is state


def test_a_firewall_that_does_not_count_is_no_verdict() -> None:
    found = by(looked(host(part("bridge", "jvb")), answers(nft=(0, "accept"))), "media")
    assert found[0].state is State.UNKNOWN


@pytest.mark.parametrize(
    ("answer", "state"),
    [((0, "220"), State.OK), ((124, ""), State.WARNING), ((1, ""), State.BAD)],
)
def test_mail(answer: tuple[int, str], state: State) -> None:
    mail = Mail(host="mail.acme.example", port=587)
    found = by(looked(host(), answers(mail=answer), mail=mail), "mail")
    assert found[0].state is state

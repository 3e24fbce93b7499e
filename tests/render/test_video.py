"""The traps of Jitsi, each by its choice in what is rendered (docs/concepts/video.md)."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from chatops.deploy.render import Installation, secret_files
from chatops.deploy.render.project import NETWORKS, VIDEO
from chatops.errors import InstallError
from chatops.secrets import Secret
from tests.render.company import ACME, CASES, INTERNAL, MATTERMOST, Case, installation
from tests.render.company import VIDEO as MEETINGS

FLAG = re.compile(
    r"(ENABLE|DISABLE)_|_(ENABLE|DISABLE)_|JWT_ALLOW_EMPTY|IGNORE_|WAIT_FOR_HOST_DISABLE"
)
WAIT = Case()
DENY = Case(more=MEETINGS + "  guests: deny\n" + ACME)
OPEN = Case(more=MEETINGS + "  auth: open\n" + ACME)
EVERY = {"wait": WAIT, "deny": DENY, "open": OPEN, **CASES}


def services(planned: Installation, *parts: str) -> dict[str, dict[str, Any]]:
    """The services of these parts, from what compose reads."""
    found: dict[str, dict[str, Any]] = {}
    for host in planned.hosts:
        for part in host.parts:
            if part.name in parts:
                text = next(f.text for f in part.files if f.path.endswith("compose.yaml"))
                found |= yaml.safe_load(text)["services"]
    return found


def environments(case: Case, folder: Path) -> dict[str, dict[str, str]]:
    found = services(installation(case, folder), "jitsi", "bridge", "recorder")
    return {name: dict(service["environment"]) for name, service in found.items()}


@pytest.fixture(params=sorted(EVERY))
def case(request: pytest.FixtureRequest) -> Case:
    return EVERY[request.param]


def test_yes_and_no_are_digits(case: Case, tmp_path: Path) -> None:
    for service, values in environments(case, tmp_path).items():
        flags = {k: v for k, v in values.items() if FLAG.search(k)}
        assert set(flags.values()) <= {"0", "1"}, (service, flags)


def test_no_value_is_empty(case: Case, tmp_path: Path) -> None:
    for values in environments(case, tmp_path).values():
        assert all(v and v.strip() == v for v in values.values())
    if MEETINGS in case.more and "auth: open" not in case.more:
        assert environments(case, tmp_path / "b")["prosody"]["JWT_APP_ID"] == "chatops"


def test_the_inner_names_are_let_be(case: Case, tmp_path: Path) -> None:
    for values in environments(case, tmp_path).values():
        assert not [k for k in values if k.startswith("XMPP_") and k.endswith("DOMAIN")]


@pytest.mark.parametrize("case", [WAIT, DENY], ids=["wait", "deny"])
def test_a_closed_server_is_closed_throughout(case: Case, tmp_path: Path) -> None:
    found = environments(case, tmp_path)
    for service in ("web", "prosody", "jicofo"):
        assert found[service]["ENABLE_AUTH"] == "1"
        assert found[service]["AUTH_TYPE"] == "jwt"
    prosody = found["prosody"]
    assert prosody["JWT_ALLOW_EMPTY"] == "0"
    assert prosody["JWT_ENABLE_DOMAIN_VERIFICATION"] == "0"
    assert prosody["JWT_ACCEPTED_ISSUERS"] == prosody["JWT_ACCEPTED_AUDIENCES"] == "chatops"
    planned = installation(case, tmp_path / "again")
    needed = {n for h in planned.hosts for p in h.parts for s in p.secrets for n in s.needs}
    assert "video_app_secret" in needed


def test_an_open_server_says_nothing_of_tokens(tmp_path: Path) -> None:
    for values in environments(OPEN, tmp_path).values():
        assert not [k for k in values if "AUTH" in k or k.startswith("JWT_")]


def test_guests_wait(tmp_path: Path) -> None:
    found = environments(WAIT, tmp_path)
    prosody, jicofo = found["prosody"], found["jicofo"]
    assert prosody["ENABLE_GUESTS"] == found["web"]["ENABLE_GUESTS"] == "1"
    assert prosody["XMPP_MUC_MODULES"] == "muc_wait_for_host"
    assert prosody["XMPP_MODULES"] == "persistent_lobby"
    assert prosody["ENABLE_LOBBY"] == "1"
    assert jicofo["JICOFO_ENABLE_AUTH"] == jicofo["ENABLE_AUTO_OWNER"] == "0"


def test_guests_are_denied(tmp_path: Path) -> None:
    found = environments(DENY, tmp_path)
    assert found["prosody"]["ENABLE_GUESTS"] == found["web"]["ENABLE_GUESTS"] == "0"
    assert "XMPP_MUC_MODULES" not in found["prosody"]
    assert "JICOFO_ENABLE_AUTH" not in found["jicofo"]


RELAY = Case(
    more=MEETINGS + "  turn: {url: 'turns:turn.example.net:443', secret: env:TURN_SECRET}\n" + ACME
)


@pytest.mark.parametrize(
    "value", ["0", "f", "false", "short", 'quote"quote', "back\\slash", "line\nbreak", "a, b, c, d"]
)
def test_secrets_that_jitsi_cannot_take_are_refused(value: str, tmp_path: Path) -> None:
    planned = installation(RELAY, tmp_path)
    values = {n.name: Secret("Good0123456789") for n in planned.secrets}
    assert secret_files(planned, values)
    with pytest.raises(InstallError) as caught:
        secret_files(planned, values | {"turn_secret": Secret(value)})
    assert "env:TURN_SECRET cannot be used" in str(caught.value)
    assert value not in str(caught.value) or len(value) < 2


def test_accounts_are_in_memory(tmp_path: Path) -> None:
    prosody = services(installation(WAIT, tmp_path), "jitsi")["prosody"]
    assert any(t.startswith("/var/lib/prosody:") for t in prosody["tmpfs"])
    assert not prosody.get("volumes")


def test_jicofo_tells_the_health(case: Case, tmp_path: Path) -> None:
    planned = installation(case, tmp_path)
    for host in planned.hosts:
        for part in host.parts:
            if part.name == "jitsi":
                jicofo = services(planned, "jitsi")["jicofo"]
                assert jicofo["environment"]["JICOFO_ENABLE_HEALTH_CHECKS"] == "1"
                assert "/about/health" in " ".join(jicofo["healthcheck"]["test"])
                assert "jicofo" not in part.healthy, "it would wait for a bridge that starts later"
                assert part.healthy_at_end == ("jicofo",)


def test_java_is_given_a_size(case: Case, tmp_path: Path) -> None:
    found = services(installation(case, tmp_path), "jitsi", "bridge")
    for name, variable in (("jicofo", "JICOFO_MAX_MEMORY"), ("jvb", "VIDEOBRIDGE_MAX_MEMORY")):
        if name in found:
            heap = int(found[name]["environment"][variable].removesuffix("m"))
            limit = int(found[name]["mem_limit"].removesuffix("m"))
            assert heap + 256 <= limit < 4096


def test_the_bridge_finds_its_own_address(tmp_path: Path) -> None:
    assert NETWORKS[VIDEO] is False
    assert VIDEO in services(installation(WAIT, tmp_path), "bridge")["jvb"]["networks"]


def test_the_bridge_asks_no_stranger(case: Case, tmp_path: Path) -> None:
    for name, values in environments(case, tmp_path).items():
        if name == "jvb":
            assert values["JVB_DISABLE_STUN"] == "1"
            assert values["JVB_ADVERTISE_IPS"]
        assert not [v for v in values.values() if "jitsi.net" in v]
        assert not [k for k in values if "COLIBRI" in k]


def test_caddy_alone_has_certificates(tmp_path: Path) -> None:
    web = environments(WAIT, tmp_path)["web"]
    assert (web["DISABLE_HTTPS"], web["ENABLE_LETSENCRYPT"]) == ("1", "0")
    assert web["ENABLE_HTTP_REDIRECT"] == "0"


def test_a_change_to_the_chat_touches_no_meeting(tmp_path: Path) -> None:
    def rendered(case: Case, name: str) -> dict[str, str]:
        planned = installation(case, tmp_path / name)
        parts = [p for h in planned.hosts for p in h.parts]
        return {f.path: f.text for p in parts for f in p.files}

    before = rendered(WAIT, "before")
    after = rendered(
        Case(
            chat=MATTERMOST.replace("11.7", "11.6.2").replace("team", "entry"),
            environment="target: hosts\nmemory: {mattermost: 4GiB}\n",
        ),
        "after",
    )
    changed = {path for path in before.keys() | after if before.get(path) != after.get(path)}
    assert changed == {"/opt/chatops/mattermost/compose.yaml"}


def test_the_recorder_is_judged_by_what_it_says(tmp_path: Path) -> None:
    found = services(installation(CASES["recording-and-relay"], tmp_path), "recorder")["jibri"]
    assert '"healthStatus":"HEALTHY"' in found["healthcheck"]["test"][1]
    assert found["shm_size"] == "2048m"
    internal = Case(more=MEETINGS + "  recording: true\n" + INTERNAL)
    values = environments(internal, tmp_path / "internal")["jibri"]
    assert values["IGNORE_CERTIFICATE_ERRORS"] == "1"

"""What is written for each kind of installation, whole, and what holds for all of them."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from chatops.deploy.render import Installation, files, secret_files
from chatops.deploy.render.manifest import SAFE
from chatops.secrets import Secret
from tests.render.company import CASES, installation

GOLDEN = Path(__file__).parents[1] / "golden" / "render"


@pytest.fixture(params=sorted(CASES))
def case(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def planned(case: str, tmp_path: Path) -> Installation:
    return installation(CASES[case], tmp_path)


def canaries(planned: Installation) -> dict[str, Secret]:
    return {n.name: Secret(f"Canary{n.name.replace('_', '')}") for n in planned.secrets}


def test_the_tree(
    case: str, planned: Installation, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    found = {f.path: f.text for f in files(planned)}
    assert found == {f.path: f.text for f in files(planned)}
    folder = GOLDEN / case
    if request.config.getoption("--update-golden"):
        shutil.rmtree(folder, ignore_errors=True)
        for path, text in found.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    there = {
        str(p.relative_to(folder)): p.read_text(encoding="utf-8")
        for p in folder.rglob("*")
        if p.is_file()
    }
    assert sorted(found) == sorted(there)
    for path in found:
        assert found[path] == there[path], path


def test_no_secret_is_in_the_tree(planned: Installation) -> None:
    values = canaries(planned)
    text = "".join(f.text for f in files(planned))
    assert not [n for n, v in values.items() if v.reveal() in text]


def test_every_secret_arrives(planned: Installation) -> None:
    values = canaries(planned)
    found = [f for on_host in secret_files(planned, values).values() for f in on_host]
    for name, value in values.items():
        holders = [f for f in found if value.reveal() in f.content.reveal()]
        assert holders, name
        assert all(f.mode in (0o600, 0o400) for f in holders)
    listed = {
        text["path"]: text["needs"]
        for f in files(planned)
        if f.path.endswith("host.json")
        for part in json.loads(f.text)["parts"]
        for text in part["secrets"]
    }
    assert sorted(listed) == sorted({f.path for f in found})


def test_no_template_can_hide_in_what_ansible_reads(planned: Installation) -> None:
    def strings(value: object) -> list[str]:
        if isinstance(value, str):
            return [value]
        if isinstance(value, dict):
            return [t for k, v in value.items() for t in (k, *strings(v))]
        return [t for v in value for t in strings(v)] if isinstance(value, list) else []

    for file in files(planned):
        if file.path.endswith("host.json"):
            assert [t for t in strings(json.loads(file.text)) if not SAFE.fullmatch(t)] == []


def test_every_service_is_closed_down(planned: Installation) -> None:
    for file in files(planned):
        if not file.path.endswith("/compose.yaml"):
            continue
        for name, service in yaml.safe_load(file.text)["services"].items():
            assert service["restart"] == "unless-stopped", name
            assert service["cap_drop"] == ["ALL"], name
            assert service["security_opt"] == ["no-new-privileges:true"], name
            assert service["logging"]["options"]["max-size"], name
            assert service["mem_limit"], name
            assert service["healthcheck"]["test"], name
            assert set(service.get("cap_add", [])) <= {"NET_BIND_SERVICE"}, name
            assert not service.get("privileged"), name
            assert not service.get("network_mode") or name == "coturn"
            mounts = [m["source"] for m in service.get("volumes", []) if m["type"] == "bind"]
            assert not any("docker.sock" in m for m in mounts), name


def test_only_what_the_world_needs_is_offered_to_it(planned: Installation) -> None:
    worldwide = {
        (part.name, port.protocol, port.number)
        for host in planned.hosts
        for part in host.parts
        for port in part.ports
        if not port.address and not port.peers
    }
    assert {name for name, _, _ in worldwide} <= {"proxy", "bridge", "turn"}
    for host in planned.hosts:
        for part in host.parts:
            for port in part.ports:
                assert port.loopback or not port.address or port.peers, (host.name, port)


def test_every_mounted_file_is_rendered_or_a_secret(planned: Installation) -> None:
    for host in planned.hosts:
        for part in host.parts:
            made = {f.path for f in part.files} | {s.path for s in part.secrets}
            made |= {f.path for f in part.folders}
            compose = next(f.text for f in part.files if f.path.endswith("/compose.yaml"))
            services = yaml.safe_load(compose)["services"]
            assert set(part.services) == set(services)
            assert set(part.healthy) | set(part.healthy_at_end) <= set(services)
            for service in services.values():
                for mount in service.get("volumes", []):
                    source = mount["source"]
                    if mount["type"] == "bind" and source != "/":
                        assert f"{part.folder}/{source.removeprefix('./')}" in made, source
                for name in service.get("env_file", []):
                    assert f"{part.folder}/{name}" in made

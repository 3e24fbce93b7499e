"""Every rendered file is put before the program that it configures."""

import os
import re
import shutil
from pathlib import Path

import pytest

from chatops.deploy.render import files, secret_files
from chatops.secrets import Secret
from tests.render import programs
from tests.render.company import CASES, installation


@pytest.fixture(params=sorted(CASES))
def tree(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The tree of a case, as it would lie on the hosts, secrets and all: HOST/opt/chatops/…"""
    planned = installation(CASES[request.param], tmp_path / "company")
    root = tmp_path / "root"
    secrets = secret_files(planned, {n.name: Secret("s" * n.length) for n in planned.secrets})
    for host in planned.hosts:
        made = [(f.path, f.text) for p in host.parts for f in p.files]
        made += [(f.path, f.text) for f in host.base]
        made += [(f.path, f.content.reveal()) for f in secrets[host.name]]
        for path, text in made:
            file = root / host.name / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    assert len(files(planned)) > 3
    return root


def found(tree: Path, name: str) -> list[Path]:
    return sorted(p for p in tree.rglob(name) if p.is_file())


def test_compose(tree: Path) -> None:
    for file in found(tree, "compose.yaml"):
        programs.run(*programs.compose(), "-f", str(file), "config", "--quiet", folder=file.parent)


def test_caddy(tree: Path, tmp_path: Path) -> None:
    caddy = programs.program("caddy")
    for file in found(tree, "Caddyfile"):
        text = file.read_text()
        if "/certificates/" in text:
            chain, key = certificate(tmp_path)
            text = text.replace("/certificates/chain.pem", str(chain))
            text = text.replace("/certificates/key.pem", str(key))
        checked = tmp_path / "Caddyfile"
        checked.write_text(text)
        programs.run(caddy, "validate", "--config", str(checked), "--adapter", "caddyfile")


def certificate(folder: Path) -> tuple[Path, Path]:
    chain, key = folder / "chain.pem", folder / "key.pem"
    programs.run(
        *(programs.program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes"),
        *("-subj", "/CN=chat.nordlys.example", "-out", str(chain), "-keyout", str(key)),
    )
    return chain, key


def test_nftables(tree: Path) -> None:
    nft = programs.program("nft")
    for file in found(tree, "firewall.nft"):
        programs.run(*programs.as_root([nft, "-c", "-f", str(file)]))


def test_shell(tree: Path) -> None:
    for file in found(tree, "*.sh"):
        shell = file.read_text().partition("\n")[0].removeprefix("#!").split()[-1]
        programs.run(shell, "-n", str(file))


def test_javascript(tree: Path) -> None:
    for file in found(tree, "*.js"):
        programs.run(programs.program("node"), "--check", str(file))


def test_prometheus(tree: Path) -> None:
    for file in found(tree, "prometheus.yml"):
        programs.run(programs.program("promtool"), "check", "config", str(file))


def test_systemd(tree: Path) -> None:
    analyze = programs.program("systemd-analyze")
    for file in found(tree, "chatops-*.service") + found(tree, "chatops-*.timer"):
        # The program that a unit starts is looked for: on a host it is there.
        text = re.sub(r"^(Exec\w+=)\S+", r"\1/bin/true", file.read_text(), flags=re.MULTILINE)
        file.write_text(text)
        programs.run(analyze, "verify", "--man=no", str(file))


def test_apt(tree: Path) -> None:
    for file in found(tree, "52chatops"):
        said = programs.run(programs.program("apt-config"), "-c", str(file), "dump")
        assert 'APT::Periodic::Unattended-Upgrade "1";' in said
        assert 'Unattended-Upgrade::Automatic-Reboot "false";' in said


def test_sysctl(tree: Path) -> None:
    for file in found(tree, "60-chatops.conf"):
        for line in file.read_text().splitlines():
            if line and not line.startswith("#"):
                name = line.split("=")[0].strip()
                assert (Path("/proc/sys") / name.replace(".", "/")).exists(), name


def test_this_machine_has_what_ci_must_have() -> None:
    """Under CI nothing here is skipped: the list in .ci/run is whole."""
    if os.environ.get("CI"):
        for name in ("caddy", "nft", "promtool", "node", "lua", "openssl", "turnserver", "initdb"):
            programs.program(name)
        programs.compose()
    assert shutil.which("sh")

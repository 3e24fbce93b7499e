"""`render` and `validate` for an environment on hosts, as a person runs them."""

import json
import subprocess
import sys
from pathlib import Path

from tests.render.company import ACME, ALONE, HOSTS, VIDEO, Case, written


def chatops(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "chatops", *words, "-f", "company.yaml", "--env", "prod"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def test_the_first_run_writes_and_the_second_changes_nothing(tmp_path: Path) -> None:
    written(Case(more=ACME), tmp_path)
    first = chatops(tmp_path, "render")
    assert first.returncode == 0, first.stderr
    lines = first.stdout.splitlines()
    assert "  hosts/chat-1/mattermost/compose.yaml" in lines
    assert lines[-1].startswith(f"{len(lines) - 1} files in ")
    assert lines[-1].endswith(f"build/prod, {len(lines) - 1} changed")
    assert "3 images have no digest" in first.stderr
    second = chatops(tmp_path, "render", "--json")
    told = json.loads(second.stdout)
    assert told["changed"] == []
    assert len(told["files"]) == len(lines) - 1
    assert len(told["unpinned"]) == 3


def test_what_is_not_wanted_any_more_goes(tmp_path: Path) -> None:
    written(Case(environment=HOSTS + "monitoring: true\n"), tmp_path)
    assert chatops(tmp_path, "render").returncode == 0
    (tmp_path / "inventories/prod/environment.yaml").write_text(HOSTS)
    again = chatops(tmp_path, "render")
    assert "  removed: hosts/chat-1/monitoring/compose.yaml" in again.stdout
    assert not (tmp_path / "build/prod/hosts/chat-1/monitoring/compose.yaml").exists()
    assert "hosts/chat-1/postgres" not in again.stdout, "what stays is not written again"


def test_what_makes_no_sense_writes_nothing(tmp_path: Path) -> None:
    written(Case(more="video: {url: 'http://meet.nordlys.example'}\n" + ACME), tmp_path)
    for verb in ("render", "validate"):
        done = chatops(tmp_path, verb)
        assert done.returncode == 3
        assert "company.yaml:4:14  error    video.url: must begin with https://" in done.stderr
        assert "video: `public_ips` is missing" in done.stderr
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "build").exists()


def test_remarks_are_made_by_both(tmp_path: Path) -> None:
    hosts = ALONE + "spare: {hosts: {spare-1: }}\n"
    written(Case(more=VIDEO + "  recording: true\n" + ACME, hosts=hosts), tmp_path)
    for verb in ("render", "validate"):
        done = chatops(tmp_path, verb)
        assert done.returncode == 0, done.stderr
        assert "nothing is installed on spare-1" in done.stderr
        assert "chat-1 records and carries the meetings" in done.stderr

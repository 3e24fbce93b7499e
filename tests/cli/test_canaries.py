"""Secrets are planted everywhere and looked for everywhere."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from chatops.platforms.registry import platforms
from tests.cli.conftest import PASSWORD, Place, clean_env, sandbox_secret

CANARIES = {
    "SMTP_PASSWORD": "canary-smtp-7f3a91",
    "S3_ACCESS": "canary-access-5b2c80",
    "S3_SECRET": "canary-secret-e94d17",
}
SPEC = """\
version: 1
company: {name: Acme}
chat: {platform: %s}
policy: {unsupported: note}
smtp: {host: mail.acme.example, username: chat, password: env:SMTP_PASSWORD}
storage:
  files: {backend: s3, endpoint: https://s3.acme.example, bucket: chatfiles, region: eu,
          access_key: env:S3_ACCESS, secret_key: env:S3_SECRET}
users:
  - {username: ann, name: Ann Berg, email: ann@acme.example}
teams:
  - {name: crew, visibility: invite, members: [everyone]}
"""


class Watch(threading.Thread):
    """Looks at every command line on this machine while something runs."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: set[str] = set()
        self.stop = threading.Event()

    def run(self) -> None:
        while not self.stop.wait(0.02):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    self.seen.add(path.read_bytes().decode(errors="replace"))
                except OSError:
                    continue


def found_in(text: str, *more: str) -> list[str]:
    return [c for c in (*CANARIES.values(), PASSWORD, *more) if c in text]


@pytest.mark.parametrize("place", sorted(platforms()), indirect=True)
def test_a_server(place: Place) -> None:
    place.write(SPEC % place.sandbox.workspace.product)
    watch = Watch()
    watch.start()
    runs = [
        place.server("plan", "-v", "--debug", "-o", "p.json", env=CANARIES),
        place.server("plan", "--json", env=CANARIES),
        place.chatops("show", "p.json"),
        place.server("apply", "--yes", "-v", "--debug", env=CANARIES),
        place.server("apply", "--yes", "--json", env=CANARIES),
        place.chatops("validate", "--json"),
    ]
    watch.stop.set()
    watch.join()
    assert [r.code for r in runs] == [0] * 6, [r.err for r in runs if r.code]
    rows = place.private("first-passwords.csv").read_text().splitlines()
    invented = [r.rsplit(",", 1)[1] for r in rows[1:]]
    assert invented
    for run in runs:
        assert not found_in(run.out + run.err, *invented)
    assert not found_in("\n".join(watch.seen), *invented)
    assert not loose_files(place.folder, *invented)
    body = json.loads(runs[1].out)
    assert "(hidden)" not in json.dumps([c for c in body["changes"] if c["kind"] == "user"])


def loose_files(folder: Path, *invented: str) -> list[str]:
    """Files with a secret in them that somebody else could read, or that are no secret's place."""
    wrong = []
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            open_to_others = path.stat().st_mode & 0o077
            text = path.read_bytes().decode(errors="replace")
            places = ("first-passwords.csv", "sandbox.sqlite3", "sandbox.sqlite3-wal")
            if found_in(text, *invented) and (open_to_others or path.name not in places):
                wrong.append(str(path))
    return wrong


def test_a_whole_deploy(tmp_path: Path) -> None:
    (tmp_path / "company.yaml").write_text(SPEC % "mattermost")
    watch = Watch()
    watch.start()
    words = (sys.executable, "-m", "chatops")
    env = {**clean_env(), **CANARIES}
    try:
        done = subprocess.run(
            [*words, "deploy", "--yes", "-v", "--debug"],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        secrets = [sandbox_secret(tmp_path, "mattermost")]
        assert not found_in(done.stdout + done.stderr, *secrets)
        time.sleep(0.1)
        assert not found_in("\n".join(watch.seen), *secrets)
        assert not loose_files(tmp_path, *secrets)
    finally:
        watch.stop.set()
        subprocess.run(
            [*words, "sandbox", "stop"], cwd=tmp_path, env=env, capture_output=True, check=True
        )


def test_the_same_secret_is_no_change_the_next_time(tmp_path: Path) -> None:
    (tmp_path / "company.yaml").write_text(SPEC % "mattermost")
    words = (sys.executable, "-m", "chatops")
    env = {**clean_env(), **CANARIES}
    try:
        for expected in ("done in", "no changes"):
            done = subprocess.run(
                [*words, "deploy", "--yes"],
                cwd=tmp_path,
                env=env,
                capture_output=True,
                text=True,
                timeout=240,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            assert expected in done.stdout
    finally:
        subprocess.run(
            [*words, "sandbox", "stop"], cwd=tmp_path, env=env, capture_output=True, check=True
        )

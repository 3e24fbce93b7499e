"""The Dockerfile's own steps, run here; an engine to build it is not asked for.

What is for root alone (Debian's packages, the account) is read and not run.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from tests import wheel
from tests.cli.conftest import clean_env

DOCKERFILE = (wheel.CHECKOUT / "Dockerfile").read_text(encoding="utf-8")


def instructions() -> list[tuple[str, str]]:
    """(word, rest), with continued lines as one."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.M)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines if line.strip()]


def test_what_it_copies_is_enough_and_let_through(tmp_path: Path) -> None:
    ignore = (wheel.CHECKOUT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignore
    root, steps = tmp_path / "root", instructions()
    (root / "src").mkdir(parents=True)
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    wheel.lend(venv)
    env = {
        **clean_env(),
        "PATH": f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        # So pip reads it: build with what is here.
        "PIP_NO_BUILD_ISOLATION": "0",
        "PIP_FORCE_REINSTALL": "1",
    }
    ran = []
    for word, rest in steps:
        if word == "COPY" and not rest.startswith("--from"):
            *sources, target = shlex.split(rest)
            for source in sources:
                assert f"!{source}" in ignore, "the build would not get it"
                path, to = wheel.CHECKOUT / source, root / "src" / target
                if path.is_dir():
                    shutil.copytree(path, to, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy(path, to / source)
        if word == "RUN" and " pip " in rest:
            here = rest.replace("/wheels", str(root / "wheels"))
            done = subprocess.run(
                ["sh", "-c", here],
                cwd=root / "src",
                env=env,
                capture_output=True,
                text=True,
                check=False,
                timeout=300,
            )
            assert done.returncode == 0, done.stdout + done.stderr
            ran.append(rest)
    assert len(ran) == 2
    assert not (root / "wheels").exists(), "the image does not carry the wheel twice"
    version = [venv / "bin" / "chatops", "--version"]
    done = subprocess.run(
        version, env=env, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("chatops ")


def test_it_has_what_the_jobs_call_and_is_not_root() -> None:
    steps = instructions()
    packages = next(rest for word, rest in steps if "apt-get install" in rest).split()
    assert {"bash", "curl", "git", "jq", "openssh-client", "ca-certificates"} <= set(packages)
    users = [rest for word, rest in steps if word == "USER"]
    assert users == ["1000:1000"]
    assert [word for word, _ in steps][-1] == "CMD"
    assert not any(word == "ENTRYPOINT" for word, _ in steps), "GitLab runs a shell in it"

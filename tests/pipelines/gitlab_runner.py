"""Runs the jobs of a .gitlab-ci.yml as GitLab's runner does with its shell, without containers.

Which jobs an event sets off, and what `extends` comes to, is asked of gitlab-ci-local, another
implementation of GitLab's rules. The scripts are run by bash; artifacts go to the stand-in.
"""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.pipelines.forge import GitLab

Doc = dict[str, Any]
# What the runner puts before each script (shells/bash.go of gitlab-runner).
BASH = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail"]


class Reader:
    """gitlab-ci-local over one file."""

    def __init__(self, modules: Path, file: Path, folder: Path) -> None:
        self._command = ["node", modules / "gitlab-ci-local" / "src" / "index.js"]
        self._folder = folder
        self._listed: dict[tuple[tuple[str, str], ...], list[Doc]] = {}
        folder.mkdir()
        (folder / ".gitlab-ci.yml").write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
        self._git("init", "--quiet", "--initial-branch", "main")
        self._git("remote", "add", "origin", "git@gitlab.example.com:acme/chat.git")
        self._git("add", "--all")
        who = ("-c", "user.name=Ann", "-c", "user.email=ann@acme.example")
        self._git(*who, "commit", "--quiet", "--message", "The pipeline")
        whole = yaml.safe_load(self._ask("--preview"))
        assert isinstance(whole, dict)
        self.whole: Doc = whole

    def _git(self, *words: str) -> None:
        subprocess.run(["git", *words], cwd=self._folder, check=True, capture_output=True)

    def _ask(self, *words: str) -> str:
        done = subprocess.run(
            [*self._command, *words, "--no-json-schema-validation", "--no-color"],
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def jobs(self, **variables: str) -> list[Doc]:
        """The jobs of a pipeline with these variables, in the order of their stages."""
        key = tuple(sorted(variables.items()))
        if key not in self._listed:
            words = [f"--variable={name}={value}" for name, value in key]
            # Its remarks come before the answer.
            _, start, rest = self._ask("--list-json", *words).partition("\n[\n")
            found = json.loads(start + rest)
            self._listed[key] = [job for job in found if job["when"] != "never"]
        return self._listed[key]


@dataclass
class Job:
    """How a job ended, and all that it printed."""

    result: str
    log: str = ""
    folder: Path | None = None


@dataclass
class Pipeline:
    """One pipeline of one commit."""

    reader: Reader
    forge: GitLab
    repository: Path
    folder: Path
    python: Path
    source: str
    sha: str
    secrets: Mapping[str, str]
    branch: str = ""
    request: Doc | None = None
    manual: bool = False
    jobs: dict[str, Job] = field(default_factory=dict)

    def go(self) -> dict[str, Job]:
        """All jobs; one that waits for a hand only where `manual` lends it."""
        variables = {"CI_PIPELINE_SOURCE": self.source, "CI_PROJECT_ID": str(self.forge.project)}
        if self.request:
            variables["CI_MERGE_REQUEST_SOURCE_PROJECT_ID"] = str(self.request["source_project_id"])
        for listed in self.reader.jobs(**variables):
            name = listed["name"]
            if listed["when"] == "manual" and not self.manual:
                self.jobs[name] = Job("manual")
            elif any(job.result == "failed" for job in self.jobs.values()) and self._later(name):
                self.jobs[name] = Job("skipped")
            else:
                self.jobs[name] = self._run(name, self.reader.whole[name])
        if self.request:
            self._keep(self.request)
        return self.jobs

    def _later(self, name: str) -> bool:
        return bool(self.reader.whole[name]["stage"] != self.reader.whole["stages"][1])

    def _keep(self, request: Doc) -> None:
        """What the pages of the merge request and its artifacts show afterwards."""
        job = self.jobs.get("plan")
        kept = job.folder / "plan.json" if job and job.folder and job.result == "success" else None
        content = kept.read_bytes() if kept else None
        self.forge.ran(request["iid"], self.sha, content)

    def _environ(self, name: str) -> dict[str, str]:
        keep = ("HOME", "LANG", "LC_ALL", "TMPDIR")
        environ = {key: value for key, value in os.environ.items() if key in keep}
        environ |= {
            "PATH": f"{self.python.parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONUTF8": "1",
            "CI": "true",
            "GITLAB_CI": "true",
            "CI_API_V4_URL": f"{self.forge.url}/api/v4",
            "CI_PROJECT_ID": str(self.forge.project),
            "CI_COMMIT_SHA": self.sha,
            "CI_DEFAULT_BRANCH": "main",
            "CI_JOB_URL": f"{self.forge.url}/acme/chat/-/jobs/{name}",
            "CI_PIPELINE_SOURCE": self.source,
        }
        if self.branch:
            environ["CI_COMMIT_BRANCH"] = self.branch
        if self.request:
            environ["CI_MERGE_REQUEST_IID"] = str(self.request["iid"])
        return environ | self.reader.whole["variables"] | dict(self.secrets)

    def _run(self, name: str, job: Doc) -> Job:
        folder = self.folder / name
        clone = ["git", "clone", "--quiet", "--no-hardlinks", self.repository, folder]
        subprocess.run(clone, check=True, capture_output=True)
        at = ["git", "-C", folder, "checkout", "--quiet", "--detach", self.sha]
        subprocess.run(at, check=True, capture_output=True)
        for need in job.get("needs", []):
            before = self.jobs.get(need["job"])
            if before and before.folder:
                for path in self.reader.whole[need["job"]]["artifacts"]["paths"]:
                    (folder / path).write_bytes((before.folder / path).read_bytes())
        lines = [*job.get("before_script", []), *job["script"]]
        script = folder.with_suffix(".sh")
        script.write_text("\n".join(lines), encoding="utf-8")
        done = subprocess.run(
            [*BASH, script],
            cwd=folder,
            env=self._environ(name),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        log = f"[{name}]\n{done.stdout}[exit {done.returncode}]\n"
        return Job("success" if done.returncode == 0 else "failed", log, folder)

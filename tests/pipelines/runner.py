"""Runs the jobs of a workflow as GitHub's runner does, as far as the example needs it.

Expressions are evaluated by GitHub's own library, `run` steps are run by bash with the flags that
GitHub's documentation gives for `shell: bash`. A stand-in is what `uses:` names: checkout is
git clone, setup-python leaves the Python of this test, the two uploads hand over to the forge.
"""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.pipelines.forge import GitHub

Doc = dict[str, Any]
HERE = Path(__file__).parent
BASH = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail"]


class _Loader(yaml.SafeLoader):
    """YAML 1.2 in the one point that matters here: `on` is a word."""


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:bool"]
    for letter, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def load(path: Path) -> Doc:
    """A workflow as GitHub reads it."""
    found = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    assert isinstance(found, dict)
    return found


class Expressions:
    """GitHub's library in a process that answers line by line."""

    def __init__(self, modules: Path) -> None:
        self._node = subprocess.Popen(
            ["node", HERE / "expressions.cjs", modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def values(self, texts: list[str], contexts: Doc, status: str, workspace: Path) -> list[Any]:
        """What these expressions come to."""
        assert self._node.stdin and self._node.stdout
        asked = {"contexts": contexts, "status": status, "expressions": texts}
        self._node.stdin.write(json.dumps(asked | {"workspace": str(workspace)}) + "\n")
        self._node.stdin.flush()
        found = json.loads(self._node.stdout.readline())
        assert isinstance(found, list)
        return found

    def close(self) -> None:
        """End the process."""
        self._node.communicate(timeout=30)


@dataclass
class Job:
    """How a job ended, and all that it printed."""

    result: str
    log: str = ""
    summary: str = ""
    steps: dict[str, str] = field(default_factory=dict)


@dataclass
class Run:
    """One event at one commit of one repository."""

    workflow: Doc
    forge: GitHub
    expressions: Expressions
    repository: Path
    folder: Path
    python: Path
    event: str
    payload: Doc
    sha: str
    ref: str
    secrets: Mapping[str, str]
    inputs: Mapping[str, str] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)

    def go(self) -> dict[str, Job]:
        """All jobs, in the order that their needs give."""
        waiting = dict(self.workflow["jobs"])
        while waiting:
            for name, job in list(waiting.items()):
                needs = job.get("needs", [])
                needs = [needs] if isinstance(needs, str) else needs
                if not set(needs) & set(waiting):
                    self.jobs[name] = self._job(name, job, needs)
                    del waiting[name]
        return self.jobs

    def contexts(self, **more: Any) -> Doc:
        """What expressions may speak of."""
        github = {
            "event_name": self.event,
            "event": self.payload,
            "repository": self.forge.repo,
            "ref": self.ref,
            "sha": self.sha,
            "token": self.forge.token,
        }
        needs = {name: {"result": job.result, "outputs": {}} for name, job in self.jobs.items()}
        base = {"github": github, "needs": needs, "inputs": dict(self.inputs)}
        return base | {"env": {}, "secrets": {}, "vars": {}} | more

    def _holds(self, text: str | None, contexts: Doc, status: str, workspace: Path) -> bool:
        """An `if`: success() stands before it unless it asks for the status itself."""
        condition = re.sub(r"^\s*\$\{\{(.*)\}\}\s*$", r"\1", text or "success()", flags=re.S)
        if not re.search(r"\b(success|failure|always|cancelled)\(", condition):
            condition = f"success() && ({condition})"
        return bool(self.expressions.values([condition], contexts, status, workspace)[0])

    def _filled(self, values: Mapping[str, Any], contexts: Doc, workspace: Path) -> dict[str, str]:
        """Values with their `${{ }}` in place."""
        found: dict[str, str] = {}
        for key, value in values.items():
            text = str(value).lower() if isinstance(value, bool) else str(value)
            parts = re.split(r"\$\{\{(.*?)\}\}", text)
            if len(parts) > 1:
                answers = self.expressions.values(parts[1::2], contexts, "success", workspace)
                parts[1::2] = ["" if a is None else str(a) for a in answers]
            found[key] = "".join(parts)
        return found

    def _job(self, name: str, job: Doc, needs: list[str]) -> Job:
        workspace = self.folder / name
        ended = {self.jobs[n].result for n in needs}
        status = "success" if ended <= {"success"} else "failure"
        if not self._holds(job.get("if"), self.contexts(), status, workspace):
            return Job("skipped")
        workspace.mkdir(parents=True)
        # The token of a job holds what the job asked for, and nothing else.
        self.forge.permissions = dict(job.get("permissions", self.workflow["permissions"]))
        self.forge.token = f"ghs_canary_{name}_{self.forge.number()}"
        self.forge.tokens.append(self.forge.token)
        done = Job("success")
        environ = self._environ(workspace, name)
        environ |= self._filled(self.workflow.get("env", {}), self.contexts(), workspace)
        environ |= dict(self.variables)
        for number, step in enumerate(job["steps"]):
            label = step.get("name") or step.get("uses") or str(number)
            contexts = self.contexts(env=environ, secrets=dict(self.secrets))
            state = "success" if done.result == "success" else "failure"
            if not self._holds(step.get("if"), contexts, state, workspace):
                done.steps[label] = "skipped"
                continue
            code = self._step(step, contexts, environ, workspace, done)
            done.steps[label] = "success" if code == 0 else f"exit {code}"
            if code and not step.get("continue-on-error"):
                done.result = "failure"
        summary = workspace.with_suffix(".summary")
        done.summary = summary.read_text(encoding="utf-8") if summary.exists() else ""
        return done

    def _environ(self, workspace: Path, job: str) -> dict[str, str]:
        keep = ("HOME", "LANG", "LC_ALL", "TMPDIR")
        environ = {key: value for key, value in os.environ.items() if key in keep}
        return environ | {
            "PATH": f"{self.python.parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONUTF8": "1",
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.forge.url,
            "GITHUB_SERVER_URL": self.forge.url,
            "GITHUB_REPOSITORY": self.forge.repo,
            "GITHUB_RUN_ID": "4711",
            "GITHUB_SHA": self.sha,
            "GITHUB_REF": self.ref,
            "GITHUB_EVENT_NAME": self.event,
            "GITHUB_WORKSPACE": str(workspace),
            "GITHUB_STEP_SUMMARY": str(workspace.with_suffix(".summary")),
        }

    def _step(
        self, step: Doc, contexts: Doc, environ: Mapping[str, str], workspace: Path, job: Job
    ) -> int:
        if "uses" in step:
            given = self._filled(step.get("with", {}), contexts, workspace)
            return self._action(step["uses"].partition("@")[0], given, workspace, job)
        env = {**environ, **self._filled(step.get("env", {}), contexts, workspace)}
        assert self.workflow["defaults"]["run"]["shell"] == "bash"
        assert "${{" not in step["run"], "what an expression says must not become shell"
        script = workspace.with_suffix(".sh")
        script.write_text(step["run"], encoding="utf-8")
        done = subprocess.run(
            [*BASH, script],
            cwd=workspace,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        job.log += f"##[group]{step.get('name')}\n{done.stdout}"
        return done.returncode

    def _action(self, action: str, given: Mapping[str, str], workspace: Path, job: Job) -> int:
        if action == "actions/checkout":
            assert given["persist-credentials"] == "false"
            clone = ["git", "clone", "--quiet", "--no-hardlinks", self.repository, workspace]
            subprocess.run(clone, check=True, capture_output=True)
            at = ["git", "-C", workspace, "checkout", "--quiet", "--detach", self.sha]
            subprocess.run(at, check=True, capture_output=True)
        elif action == "actions/setup-python":
            assert re.fullmatch(r"3\.\d+", given["python-version"])
        elif action == "actions/upload-artifact":
            path = workspace / given["path"]
            if not path.exists():
                job.log += f"No files were found with the provided path: {given['path']}\n"
                return 1
            head = (self.payload.get("pull_request") or {}).get("head", {}).get("sha", self.sha)
            self.forge.keep(given["name"], head, path.read_bytes())
        elif action == "github/codeql-action/upload-sarif":
            if self.forge.permissions.get("security-events") != "write":
                job.log += "Resource not accessible by integration\n"
                return 1
            self.forge.scanned.append(json.loads((workspace / given["sarif_file"]).read_text()))
        else:
            raise AssertionError(f"nobody stands in for {action}")
        return 0

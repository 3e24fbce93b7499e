"""A repository with a company in it, a server, and a forge."""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from chatops.platforms.base import AdminSeed, Network
from chatops.platforms.registry import platforms
from chatops.sandbox import Sandbox
from chatops.secrets import Secret
from tests import wheel
from tests.cli.conftest import clean_env
from tests.clients import install
from tests.pipelines.runner import Expressions

EXAMPLES = wheel.CHECKOUT / "examples" / "pipelines"
PASSWORD = "canary-Server-password-1!"
COMPANY = """\
version: 1
company: {name: Acme}
chat: {platform: %s}
smtp: {host: mail.acme.example, from: "Acme <chat@acme.example>"}
sign_in: {onboarding: mail}
policy: {unsupported: note, max_removals: 2}
users:
  - {username: ann, name: Ann Berg, email: ann@acme.example}
  - {username: ben, name: Ben Dahl, email: ben@acme.example}
  - {username: cem, name: Cem Kaya, email: cem@acme.example}
teams:
  - name: crew
    visibility: invite
    members: [everyone]
    channels:
      - {name: dispatch, topic: "On duty: 112", members: [ann, ben]}
"""


@pytest.fixture(scope="session")
def modules() -> Path:
    """What npm has for these tests."""
    if not install.runnable():
        pytest.skip("Node or npm is not installed")
    try:
        return install.installed(Path(__file__).parent)
    except install.UnreachableError as error:
        pytest.skip(f"npm does not reach its registry: {error}")


@pytest.fixture(scope="session")
def expressions(modules: Path) -> Iterator[Expressions]:
    made = Expressions(modules)
    yield made
    made.close()


@pytest.fixture(scope="session")
def tools() -> None:
    """What the shell of a job calls besides chatops."""
    for name in ("bash", "curl", "git", "jq"):
        if not shutil.which(name):
            pytest.skip(f"{name} is not installed")


@dataclass(frozen=True)
class Runner:
    """A machine of the forge: its Python, and where chatops comes from there."""

    python: Path
    wheel: Path

    @property
    def variables(self) -> Mapping[str, str]:
        """pip installs the wheel and fetches nothing: the other packages are lent."""
        return {
            "CHATOPS": str(self.wheel),
            "PIP_NO_INDEX": "1",
            "PIP_NO_DEPS": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory, tools: None) -> Runner:
    folder = tmp_path_factory.mktemp("machine")
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    wheel.lend(folder / "venv")
    made = Runner(folder / "venv" / "bin" / "python", wheel.build(folder))
    # In a venv that borrows, pip would take the borrowed chatops for the one that is asked for.
    install = [made.python, "-m", "pip", "install", "--quiet", "--force-reinstall", made.wheel]
    subprocess.run(install, env={**clean_env(), **made.variables}, check=True)
    return made


class Repository:
    """A git repository, worked on as an engineer does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "--quiet", "--initial-branch", "main")

    def git(self, *words: str) -> str:
        who = (
            "-c",
            "user.name=Ann",
            "-c",
            "user.email=ann@acme.example",
            "-c",
            "commit.gpgsign=false",
        )
        done = subprocess.run(
            ["git", *who, *words], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, message: str, **files: str) -> str:
        """Write files (`__` is `/`, and `.yaml` is understood), and commit them."""
        for name, text in files.items():
            path = self.folder / (name.replace("__", "/") + ".yaml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def edit(self, old: str, new: str, message: str = "a change") -> str:
        """Change the company file where it says `old`, and commit it."""
        path = self.folder / "company.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return self.commit(message)

    def branch(self, name: str) -> None:
        self.git("checkout", "--quiet", "-B", name, "main")

    def merge_commit(self, branch: str) -> str:
        """What a pull request is checked out as: the branch in main."""
        self.git("checkout", "--quiet", "--detach", "main")
        self.git("merge", "--quiet", "--no-ff", "--message", f"Merge {branch}", branch)
        made = self.git("rev-parse", "HEAD")
        self.git("checkout", "--quiet", branch)
        return made

    def squash(self, branch: str) -> str:
        """Merge as one new commit on main."""
        self.git("checkout", "--quiet", "main")
        self.git("merge", "--quiet", "--squash", branch)
        return self.commit(f"{branch} (squashed)")


@dataclass
class Chat:
    """The server that the company's chat runs on."""

    sandbox: Sandbox
    product: str
    secrets: Mapping[str, str]
    environment: str

    def by_hand(
        self, repository: Repository, verb: str, *words: str, file: str = "company.yaml"
    ) -> int:
        """An administrator at their own machine."""
        done = subprocess.run(
            [sys.executable, "-m", "chatops", verb, "--env", "production", "-f", file, *words],
            cwd=repository.folder,
            env={**clean_env(), **self.secrets},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return done.returncode

    def channels(self) -> set[str]:
        return {c.name for team in self.sandbox.workspace.view().teams for c in team.channels}

    def topic(self, channel: str) -> str:
        view = self.sandbox.workspace.view()
        return next(c.topic for t in view.teams for c in t.channels if c.name == channel)


@pytest.fixture
def chat(request: pytest.FixtureRequest) -> Iterator[Chat]:
    product = getattr(request, "param", "mattermost")
    with Sandbox(product) as sandbox:
        admin = AdminSeed(
            username="boss", email="boss@acme.example", name="Boss", password=Secret(PASSWORD)
        )
        platforms()[product].bootstrap(sandbox.url, admin, Network())
        secrets = {"CHATOPS_PASSWORD": PASSWORD}
        login = "{username: boss, password: env:CHATOPS_PASSWORD}"
        environment = f"target: server\nurl: {sandbox.url}\ncredential: {login}\n"
        yield Chat(sandbox, product, secrets, environment)


@pytest.fixture
def repository(tmp_path: Path, chat: Chat, tools: None) -> Repository:
    """The company on main, and applied to the server once by hand."""
    made = Repository(tmp_path / "repository")
    made.commit(
        "The company",
        company=COMPANY % chat.product,
        inventories__production__environment=chat.environment,
    )
    assert chat.by_hand(made, "apply", "--yes") == 0
    assert not os.path.lexists(made.folder / "plan.json")
    return made


@pytest.fixture(scope="session")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """This checkout as a repository of hooks, and its commit."""
    made = Repository(tmp_path_factory.mktemp("hooks") / "chatops")
    names = ("chatops", "playbooks", "templates", "inventories")
    for name in names:
        shutil.copytree(
            wheel.CHECKOUT / name,
            made.folder / name,
            ignore=shutil.ignore_patterns("__pycache__", ".chatops"),
        )
    for name in ("pyproject.toml", "README.md", ".pre-commit-hooks.yaml"):
        shutil.copy(wheel.CHECKOUT / name, made.folder)
    return made.folder, made.commit("The hooks")


@pytest.fixture(scope="session")
def environ(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """pre-commit installs the hooks for real; the packages that they need are lent."""
    return {
        **clean_env(),
        "PRE_COMMIT_HOME": str(tmp_path_factory.mktemp("pre-commit")),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "0",
        "PYTHONPATH": sysconfig.get_path("purelib"),
        "GIT_AUTHOR_NAME": "Ann",
        "GIT_AUTHOR_EMAIL": "ann@acme.example",
        "GIT_COMMITTER_NAME": "Ann",
        "GIT_COMMITTER_EMAIL": "ann@acme.example",
    }

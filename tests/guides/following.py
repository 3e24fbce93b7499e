"""A guide, done step by step as its reader does it.

`$ command` lines are run by a shell; what stands under one must be in what it says, line by line
and in that order, with … for anything. A comment before a block says what becomes of it: `file
NAME` is written, `into NAME, behind: LINE` is put behind that line, `in NAME, for: WORDS` takes
their place.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.cli.conftest import clean_env

GUIDES = Path(__file__).parents[2] / "docs" / "guides"
_BLOCK = re.compile(r"(?:^<!-- ([^\n]*) -->\n)?^```(\w+)\n(.*?)^```", re.M | re.S)


@dataclass(frozen=True)
class Step:
    """A command with what it should say, or a block with what becomes of it."""

    command: str = ""
    says: tuple[str, ...] = ()
    what: str = ""
    text: str = ""


def steps(name: str) -> list[Step]:
    text = (GUIDES / f"{name}.md").read_text(encoding="utf-8")
    found: list[Step] = []
    for what, kind, body in _BLOCK.findall(text):
        if kind == "console":
            found += _commands(body)
        elif what:
            found.append(Step(what=what, text=body))
    return found


def _commands(body: str) -> Iterator[Step]:
    parts = re.split(r"^\$ ", body, flags=re.M)
    assert not parts[0].strip(), "a console block begins with a command"
    for part in parts[1:]:
        command, *says = part.rstrip("\n").split("\n")
        yield Step(command=command, says=tuple(line for line in says if line.strip()))


@dataclass
class Reader:
    """Somebody at a shell, in a folder."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    instead: Mapping[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def follow(self, step: Step) -> None:
        if step.command:
            self._run(step)
        else:
            self._edit(step)

    def _replaced(self, text: str) -> str:
        for old, new in self.instead.items():
            text = text.replace(old, new)
        return text

    def _run(self, step: Step) -> None:
        line, _, remark = step.command.partition("  # ")
        line = self._replaced(line.strip())
        wanted = re.search(r"exit (\d)", remark)
        if re.match(r"chatops (deploy|apply)\b(?!.*--yes)(?!.*\.json)", line):
            line += " --yes"  # nobody is here to be asked
        git = {
            f"GIT_{who}_{what}": "ida@acme.example"
            for who in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        }
        tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        code, out = self._shell(line, {**clean_env(), **git, "PATH": tools, **self.env})
        assert code == (int(wanted[1]) if wanted else 0), f"{line}\n{out}"
        self.said.append(out)
        _in_order([self._replaced(says) for says in step.says], out, line)

    def _shell(self, line: str, env: Mapping[str, str]) -> tuple[int, str]:
        """Run it; where it leaves us is where the next one begins."""
        mark = "@@ where it ends:"
        script = f'{line}\ncode=$?\necho "{mark} $(pwd)"\nexit $code\n'
        done = subprocess.run(
            ["sh", "-c", script],
            cwd=self.folder,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=240,
        )
        out, _, where = done.stdout.rpartition(mark)
        self.folder = Path(where.strip())
        return done.returncode, out

    def _edit(self, step: Step) -> None:
        text = self._replaced(step.text)
        if found := re.fullmatch(r"file (\S+)", step.what):
            path = self.folder / found[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif found := re.fullmatch(r"into (\S+), behind: (.+)", step.what):
            path = self.folder / found[1]
            lines = path.read_text(encoding="utf-8").split("\n")
            (at,) = (i for i, line in enumerate(lines) if line.strip() == found[2])
            lines.insert(at + 1, text.rstrip("\n"))
            path.write_text("\n".join(lines), encoding="utf-8")
        elif found := re.fullmatch(r"in (\S+), for: (.+)", step.what):
            path = self.folder / found[1]
            before = path.read_text(encoding="utf-8")
            assert before.count(found[2]) == 1, step.what
            path.write_text(before.replace(found[2], text.strip()), encoding="utf-8")
        else:
            raise AssertionError(step.what)


def _in_order(wanted: list[str], out: str, line: str) -> None:
    said = iter([" ".join(text.split()) for text in out.split("\n")])
    for text in wanted:
        form = ".*".join(re.escape(part) for part in " ".join(text.split()).split("…"))
        assert any(re.fullmatch(form, one) for one in said), f"{line}: {text!r} is not in\n{out}"

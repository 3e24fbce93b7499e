"""The resolved company: all that was said, where, and nothing that was not."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from chatops.deploy.company import load_company
from chatops.environments import override_file
from chatops.spec import load
from chatops.spec.resolved import resolve_company
from tests.spec.test_several_files import BASE, HEAD, TEAMS, tree

NORDLYS = Path(__file__).parents[2] / "examples" / "nordlys" / "company.yaml"


def test_every_value_has_its_origin(tmp_path: Path) -> None:
    path = tree(
        tmp_path,
        {
            "company.yaml": HEAD + BASE.replace("587}", "587, password: env:SMTP_PASSWORD}"),
            "inventories/staging/override.yaml": "smtp: {host: localhost}\n",
        },
    )
    loaded = load(path, override_file("staging", path))
    resolved = resolve_company(loaded, {("chat", "version"): ("11.7", "default of mattermost")})
    text = resolved.to_yaml()
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "host: localhost # inventories/staging/override.yaml:1" in lines
    assert "port: 587 # company.yaml:4" in lines
    assert "password: env:SMTP_PASSWORD # company.yaml:4" in lines
    assert 'version: "11.7" # default of mattermost' in lines
    assert "onboarding: file # default" in lines
    body = resolved.to_json()
    assert body["company"] == yaml.safe_load(text)
    assert body["origins"]["teams[0].channels[1].private"] == {
        "file": str(path),
        "line": 11,
        "column": 73,
    }
    assert body["origins"]["policy.min_admins"] == "default"

    def leaves(value: Any, at: str) -> list[str]:
        if isinstance(value, dict):
            return [x for k, v in value.items() for x in leaves(v, f"{at}.{k}")]
        if isinstance(value, list):
            inner = [x for i, v in enumerate(value) for x in leaves(v, f"{at}[{i}]")]
            return [at] if at.removeprefix(".") in body["origins"] else inner
        return [at]

    assert {x.removeprefix(".") for x in leaves(body["company"], "")} == set(body["origins"])


@pytest.mark.parametrize("files", [TEAMS, {"company.yaml": HEAD + BASE}, None])
def test_is_a_company_file_again(tmp_path: Path, files: dict[str, str] | None) -> None:
    path = NORDLYS if files is None else tree(tmp_path, files)
    company = load_company(path)
    text = resolve_company(company.loaded, company.decided()).to_yaml()
    again = tree(tmp_path / "again", {"company.yaml": text})
    before = company.loaded.spec
    chat = before.chat.model_copy(update={"edition": "team", "version": "11.7"})
    assert load(again).spec == before.model_copy(update={"chat": chat})
    twice = load_company(again)
    assert yaml.safe_load(resolve_company(twice.loaded, {}).to_yaml()) == yaml.safe_load(text)

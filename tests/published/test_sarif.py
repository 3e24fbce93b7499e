"""SARIF as its published schema wants it."""

import json
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from chatops.core.checks import RULES
from chatops.errors import Finding, Place, Severity, SpecError
from chatops.review.sarif import sarif
from chatops.spec import load
from tests.cli.conftest import run

ERRORS = Path(__file__).parents[1] / "errors"


@pytest.fixture(scope="session")
def validator(modules: Path) -> Any:
    """The schema that Microsoft's own matcher for test suites carries."""
    path = modules / "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
    return jsonschema.Draft7Validator(json.loads(path.read_text(encoding="utf-8")))


def all_findings() -> list[Finding]:
    found: list[Finding] = []
    for path in sorted(ERRORS.glob("*.yaml")):
        try:
            load(path)
        except SpecError as error:
            found += error.findings
    return found


def test_every_finding_fits_the_schema(validator: Any) -> None:
    findings = all_findings()
    assert len(findings) > 100
    log = sarif(findings, ERRORS)
    assert [e.message for e in validator.iter_errors(log)] == []
    assert [e.message for e in validator.iter_errors(sarif([], ERRORS))] == []
    run_of = log["runs"][0]
    rules = run_of["tool"]["driver"]["rules"]
    assert {r["id"] for r in rules} <= set(RULES)
    for result, finding in zip(run_of["results"], findings, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding.rule
        region = result["locations"][0]["physicalLocation"]["region"]
        assert (region["startLine"], region["startColumn"]) == (
            finding.place.line,
            finding.place.column,
        )
    prints = [r["partialFingerprints"]["chatops/v1"] for r in run_of["results"]]
    assert len(set(prints)) == len(prints)


def test_the_schema_would_refuse_what_is_none(validator: Any) -> None:
    log = sarif(all_findings()[:1], ERRORS)
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert not validator.is_valid(log)


def test_files_are_named_from_the_root_of_the_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "firms/acme").mkdir(parents=True)

    def uri(file: str, folder: str) -> str:
        finding = Finding(
            severity=Severity.NOTE, place=Place(file, 1), path="", message="m", rule="url"
        )
        result = sarif([finding], tmp_path / folder)["runs"][0]["results"][0]
        found: str = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        return found

    assert uri("company.yaml", "firms/acme") == "firms/acme/company.yaml"
    assert uri("../æ b%.csv", "firms/acme") == "firms/%C3%A6%20b%25.csv"
    assert uri(str(tmp_path / "x.yaml"), "firms/acme") == "x.yaml"
    assert uri("/etc/x.yaml", "") == "file:///etc/x.yaml"


def test_a_line_that_moves_keeps_its_fingerprint() -> None:
    def prints(line: int) -> str:
        finding = Finding(
            severity=Severity.ERROR, place=Place("a", line), path="p", message="m", rule="url"
        )
        result = sarif([finding], ERRORS)["runs"][0]["results"][0]
        found: str = result["partialFingerprints"]["chatops/v1"]
        return found

    assert prints(1) == prints(99)


def test_on_the_command_line(tmp_path: Path, validator: Any) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / "company.yaml").write_text(
        "version: 1\ncompany: {nam: Acme}\nchat: {platform: mattermost}\n"
    )
    done = run(tmp_path, "validate", "--format", "sarif")
    assert done.code == 3
    log = json.loads(done.out)
    assert validator.is_valid(log)
    assert [r["ruleId"] for r in log["runs"][0]["results"]] == ["missing-key", "unknown-key"]
    assert "company.yaml:2:11  error" in done.err
    (tmp_path / "company.yaml").write_text(
        "version: 1\ncompany: {name: Acme, timezone: Europe/Oslo}\nchat: {platform: mattermost}\n"
    )
    done = run(tmp_path, "validate", "--format", "sarif")
    assert done.code == 0
    assert [r["level"] for r in json.loads(done.out)["runs"][0]["results"]] == ["note"]

"""Docker publishes no port of a container that is on networks without a way out alone."""

import json
from pathlib import Path

import pytest
import yaml

GOLDEN = Path(__file__).parents[1] / "golden" / "render"
FILES = sorted(GOLDEN.glob("*/hosts/*/*/compose.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: "/".join(p.parts[-5:-1]))
def test_what_is_published_has_a_network_with_a_way_out(path: Path) -> None:
    host = json.loads((path.parents[1] / "host.json").read_text(encoding="utf-8"))
    shut = {n["name"] for n in host["docker"]["networks"] if n["internal"]}
    for name, service in yaml.safe_load(path.read_text(encoding="utf-8"))["services"].items():
        if service.get("ports") and service.get("network_mode") != "host":
            # One that names none is on the default one of its project.
            assert set(service.get("networks", ["default"])) - shut, name

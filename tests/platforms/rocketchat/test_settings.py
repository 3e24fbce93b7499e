"""Settings on a server."""

import pytest

from chatops.errors import ApiError
from chatops.resources import Key, Kind, Setting
from chatops.secrets import Secret
from tests.platforms.rocketchat.conftest import Bench
from tests.platforms.rocketchat.test_settings_table import VALUES


@pytest.mark.parametrize("name", sorted(VALUES))
def test_every_setting_reads_back_as_written(bench: Bench, name: str) -> None:
    before = bench.value(name)
    for value in VALUES[name]:
        bench.set(name, value)
        assert bench.value(name) == value
    bench.set(name, before)
    assert bench.value(name) == before


def test_reading_all_is_one_call(bench: Bench) -> None:
    calls = bench.calls
    found = bench.all(Kind.SETTING)
    assert bench.calls == calls + 1
    assert {key.name for key in found} == set(VALUES)


def test_a_secret_hides_itself(bench: Bench) -> None:
    bench.set("smtp.password", Secret("correct horse battery"))
    value = bench.value("smtp.password")
    assert isinstance(value, Secret)
    assert "horse" not in repr(bench.one(Key(Kind.SETTING, "smtp.password")))
    bench.set("smtp.password", Secret(""))
    assert bench.value("smtp.password") == ""


def test_settings_of_other_products_are_not_there(bench: Bench) -> None:
    assert bench.read(Key(Kind.SETTING, "limits.people_per_team")) == {}
    with pytest.raises(ApiError):
        bench.create(Setting(name="limits.people_per_team", value=500))


def test_a_language_that_there_is_not_is_never_sent(bench: Bench) -> None:
    with pytest.raises(ApiError, match="translated"):
        bench.create(Setting(name="company.locale", value="tlh"))
    assert bench.value("company.locale") != "tlh"

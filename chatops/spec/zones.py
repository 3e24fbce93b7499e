"""The time zones that there are, by the names of the IANA database that this machine has."""

import difflib
import zoneinfo
from functools import cache

__all__ = ["is_zone", "zone_hint"]


def is_zone(name: str) -> bool:
    """Whether there is such a zone. A machine without the database knows no better."""
    return name in _zones() or not _zones()


def zone_hint(name: str) -> str:
    """What was probably meant: the zone of that city, or a slip of the pen."""
    folded = name.strip().casefold().replace(" ", "_")
    # Etc/GMT+1 is an hour west of Greenwich: nobody who writes GMT+1 means it.
    places = [z for z in _zones() if "/" in z and not z.startswith("Etc/")]
    whole = {zone.casefold(): zone for zone in places}
    cities: dict[str, str] = {}
    for zone in sorted(places, key=lambda z: (z.count("/"), z)):
        cities.setdefault(zone.rpartition("/")[2].casefold(), zone)
    city = folded.rpartition("/")[2]
    found = next((z for z in _zones() if z.casefold() == folded), None)
    found = found or cities.get(city) or _near(folded, whole) or _near(city, cities)
    return f"did you mean {found}?" if found else "a zone is named by a city, as Europe/Copenhagen"


def _near(word: str, known: dict[str, str]) -> str | None:
    near = difflib.get_close_matches(word[:100], known, 1, 0.8)
    return known[near[0]] if near else None


@cache
def _zones() -> frozenset[str]:
    # The machine's own zone, and what stands for none, are in the same folder.
    return frozenset(zoneinfo.available_timezones()) - {"localtime", "Factory"}

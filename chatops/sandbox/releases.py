"""Which release each stand-in answers as."""

from typing import Final

RELEASES: Final = {
    "mattermost": ((11, 6, 0), "team"),
    "rocketchat": ((8, 3, 0), "community"),
}

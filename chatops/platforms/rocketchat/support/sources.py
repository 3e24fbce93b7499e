"""How facts of this product are known, in the words of the support table."""

__all__ = ["RECORDED", "in_source"]

RECORDED = "Rocket.Chat 8.3 recorded"


def in_source(path: str, when: str = "8.x") -> str:
    """A file of the vendor's public repository, and of which release it was read."""
    return f"RocketChat/Rocket.Chat {path} ({when})"

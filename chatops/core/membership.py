"""Who should be in: a pure answer, computed before anything is compared."""

from collections.abc import Set

__all__ = ["effective"]


def effective(
    want: Set[str],
    have: Set[str],
    *,
    exact: bool,
    inactive: Set[str],
    me: str,
) -> frozenset[str]:
    """The members to aim for.

    Additive: whoever is in stays. Exact: only those who are wanted, but people who are inactive
    and the account that runs are neither added nor taken out: the first cannot come back in when
    they return, the second would lock itself out.
    """
    hands_off = inactive | {me}
    added = want - hands_off
    return frozenset(added | (have & hands_off if exact else have))

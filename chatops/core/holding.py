"""What of a wanted thing a platform can hold: pure, from its support table."""

from dataclasses import replace
from typing import Any

from chatops.platforms.base import Facts
from chatops.resources import (
    UNSET,
    DirectMessage,
    Kind,
    Resource,
    Role,
    Setting,
    User,
    field_names,
)

__all__ = ["hold"]


def hold(resource: Resource, facts: Facts) -> Resource | None:
    """The resource as the platform can hold it: other fields blank, the rest in its own form.

    None for what it cannot hold at all.
    """
    kind = resource.kind
    if not _holdable(resource, facts):
        return None
    if isinstance(resource, Role):
        role = resource.name
        words = {w: facts.cell(f"permission.{w}.{role}").held for w in _words(resource)}
        may = resource.may if isinstance(resource.may, frozenset) else frozenset()
        resource = replace(
            resource,
            may=frozenset(w for w in may if words[w]),
            may_not=frozenset(w for w in resource.may_not if words[w]),
        )
    if isinstance(resource, Setting):
        if not facts.cell(f"setting.{resource.name}").held:
            resource = replace(resource, value=UNSET)
    else:
        blank: dict[str, Any] = {
            name: UNSET
            for name in field_names(resource, writable=True)
            if getattr(resource, name) is not UNSET and not facts.cell(f"{kind}.{name}").held
        }
        if isinstance(resource, User) and isinstance(resource.roles, frozenset):
            roles = frozenset(r for r in resource.roles if facts.cell(f"role.{r}").held)
            blank |= {} if roles == resource.roles else {"roles": roles or UNSET}
        resource = replace(resource, **blank) if blank else resource
    normalize = facts.normalize.get(kind)
    return normalize(resource) if normalize else resource


def _holdable(resource: Resource, facts: Facts) -> bool:
    if isinstance(resource, Role):
        whose = "role.own" if resource.own else f"role.{resource.name}"
        return facts.cell("role.may").held and facts.cell(whose).held
    if isinstance(resource, DirectMessage) and len(resource.members) > 2:
        return facts.cell("direct-message.group").held
    # A cell for the kind itself; one above its fields alone would be none.
    return resource.kind is Kind.SETTING or facts.support_of_kind(resource.kind).held


def _words(role: Role) -> frozenset[str]:
    return role.may_not | (role.may if isinstance(role.may, frozenset) else frozenset())

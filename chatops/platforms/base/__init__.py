"""The seam: what a platform must offer, so that the engine never has to know which it is.

*cannot* is said in `Facts.support`, *would refuse* in `Facts.rules`, *stores differently* in
`Facts.normalize`, *calls differently* in a `Handler`.
"""

from chatops.platforms.base.changes import (
    Action,
    Change,
    Onboarding,
    Output,
    Problem,
    Removal,
    Result,
    Run,
    Scope,
)
from chatops.platforms.base.facts import (
    Alike,
    Can,
    Cap,
    Facts,
    Length,
    Namespace,
    Never,
    Pattern,
    PictureSize,
    Public,
    Release,
    Reserved,
    Rule,
    Support,
)
from chatops.platforms.base.handlers import GivesOutputs, GivesPictures, Handler, ShowsAgain
from chatops.platforms.base.servers import (
    AdminSeed,
    Credential,
    Limits,
    Network,
    Platform,
    Server,
    Target,
)

__all__ = [
    "Action",
    "AdminSeed",
    "Alike",
    "Can",
    "Cap",
    "Change",
    "Credential",
    "Facts",
    "GivesOutputs",
    "GivesPictures",
    "Handler",
    "Length",
    "Limits",
    "Namespace",
    "Network",
    "Never",
    "Onboarding",
    "Output",
    "Pattern",
    "PictureSize",
    "Platform",
    "Problem",
    "Public",
    "Release",
    "Removal",
    "Reserved",
    "Result",
    "Rule",
    "Run",
    "Scope",
    "Server",
    "ShowsAgain",
    "Support",
    "Target",
]

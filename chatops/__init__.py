"""A company's chat as code: one file in git describes it, `chatops deploy` makes it so."""

__version__ = "0.1.0"

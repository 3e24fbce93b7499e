"""What reading the company file demands: one line for every rule that `load` can find broken."""

from typing import Final

__all__ = ["READING"]

READING: Final[dict[str, str]] = {
    # the file as such
    "file-size": "The file is not larger than 10 MB.",
    "file-encoding": "The file is text in UTF-8.",
    "file-empty": "The file is not empty.",
    "conflict-marker": "No marks of an unsolved merge are left in the file.",
    # YAML
    "yaml-syntax": "The file is YAML.",
    "yaml-tab": "YAML is indented with spaces.",
    "yaml-documents": "The file holds one YAML document.",
    "yaml-duplicate-key": "A key stands once in its block.",
    "yaml-key": "A key is plain text.",
    "yaml-tag": "No type tags: everything is text, numbers, yes/no, lists and blocks.",
    "yaml-anchor": "An alias names an anchor above it.",
    "yaml-cycle": "An anchor does not contain itself.",
    "yaml-merge": "What `<<` merges is a block, or a list of blocks.",
    "yaml-expansion": "Aliases do not unfold to more than 200,000 values.",
    "yaml-values": "The file holds no more than 500,000 values.",
    "yaml-depth": "Nothing is nested deeper than 60 levels.",
    # keys and values
    "unknown-key": "Only keys of the language.",
    "not-built": "Only keys that this version of chatops can carry out.",
    "missing-key": "The keys that a thing cannot do without.",
    "wrong-type": "A value is of the type that its key wants.",
    "choice": "A value is one of its key's choices.",
    "language-version": "The file is written in version 1 of the language.",
    "length": "A text is neither too short nor too long.",
    "range": "A number is neither too small nor too large.",
    "slug": "A name is made of a-z, 0-9 and . _ -.",
    "one-line": "Names and titles are one line.",
    "control-character": "No control characters in texts.",
    "email": "An e-mail address looks like one.",
    "url": "An address begins with https:// or http:// and holds no password.",
    "plain-secret": "A secret is referred to, never written down.",
    "size": "A size is a number with a unit.",
    "removals": "A limit of removals is a number or a share.",
    "format": "A text has the form that its key wants.",
    "value": "A value is one that its key takes.",
    "empty-value": "A key that is there has a value.",
    # twice
    "duplicate-user": "Each user name once, however it is cased.",
    "duplicate-email": "Each e-mail address once, however it is cased.",
    "duplicate-group": "Each group once.",
    "duplicate-role": "Each role once.",
    "duplicate-team": "Each team once.",
    "duplicate-channel": "Each channel once in its team.",
    "too-many": "A file with thousands of errors shows the first 1,000.",
    # several files
    "include": "`include` lists files by their relative paths.",
    "include-file": "An included file can be read.",
    "include-nothing": "A pattern under `include` fits some file.",
    "include-outside": "Included files are in the folder of the company file, or below.",
    "include-cycle": "A file does not include itself, on whatever way.",
    "include-twice": "A file is included once.",
    "include-many": "No more than 1,000 files, with 500,000 values in them.",
    "include-conflict": "A value is given by one file.",
    "override": "An override changes, adds and takes out things by their names.",
    # people from CSV
    "people-from": "`from` stands alone and names a file.",
    "people-file": "The file of people can be read.",
    "csv-header": "The first line names the columns: `username` and any others, each once.",
    "csv-cells": "Every row has as many cells as the first line.",
    "csv-quote": "A quote that is opened is closed.",
    "csv-rows": "A file of people has no more than 100,000 of them.",
    "csv-active": "`active` is yes or no.",
}

"""The fixture `mmscn`: the command line."""

from support.command import mmscn as mmscn

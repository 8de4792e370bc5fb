"""The fixtures `mmscn`, the command line, and `alone`, in this process."""

from support.command import alone as alone
from support.command import mmscn as mmscn

"""The output of `mmscn run`: the text of scenarios one after the other, then the summary, and the
result.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from mmscn.runtime.result import Verdict
from mmscn.show.summary import summary

if TYPE_CHECKING:
    from mmscn.cli.run import Done, Options
    from mmscn.cli.selection import Broken


class Output:
    """Hands on the text of scenarios as they come. quiet: without lines between them."""

    def __init__(self, quiet: bool, write: Callable[[str], object]) -> None:
        self.quiet = quiet
        self.write = write
        self.printed = False

    def pieces(self, texts: Sequence[str]) -> None:
        """One scenario's output, an empty line before it unless it is the first."""
        if texts and self.printed and not self.quiet:
            self.write("\n")
        for text in texts:
            self.write(text)
        self.printed = self.printed or (bool(texts) and not self.quiet)

    def summary(self, reasons: Sequence[Verdict], scenarios: int, rejected: int) -> None:
        """reasons: of each run, HOLDS where it is as expected."""
        if scenarios:
            text = summary(reasons, scenarios=scenarios, rejected=rejected)
            self.write(f"\n{text}\n" if self.printed else f"{text}\n")


def write_result(options: Options, done: list[Done], broken: Broken) -> None:
    """The result of all, in the formats and as the schema that were asked for. Raises Usage."""
    from mmscn.show import result_json, result_json_1

    unread = [one._asdict() for one in broken.unread]
    document = result_json.document([d.json for d in done if d.json], broken.found, unread)
    if options.formats:
        from mmscn.cli import formats

        formats.write(options, done, document)
    if options.as_json == "1":
        sys.stdout.write(result_json_1.written(result_json_1.document(document)))
    elif options.as_json:
        sys.stdout.write(result_json.written(document))

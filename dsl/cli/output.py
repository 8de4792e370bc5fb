"""The text of `mmscn run`: scenarios one after the other, then the summary."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mmscn.runtime.result import Verdict
from mmscn.show.summary import summary


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

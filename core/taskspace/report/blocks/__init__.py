"""One file a block: from plain values to HTML."""

from taskspace.report.blocks.draw import draw

__all__ = ["draw"]

"""From a page of blocks to one self-contained HTML file."""

from taskspace.report.render import render, write_report
from taskspace.report.run_report import run_page, write_run_report

__all__ = ["render", "run_page", "write_report", "write_run_report"]

"""The second stage: networks learn every task, and the halves of every split."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from taskspace.components import Outcomes, Stage
from taskspace.studies.discovery.plan.state import DiscoveryState


def judge(state: DiscoveryState) -> Generator[Stage, Outcomes, DiscoveryState]:
    """Judge what was found."""
    outcomes = yield Stage("judge", state.plan.judged())
    return replace(state, outcomes=outcomes)

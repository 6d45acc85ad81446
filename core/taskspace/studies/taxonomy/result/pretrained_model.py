"""Pretrained sources in a result: beside labelled sources, and in policies with and without."""

from __future__ import annotations

from pydantic import Field

from taskspace.components import Number, Record
from taskspace.studies.taxonomy.result.policy_model import Interval3


class PretrainedTarget(Record):
    """A pretrained source beside what labels bring, for one target on test images.

    That is the best labelled source, null where there is none, and the target's own network.
    """

    target: str = Field(description="The target.")
    labelled: str | None = Field(
        description="The labelled source of highest affinity on `select`; never the target itself."
    )
    wins: Interval3 | None = Field(
        description="Share of test images on which it has a lower loss than the labelled source."
    )
    metric: Number | None = Field(description="The target's metric from the pretrained source.")
    labelled_metric: Number | None = Field(description="From the labelled source.")
    own_wins: Interval3 | None = Field(
        None, description="Share on which it has a lower loss than the target's own network."
    )
    own_metric: Number | None = Field(None, description="The own network's.")


class PretrainedSourceRecord(Record):
    """An encoder that competes with the labelled sources."""

    name: str = Field(description="As the job calls it.")
    encoder: str = Field(description="The encoder component.")
    starts_from: str | None = Field(description="What its weights come from; null where random.")
    trained: bool = Field(description="Whether it has weights at all.")
    licence: str | None = Field(description="Of the weights, as SPDX writes it; null if unknown.")
    label_cost: Number = Field(description="What it costs, in units of the budget.")
    targets: list[PretrainedTarget] = Field(description="By first-order transfers; once tested.")
    mean_wins: Interval3 | None = Field(description="Its wins, mean over targets.")
    mean_own_wins: Interval3 | None = Field(
        None, description="Its wins over own networks, mean over targets."
    )


class AddedRates(Record):
    """A mean win rate under a budget, with all sources and with less to use."""

    both: Interval3 | None = Field(description="With labels and pretrained sources.")
    labels: Interval3 | None = Field(description="Without pretrained sources.")
    pretrained: Interval3 | None = Field(description="Without labels that cost something.")
    added_by_pretrained: Interval3 | None = Field(description="`both` less `labels`, paired.")
    added_by_labels: Interval3 | None = Field(description="`both` less `pretrained`, paired.")


class WithAndWithout(Record):
    """The labels to buy under a budget, with pretrained sources and without."""

    budget: Number = Field(description="In units of label cost.")
    labels: list[str] = Field(description="Labels that cost something and are bought beside them.")
    labels_without: list[str] = Field(description="Those that are bought without them.")
    gain: AddedRates = Field(description="Mean test gain.")
    quality: AddedRates = Field(description="Mean test quality.")


class PretrainedRecord(Record):
    """What pretrained sources are worth beside labels."""

    sources: list[PretrainedSourceRecord] = Field(description="Each of them.")
    budgets: list[WithAndWithout] = Field(description="Policies with and without; once tested.")

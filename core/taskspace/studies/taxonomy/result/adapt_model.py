"""Transfers with frozen encoders and fine-tuned ones in a result."""

from __future__ import annotations

from pydantic import Field

from taskspace.components import Number, Record
from taskspace.studies.taxonomy.result.policy_model import Interval3


class AdaptedTransfer(Record):
    """A first-order transfer whose encoder learned on, beside the frozen one on test images."""

    source: str = Field(description="Whose encoder it is.")
    target: str = Field(description="What is predicted.")
    wins: Interval3 | None = Field(
        description="Share of test images on which the fine-tuned transfer has the lower loss."
    )
    finetuned_loss: Number | None = Field(description="Mean loss, fine-tuned.")
    frozen_loss: Number | None = Field(description="Mean loss, frozen.")
    finetuned_metric: Number | None = Field(description="The target's metric, fine-tuned.")
    frozen_metric: Number | None = Field(description="The target's metric, frozen.")


class AdaptRecord(Record):
    """Fine-tuned transfers beside frozen ones, at equal data."""

    transfers: list[AdaptedTransfer] = Field(description="All first-order transfers from others.")
    mean_wins: Interval3 | None = Field(description="Their wins, mean over transfers.")

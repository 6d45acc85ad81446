"""How transfers learn: which orders are tried, on which images, and whether encoders learn on."""

from __future__ import annotations

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from taskspace.components import JSON
from taskspace.jobs import Code, problem, raise_problems
from taskspace.learning.training import HeldOutTraining

MOST_ORDER = 24
"""As in the published results."""

Adapt: TypeAlias = Literal["frozen", "finetune"]
"""What becomes of a source's encoder in a transfer."""


class TransferTraining(HeldOutTraining):
    """Orders, images, and how readouts learn."""

    max_order: int = Field(
        2, ge=1, le=MOST_ORDER, description="The most sources that one transfer reads."
    )
    beam: int = Field(
        5,
        ge=1,
        le=10,
        description="Low orders combine all subsets of this many of the best first-order sources.",
    )
    subsets: int = Field(
        5,
        ge=1,
        le=10,
        description="Up to this order all subsets are combined; beyond it, and beyond `beam`, the "
        "best sets of one order are extended to the next (beam search).",
    )
    width: int = Field(
        1,
        ge=1,
        le=10,
        description="How many best sets are extended, each by as many of the best sources that it "
        "lacks; 1 gives one nested set an order.",
    )
    transitive: bool = Field(
        False,
        description="Also try chains, source to intermediate task to target, through predictions; "
        "they are compared with the direct transfer and take no part in policies.",
    )
    adapt: Adapt | Annotated[list[Adapt], Field(min_length=1, max_length=2)] = Field(
        "frozen",
        description="Whether a source's encoder stays as it is or learns on with the readout, on "
        "the same images. With both, first-order transfers are compared, and the frozen ones "
        "decide.",
    )
    finetune_rate: float | None = Field(
        None,
        gt=0,
        le=10,
        description="Learning rate of fine-tuning, at the start; a tenth of `learning_rate` where "
        "absent.",
    )
    images: int | None = Field(
        None, ge=1, description="Images of the transfer split that are used; all where absent."
    )

    @model_validator(mode="after")
    def _fine_tuning_is_of_first_order(self) -> Self:
        ways = self.ways
        if len(set(ways)) < len(ways):
            message = f"'{ways[0]}' is in the list twice."
            raise_problems([problem(Code.BAD_VALUE, message, "adapt", 1)])
        rate = self.finetune_rate is not None and "finetune" not in ways
        alone = "frozen" not in ways
        first = "Several encoders that learn at once are not tried: fine-tuning is of first order."
        problems = [
            (rate, "finetune_rate", "`finetune_rate` has no use without `adapt: finetune`."),
            (
                alone and self.max_order > 1,
                "max_order" if "max_order" in self.model_fields_set else "adapt",
                f"{first} Set `max_order: 1`, or `adapt: [frozen, finetune]`.",
            ),
            (
                alone and self.transitive,
                "transitive",
                "Chains read frozen encoders: set `adapt: [frozen, finetune]`.",
            ),
        ]
        raise_problems(
            [problem(Code.EXCLUSIVE_KEYS, text, key) for wrong, key, text in problems if wrong]
        )
        return self

    @property
    def ways(self) -> list[Adapt]:
        """Return what `adapt` lists."""
        return self.adapt if isinstance(self.adapt, list) else [self.adapt]

    @property
    def decides(self) -> Adapt:
        """Return which transfers take part in tournaments and policies."""
        return "frozen" if "frozen" in self.ways else "finetune"

    @property
    def compares(self) -> bool:
        """Return whether first-order transfers are fine-tuned beside those that decide."""
        return self.decides == "frozen" and "finetune" in self.ways

    def finetuning(self) -> dict[str, JSON]:
        """Return what the key of a cell that fine-tunes holds of it."""
        rate = self.finetune_rate or self.learning_rate / 10
        return self.parameters() | {"learning_rate": rate}

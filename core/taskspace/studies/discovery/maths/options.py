"""How tasks are searched for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from taskspace.errors import InputError

Hypergradient: TypeAlias = Literal["full", "first", "xas", "online", "direct"]
"""How the derivative of agreement by the task is had: `full` unrolls all steps exactly, `first`
leaves out their curvature, `xas` is exact for the agreement on each batch before it is learnt, and
`online` moves the task after every step by what that step did to the next batch. `direct` leaves
out what the task does to the networks: at every step it draws the labels of a batch, before they
are learnt, to what the networks predict for it. A task that both predict is one they agree on."""


@dataclass(frozen=True)
class Options:
    """How tasks are searched for; a job's defaults are these.

    Attributes:
        hypergradient: one of `Hypergradient`.
        steps: meta-steps, each with two networks from their initialisation on.
        inner_steps: of gradient descent that the two make in a meta-step.
        inner_rate: of that descent.
        batch: images a step, and images on which agreement is measured.
        learning_rate: of Adam, which moves the task model: after every inner step where the
            hypergradient is `online` or `direct`, else after every meta-step.
        agreement: coefficient of the disagreement; with 0 no network learns anything.
        uniformity: coefficient of the points' uniformity.
        entropy: coefficient of `label_entropy`, which balances tasks and keeps them apart.
        warm_up: meta-steps before agreement counts. An untrained task model sees all images as
            one: from there a strong agreement leads to constant tasks.
        frozen_pair: whether every meta-step starts from the same two initialisations (authors').
    """

    hypergradient: Hypergradient = "direct"
    steps: int = 80
    inner_steps: int = 25
    inner_rate: float = 0.1
    batch: int = 64
    learning_rate: float = 1e-3
    agreement: float = 2.0
    uniformity: float = 0.2
    entropy: float = 4.0
    warm_up: int = 8
    frozen_pair: bool = False

    def check(self, images: int, inputs: int) -> None:
        """Refuse a search that these options do not allow.

        Args:
            images: how many there are to learn from.
            inputs: how many the task model sees.

        Raises:
            InputError: naming the number that is wrong.
        """
        if images != inputs:
            raise InputError(
                f"A search has {images} images, but its task model has {inputs} inputs.",
                advice="Give it one input for each image, in the same order.",
            )
        if images < 2 * self.batch:
            raise InputError(
                f"A search has {images} images, fewer than two batches of {self.batch}.",
                advice="Give it more images, or a smaller batch.",
            )
        if self.hypergradient == "xas" and self.inner_steps < 2:
            raise InputError(
                f"The hypergradient xas takes 2 inner steps at least, not {self.inner_steps}."
            )

    def check_moves(self, *, keeps: bool) -> None:
        """Refuse a search with steps in which no loss moves the task model.

        Args:
            keeps: whether there is a loss beside those of these options.

        Raises:
            InputError: naming what has to change.
        """
        if self.uniformity or self.entropy or keeps:
            return
        if not self.agreement or self.warm_up:
            raise InputError(
                "Nothing moves the labels before agreement counts: uniformity and entropy are 0.",
                advice="Give one of them a weight, or set warm_up to 0 and agreement above 0.",
            )

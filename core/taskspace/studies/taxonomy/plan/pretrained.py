"""Pretrained sources: what is known of them before anything runs, and the cells of their codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from taskspace.components import JSON, Cell, Component, Dataset, Encoder, Planner, stable_seed
from taskspace.errors import InputError
from taskspace.studies.taxonomy.job import TaxonomyJob
from taskspace.studies.taxonomy.plan.cell_functions import ENCODE


@dataclass(frozen=True)
class PretrainedSource:
    """An encoder that competes with the task networks' encoders.

    Attributes:
        label_cost: what it costs to have, in units of the budget.
        seed: of its weights; None where they are published, or there is nothing to train.
    """

    name: str
    encoder: Encoder
    label_cost: float
    seed: int | None

    def encoded(
        self, planner: Planner, dataset: Dataset, view: str, examples: Mapping[str, Cell]
    ) -> dict[str, Cell]:
        """Return the codes of all images of a dataset as inputs `encoded0`, `encoded1`, ...

        A cell a chunk of images, whatever the splits: repetitions, jobs and later changes of the
        splits share one pass.

        Args:
            view: how a task shows the images; `image` where it leaves them as they are.
            examples: what stores them, chunk by chunk.
        """
        components: dict[str, Component] = {"dataset": dataset, "encoder": self.encoder}
        parameters: dict[str, JSON] = {} if self.seed is None else {"seed": self.seed}
        return {
            f"encoded{number}": planner.cell(
                f"encode/{self.name}/{view}/{number}",
                ENCODE,
                parameters=parameters,
                components=components,
                inputs={f"{slot.rstrip('0123456789')}0": chunk},
            )
            for number, (slot, chunk) in enumerate(examples.items())
        }


def pretrained_of(
    job: TaxonomyJob, dataset: Dataset, planner: Planner, repetition: int
) -> dict[str, PretrainedSource]:
    """Return the pretrained sources of a job as it calls them.

    One that starts at random has other weights in each repetition, as task networks have.

    Raises:
        InputError: at the key of the job, if the dataset's images are none that one reads, its
            weights are not there, or two are the same encoder with the same weights.
    """
    channels, height, width = dataset.fields()["image"].shape
    found: dict[str, PretrainedSource] = {}
    for index, use in enumerate(job.sources):
        where = f"sources.{index}"
        encoder = planner.component(use.spec(), Encoder)
        try:
            encoder.code_shape((channels, height, width))
            identity = encoder.identity()
        except InputError as error:
            # The file of the weights is a place of its own, inside the source's.
            inside = f"{where}: {error.where}" if error.where else where
            raise InputError(error.what, where=inside, advice=error.advice) from error
        drawn = encoder.trained and encoder.starts_from() is None
        for other in () if drawn else found.values():
            if (other.encoder.name, other.encoder.identity()) == (encoder.name, identity):
                raise InputError(
                    f"The sources {other.name!r} and {use.name!r} are the same encoder with the "
                    "same weights: all that could differ between them is chance.",
                    where=where,
                    advice="Remove one of them.",
                )
        name = f"source/{use.name}@{repetition}" if repetition else f"source/{use.name}"
        seed = stable_seed(job.seed, name) if drawn else None
        found[use.name] = PretrainedSource(use.name, encoder, use.label_cost, seed)
    return found

"""What is known of a job before anything is trained."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from taskspace.components import Dataset, Encoder
from taskspace.errors import InputError
from taskspace.jobs import nearest
from taskspace.studies.zeroshot.job import ZeroshotJob


def word_fields(job: ZeroshotJob, dataset: Dataset) -> list[str]:
    """Return the fields whose classes together are a composition.

    Raises:
        InputError: if there are none, one stands there twice, or one is no field of classes.
    """
    published = dataset.compositions()
    names = job.fields or (published.fields if published else dataset.word_fields())
    fields = dataset.fields()
    classes = sorted(name for name, field in fields.items() if field.classes is not None)
    there = f"It has the fields of classes {', '.join(classes)}." if classes else "It has none."
    if not names:
        raise InputError(
            f"The dataset {dataset.name!r} does not say which of its fields are the words of a "
            f"composition. {there}",
            where="fields",
            advice="List them: `fields: [attribute, object]`.",
        )
    for name in names:
        if name not in classes:
            guess = nearest(name, classes)
            raise InputError(
                f"{name!r} is no field of classes of the dataset {dataset.name!r}. {there}",
                where="fields",
                advice=f"Did you mean {guess!r}?" if guess else "Name one of them.",
            )
        if list(names).count(name) > 1:
            raise InputError(
                f"{name!r} stands there twice, and a word says nothing beside itself.",
                where="fields",
                advice="Name each field once.",
            )
    if published is not None and tuple(names) != published.fields:
        raise InputError(
            f"The compositions of the dataset {dataset.name!r} were published for the fields "
            f"{', '.join(published.fields)}.",
            where="fields",
            advice="Leave `fields` out.",
        )
    return list(names)


def check_unseen(job: ZeroshotJob, dataset: Dataset) -> None:
    """Check that a job does not ask for unseen compositions where the dataset has its own.

    Raises:
        InputError: if it does; the default share asks for none, so that a stored job runs again.
    """
    if dataset.compositions() is None or job.unseen == type(job).model_fields["unseen"].default:
        return
    raise InputError(
        f"The dataset {dataset.name!r} was published with its own unseen compositions.",
        where="unseen",
        advice="Leave `unseen` out.",
    )


def stays(encoder: Encoder) -> bool:
    """Return whether an encoder stays as it is: its weights were published, or it has none."""
    return encoder.starts_from() is not None or not encoder.trained


def shows_pictures(dataset: Dataset) -> bool:
    """Return whether the images of a dataset can be looked at; features cannot."""
    channels, height, _ = dataset.fields()["image"].shape
    return channels in (1, 3) and height > 1


def check_maps(kinds: Sequence[str]) -> None:
    """Check that what draws the pictures is installed.

    Raises:
        InputError: if UMAP is asked for and is not.
    """
    if "umap" in kinds and find_spec("umap") is None:
        raise InputError(
            "Pictures by UMAP need the package umap-learn, which is not installed.",
            where="maps",
            advice="pip install umap-learn, or ask for `maps: [tsne]`.",
        )

"""What is known of a job before anything is trained."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from taskspace.components import Dataset, Encoder
from taskspace.components.exchanged.class_fields import class_names, fields_of_classes
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
    classes = sorted(fields_of_classes(dataset.fields()))
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


def check_listed(unseen: Sequence[Sequence[str]], names: Sequence[str], dataset: Dataset) -> None:
    """Check that each composition of a list has a class of each field, in their order.

    Raises:
        InputError: with the first one that has not.
    """
    classes = [class_names(dataset.fields(), name) or () for name in names]
    for words in unseen:
        if len(words) != len(names):
            raise InputError(
                f"The composition {list(words)} has {len(words)} words, and the fields are "
                f"{len(names)}: {', '.join(names)}.",
                where="unseen",
                advice=f"Write one word of each: [{', '.join(own[0] for own in classes if own)}].",
            )
        for word, name, own in zip(words, names, classes, strict=True):
            if word not in own:
                raise InputError(
                    f"The field {name!r} has no class {word!r}, which the composition "
                    f"{list(words)} names.",
                    where="unseen",
                    advice=_meant(word, own, names, classes),
                )


def _meant(
    word: str, own: Sequence[str], names: Sequence[str], classes: Sequence[Sequence[str]]
) -> str:
    for name, other in zip(names, classes, strict=True):
        if word in other:
            return f"{word!r} is a class of {name!r}; the order of words is [{', '.join(names)}]."
    guess = nearest(word, own)
    return f"Did you mean {guess!r}?" if guess else f"It has {', '.join(own)}."


def check_unseen(job: ZeroshotJob, names: Sequence[str], dataset: Dataset) -> None:
    """Check what a job says of unseen compositions.

    Raises:
        InputError: if it names one that there cannot be, or any where the dataset has its own; the
            default share asks for none, so that a stored job runs again.
    """
    if dataset.compositions() is None and isinstance(job.unseen, list):
        check_listed(job.unseen, names, dataset)
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

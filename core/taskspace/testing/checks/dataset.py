"""What holds for a dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from taskspace.components import Dataset, Field, Finding, Sample
from taskspace.components.exchanged.class_fields import class_ids_name
from taskspace.testing.subject import Subject, require, returned


def image_is_declared(subject: Subject) -> None:
    """There is an `image` of shape (C, H, W), and at least one sample."""
    dataset = subject.made(Dataset)
    fields = returned("fields()", dataset.fields(), Mapping, "a mapping of names to Field")
    image = fields.get("image")
    require(
        image is not None and len(image.shape) == 3 and min(image.shape) > 0,
        f"Found the image field {image}; its shape must be (C, H, W).",
    )
    require(dataset.length() > 0, f"Found {dataset.length()} samples.")


def fingerprint_is_stable(subject: Subject) -> None:
    """Equal data has one fingerprint."""
    first, second = (subject.made(Dataset).fingerprint() for _ in range(2))
    require(bool(first) and first == second, f"Found the fingerprints {first!r} and {second!r}.")


def reads_what_it_declares(subject: Subject) -> None:
    """Samples have exactly the declared fields, with their shapes, types and ranges."""
    dataset = subject.made(Dataset)
    fields, count = dataset.fields(), min(4, dataset.length())
    sample = returned("read()", dataset.read(range(count)), Mapping, "a mapping of tensors")
    require(set(sample) == set(fields), f"Declared {sorted(fields)}, read {sorted(sample)}.")
    for name, field in fields.items():
        _as_declared(name, field, sample[name], count)
    for name, field in fields.items():
        if field.count is not None:
            _counted(name, field, field.count, fields, sample)


def _as_declared(name: str, field: Field, values: torch.Tensor, count: int) -> None:
    returned(f"read()[{name!r}]", values, torch.Tensor, "a torch.Tensor")
    require(
        tuple(values.shape) == (count, *field.shape),
        f"{name}: declared {field.shape} for each of {count}, read {tuple(values.shape)}.",
    )
    require(values.device.type == "cpu", f"{name}: it is on {values.device}.")
    if field.classes is not None:
        require(not values.is_floating_point(), f"{name}: class ids are {values.dtype}.")
        low, high = int(values.min()), int(values.max())
        require(
            low >= -1 and high < len(field.classes),
            f"{name}: class ids from {low} to {high}, with {len(field.classes)} classes.",
        )
        return
    require(values.is_floating_point(), f"{name}: numbers are {values.dtype}.")
    if name == "image" and field.shape[1:] == (1, 1):
        # Features that were computed elsewhere: a vector has no range of brightness.
        require(bool(values.isfinite().all()), "image: some features are not finite.")
    elif name == "image":
        inside = bool(((values >= 0) & (values <= 1)).all())
        require(inside, f"image: values lie in [{values.min():g}, {values.max():g}], not [0, 1].")


def _counted(
    name: str, field: Field, counts: str, fields: Mapping[str, Field], sample: Sample
) -> None:
    """Check that what is there of a field of several entries a sample is as many as it says."""
    counting = fields.get(counts)
    numbers = counting is not None and counting.shape == () and counting.classes is None
    require(numbers and field.shape != (), f"{name}: {counts!r} counts no entries of it.")
    count = sample[counts].nan_to_num(0)
    fits = bool(((count >= 0) & (count <= field.shape[0])).all())
    require(fits, f"{counts}: counts {count.tolist()}, and {name} has {field.shape[0]} places.")
    values = sample[name]
    beyond = values[torch.arange(field.shape[0]) >= count[:, None]]
    padding = (beyond.isnan() if field.classes is None else beyond == -1).all()
    require(bool(padding), f"{name}: entries after the first {counts!r} are not NaN or -1.")


def reads_only_the_fields_asked(subject: Subject) -> None:
    """Asked for one field, it gives that one, as it is among the others."""
    dataset = subject.made(Dataset)
    whole = dataset.read([0])
    for name in dataset.fields():
        part = returned("read(fields=...)", dataset.read([0], {name}), Mapping, "a mapping")
        require(set(part) == {name}, f"Asked for {name}, it read {sorted(part)}.")
        same = torch.equal(part[name].nan_to_num(-7), whole[name].nan_to_num(-7))
        require(same, f"{name}: read alone, it is another one.")


def reads_in_the_order_asked(subject: Subject) -> None:
    """Any indices, in any order and repeated, as a list or an array."""
    dataset = subject.made(Dataset)
    order = [dataset.length() - 1, 0, dataset.length() - 1, dataset.length() // 2]
    together, array = dataset.read(order), dataset.read(np.asarray(order))
    for row, index in enumerate(order):
        for name, values in dataset.read([index]).items():
            for read in (together, array):
                same = torch.equal(read[name][row].nan_to_num(-7), values[0].nan_to_num(-7))
                require(same, f"{name}: row {row} of {order} is not sample {index}.")


def reads_share_nothing(subject: Subject) -> None:
    """What a caller does to a sample is not seen by the next one."""
    dataset = subject.made(Dataset)
    before = {name: values.clone() for name, values in dataset.read([0]).items()}
    for values in dataset.read([0]).values():
        values.zero_()
    for name, values in dataset.read([0]).items():
        same = torch.equal(values.nan_to_num(-7), before[name].nan_to_num(-7))
        require(same, f"{name}: it was changed by the caller of an earlier read.")


def groups_cover_every_sample(subject: Subject) -> None:
    """There are no groups, or one for each sample."""
    dataset = subject.made(Dataset)
    _one_each("groups", dataset.groups(), dataset.length())


def parts_cover_every_sample(subject: Subject) -> None:
    """There are no published parts, or one for each sample."""
    dataset = subject.made(Dataset)
    _one_each("parts", dataset.parts(), dataset.length())


def _one_each(what: str, listed: Sequence[str] | None, count: int) -> None:
    holds = listed is None or len(listed) == count
    require(holds, f"Found {len(listed or ())} {what} for {count} samples.")


def task_fields_hold_classes(subject: Subject) -> None:
    """Its tasks are fields, each of which holds one class of several for a sample."""
    dataset = subject.made(Dataset)
    _hold_classes("task", dataset.fields(), dataset.task_fields())


def numbers_agree_with_their_classes(subject: Subject) -> None:
    """A field of numbers that names a field of the same labels as classes: one class a number."""
    dataset = subject.made(Dataset)
    fields = dataset.fields()
    for name, field in fields.items():
        if field.as_classes is None:
            continue
        wanted = class_ids_name(name)
        require(
            field.as_classes == wanted,
            f"{name}: its classes are in the field {field.as_classes!r}, not in {wanted!r}.",
        )
        whole = fields.get(wanted)
        held = whole is not None and bool(whole.classes) and whole.shape == field.shape
        require(held, f"{name}: there is no field {wanted!r} of classes in its shape.")
        sample = dataset.read(range(dataset.length()), {name, wanted})
        # NaN and -1 are missing in both.
        pairs = set(
            zip(sample[name].nan_to_num(-1e30).tolist(), sample[wanted].tolist(), strict=True)
        )
        numbers, ids = ({pair[side] for pair in pairs} for side in (0, 1))
        alike = len(pairs) == len(numbers) == len(ids) and {-1e30 in numbers} == {-1 in ids}
        require(alike, f"{name}: its numbers and the classes in {wanted!r} are not one to one.")


def word_fields_hold_classes(subject: Subject) -> None:
    """What names an image are fields, each of which holds one class of several for a sample."""
    dataset = subject.made(Dataset)
    _hold_classes("word", dataset.fields(), dataset.word_fields())


def _hold_classes(what: str, fields: Mapping[str, Field], listed: Sequence[str]) -> None:
    names = list(listed)
    require(len(set(names)) == len(names), f"A {what} is named twice: {names}.")
    for name in names:
        field = fields.get(name)
        require(field is not None, f"There is no field {name!r}, which is said to be a {what}.")
        held = field is not None and field.shape == () and len(field.classes or ()) > 1
        require(held, f"{name}: a {what} has two classes and more, one a sample; found {field}.")


def compositions_are_of_its_classes(subject: Subject) -> None:
    """Published compositions name a class of each field, once a part, and some are for training."""
    dataset = subject.made(Dataset)
    published = dataset.compositions()
    if published is None:
        return
    fields = dataset.fields()
    _hold_classes("word", fields, published.fields)
    classes = [fields[name].classes or () for name in published.fields]
    require(bool(published.parts.get("train")), "No composition is in the part 'train'.")
    for part, listed in published.parts.items():
        require(len(set(listed)) == len(listed), f"{part}: a composition stands there twice.")
        for names in listed:
            fits = len(names) == len(classes) and all(
                name in those for name, those in zip(names, classes, strict=True)
            )
            require(fits, f"{part}: {names} is not a class of each of {published.fields}.")


def findings_are_findings(subject: Subject) -> None:
    """Findings are a list of `Finding`, the same each time, and each stands on its own."""
    told = [
        returned("findings()", subject.made(Dataset).findings(), Sequence, "a list of Finding")
        for _ in range(2)
    ]
    require(list(told[0]) == list(told[1]), f"Told {told[0]}, and once more {told[1]}.")
    for finding in told[0]:
        returned("findings()", finding, Finding, "a list of Finding")
        text = finding.text.strip()
        require(bool(finding.code and text), f"A finding needs a code and a text: {finding}.")
        require(
            not text.lower().startswith("warning"),
            f"{finding.code}: where it is shown, `Warning:` is put before it: {text!r}.",
        )


def sentences_are_plain_words(subject: Subject) -> None:
    """Sentences are lower-case words parted by single spaces."""
    for sentence in subject.made(Dataset).sentences():
        plain = " ".join(sentence.lower().split())
        require(bool(plain) and sentence == plain, f"This is not plain words: {sentence!r}.")

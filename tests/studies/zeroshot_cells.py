"""The cells of the zero-shot study in this process, without an engine, on samples made up here."""

from __future__ import annotations

import numpy as np
import torch
from multitask_cells import FakeCall, Kept

from taskspace.components import Dataset, Field, Lexicon, Result
from taskspace.studies.zeroshot.cells.compositions import describe_words, find_compositions
from taskspace_plugins.generators.tds import TaskAwareSampling

ATTRIBUTES = ("red", "green", "old")
OBJECTS = ("apple", "car", "house", "dog")
EACH = 8
"""Samples of a composition."""


class Composed(Dataset):
    """Twelve compositions; the image of each is a bump for its attribute and one for its object."""

    name = "composed"
    noise: float = 0.1

    def fingerprint(self):
        return f"composed {self.noise}"

    def length(self):
        return EACH * len(ATTRIBUTES) * len(OBJECTS)

    def fields(self):
        return {
            "image": Field((8, 1, 1)),
            "attribute": Field((), ATTRIBUTES),
            "object": Field((), OBJECTS),
        }

    def word_fields(self):
        return "attribute", "object"

    def read(self, indices, fields=None):
        rows = torch.as_tensor(np.asarray(indices))
        pair = rows // EACH
        attribute, thing = pair // len(OBJECTS), pair % len(OBJECTS)
        noise = torch.rand(self.length(), 8, generator=torch.Generator().manual_seed(0))[rows]
        image = self.noise * noise
        image[torch.arange(len(rows)), attribute] += 1
        image[torch.arange(len(rows)), 3 + thing] += 1
        return {"image": image[:, :, None, None], "attribute": attribute, "object": thing}


class Numbered(Lexicon):
    """Each word has a vector of its own, drawn from its letters."""

    name = "numbered"

    def vectors(self, names, sentences):
        return np.stack(
            [
                np.random.default_rng(list(name.encode())).standard_normal(4).astype(np.float32)
                for name in names
            ]
        )


def compositions(dataset=None, *, unseen=0.3, seed=0, share=0.5):
    """Return the stored cells `compositions` and `words` of a dataset."""
    dataset = dataset or Composed()
    parameters = {
        "fields": ["attribute", "object"],
        "unseen": unseen,
        "share": share,
        "seed": seed,
    }
    found = Kept(find_compositions(FakeCall("compositions/0", parameters, {"dataset": dataset})))
    call = FakeCall(
        "words/0", {}, {"dataset": dataset, "lexicon": Numbered()}, {"compositions": found}
    )
    return {"compositions": found, "words": Kept(describe_words(call))}


def features(dataset=None, change=None):
    """Return the stored features of a dataset: its images as they are, in two cells.

    Args:
        change: what is done to all of them [n, F] before they are stored.
    """
    dataset = dataset or Composed()
    values = dataset.read(np.arange(dataset.length()))["image"].flatten(1).numpy()
    values = values if change is None else change(values.copy())
    half = len(values) // 2
    return {
        f"features{number}": Kept(Result({}, {"features": part}))
        for number, part in enumerate((values[:half], values[half:]))
    }


def training(inputs, generator=None, checkpoint=None, **parameters):
    """Return the call of a generator's training of a few steps."""
    return FakeCall(
        "train/tds/0",
        {
            "seed": 3,
            "vectors": "own",
            "networks": {"words": 6, "critic": 8, "critic_layers": 3},
            "train": {"steps": 6, "batch": 5, "critic_steps": 2, "learning_rate": 1e-3},
            **parameters,
        },
        {"generator": generator or TaskAwareSampling(width=8, hidden=8, noise=3)},
        inputs,
        checkpoint=checkpoint,
    )

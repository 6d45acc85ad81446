"""Features of images: what is refused before anything learns from it, and what pictures show."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from multitask_cells import FakeCall, Kept
from zeroshot_cells import Composed, compositions, features, training

from taskspace.errors import CellError
from taskspace.learning.storing import store_images
from taskspace.studies.zeroshot.cells.features import encode_images, features_of, train_encoder
from taskspace.studies.zeroshot.cells.generation import train_generator
from taskspace.studies.zeroshot.cells.maps import draw_map
from taskspace_plugins.encoders.identity import IdentityEncoder
from taskspace_plugins.encoders.mlp import Mlp


class Broken(Composed):
    """One image has a number that is none."""

    value: str
    place: int = 5

    def read(self, indices, fields=None):
        sample = super().read(indices, fields)
        broken = torch.as_tensor(np.asarray(indices)) == self.place
        sample["image"][broken, 2] = float(self.value)
        return sample


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_features_that_are_not_finite_name_a_sample(value):
    components = {"dataset": Broken(value=value), "encoder": IdentityEncoder()}
    call = FakeCall("features/4", {"start": 4, "stop": 20}, components)
    with pytest.raises(CellError, match=r"The features of 1 samples .* for example of sample 5\."):
        encode_images(call)
    rest = FakeCall("features/6", {"start": 6, "stop": 20}, components)
    assert encode_images(rest).arrays["features"].shape == (14, 8)


def test_an_encoder_cannot_learn_from_images_that_are_not_finite():
    given = compositions()
    table = given["compositions"].array("part")
    dataset = Broken(value="nan", place=int(np.flatnonzero(table == 0)[0]))
    whole = {"start": 0, "stop": dataset.length(), "seed": 0}
    images = Kept(store_images(FakeCall("images/0", whole, {"dataset": dataset})))
    call = FakeCall(
        "encoder/0",
        {"train": {"epochs": 2, "batch": 64}, "seed": 0},
        {"dataset": dataset, "encoder": Mlp(width=4)},
        {"compositions": given["compositions"], "image0": images},
    )
    with pytest.raises(
        CellError, match=r"encoder/0: The loss of the task 'words' became nan at step 1"
    ):
        train_encoder(call)


@pytest.mark.parametrize("rows", [[0, 95], [95, 0, 48, 47], list(range(96))])
def test_features_are_those_of_the_samples_that_are_asked_for(rows):
    call = training(compositions() | features())
    whole = Composed().read(np.arange(96))["image"].flatten(1)
    assert torch.equal(features_of(call, np.array(rows)), whole[rows])


@pytest.mark.parametrize("width", [1, 2])
def test_pictures_are_drawn_of_features_of_one_number(width):
    given = compositions() | features(change=lambda values: values[:, :width])
    call = training(given)
    trained = Kept(train_generator(call))
    call.inputs["trained"] = trained
    call.parameters["kind"] = "tsne"
    arrays = draw_map(call).arrays
    for name in ("real", "generated", "noise"):
        points = arrays[name]
        assert points.shape == (len(arrays[f"{name}_pair"]), 2) and np.isfinite(points).all()
    unseen = ~np.array(given["compositions"].record["seen"])
    assert unseen[arrays["real_pair"]].all() and unseen[arrays["noise_pair"]].all()

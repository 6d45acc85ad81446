"""Tasks whose class follows from the digit."""

import pytest
import torch
from scipy import ndimage

from taskspace.components import Field, VectorHead
from taskspace.errors import DataError
from taskspace_plugins.datasets.digits import Digits
from taskspace_plugins.tasks.digits._digits import DigitTask
from taskspace_plugins.tasks.digits.at_least_five import AtLeastFive
from taskspace_plugins.tasks.digits.identity import Identity
from taskspace_plugins.tasks.digits.loops import Loops
from taskspace_plugins.tasks.digits.parity import Parity

DIGITS = torch.arange(10)
TASKS = (Identity(), Parity(), AtLeastFive(), Loops())
LOOPS = {0: 1, 1: 0, 2: 0, 3: 0, 4: 0, 5: 0, 6: 1, 7: 0, 8: 2, 9: 1}


def test_the_classes_are_what_their_names_say() -> None:
    sample = {"digit": DIGITS}
    assert torch.equal(Identity().target(sample), DIGITS)
    assert torch.equal(Parity().target(sample), DIGITS % 2)
    assert torch.equal(AtLeastFive().target(sample), (DIGITS >= 5).long())
    assert Loops().target(sample).tolist() == list(LOOPS.values())


def test_loops_are_more_often_open_in_fours_than_closed() -> None:
    dataset = Digits()
    sample = dataset.read(range(dataset.length()))
    fours = sample["image"][sample["digit"] == 4][:, 0].numpy()
    closed = 0
    for image in fours:
        paper = torch.nn.functional.pad(torch.from_numpy(image <= 0.375), (1, 1, 1, 1), value=True)
        _, regions = ndimage.label(paper.numpy())
        closed += regions > 1
    assert 0.35 < closed / len(fours) < 0.5


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_the_head_has_a_logit_for_every_class_that_occurs(task: DigitTask) -> None:
    dataset = Digits()
    classes = task.target(dataset.read(range(dataset.length()))).unique()
    assert task.head(dataset.fields()) == VectorHead(len(classes))
    assert classes.tolist() == list(range(len(classes)))


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_a_digit_that_is_not_known_has_no_class(task: DigitTask) -> None:
    target = task.target({"digit": torch.tensor([-1, 3])})
    assert target[0] == -1 and target[1] >= 0


@pytest.mark.parametrize(
    "fields",
    [{}, {"digit": Field(())}, {"digit": Field((), ("one", "two"))}],
    ids=["absent", "numbers", "other classes"],
)
def test_other_datasets_are_refused(fields: dict[str, Field]) -> None:
    with pytest.raises(DataError, match="classification"):
        Parity().head(fields)

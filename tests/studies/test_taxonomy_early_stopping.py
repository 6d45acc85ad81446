"""Early stopping: what is held out, which epoch is kept, and that nothing changes without it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from math import ceil, cos, inf, log, pi
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import taskspace
from taskspace.components import Component, Dataset
from taskspace.engine.planner import KeyedPlanner
from taskspace.engine.storage.store import Store
from taskspace.errors import CellError, JobInvalid
from taskspace.jobs import load_job
from taskspace.learning.fitting.fit import fit
from taskspace.learning.fitting.held_out import BestEpoch, Division
from taskspace.learning.fitting.progress import Learner, shuffles
from taskspace.learning.networks import settled
from taskspace.learning.splits import split_indices
from taskspace.learning.training import Training
from taskspace.registry import Registry
from taskspace.studies.taxonomy.cells.held_out import divide
from taskspace.studies.taxonomy.job import TaxonomyJob
from taskspace.studies.taxonomy.plan.cells import TaxonomyPlan
from taskspace.studies.taxonomy.plan.facts import entries_of
from taskspace_plugins.datasets.digits import Digits
from taskspace_plugins.readouts.two_branch import BatchNorm
from taskspace_plugins.tasks.labels.classification import Classification

CLASSES = 10
TASK = Classification()
SCHEDULE = Training(epochs=30, batch=32, learning_rate=1e-2)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Compute as cells do: networks this small only wait for a second thread."""
    with settled(1):
        yield


def noise(count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Inputs [N, 8] and labels [N] that have nothing to do with each other."""
    random = torch.Generator().manual_seed(seed)
    inputs = torch.randn(count, 8, generator=random)
    return inputs, torch.randint(CLASSES, (count,), generator=random)


def network(seed: int) -> nn.Module:
    """A network that can memorise some hundred labels, with the buffers of batch normalisation."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        normalise = BatchNorm(128)
        return nn.Sequential(
            nn.Linear(8, 128, bias=False), nn.Unflatten(1, (128, 1, 1)), normalise, nn.Flatten(),
            nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, CLASSES),
        )  # fmt: skip


def division(count: int, share: float) -> Division:
    rows = torch.arange(count)
    held_out = rows % round(1 / share) == 0
    return Division(rows[~held_out], rows[held_out])


def learner(seed: int, share: float = 0.2, count: int = 200) -> Learner:
    best = BestEpoch(division(count, share)) if share else None
    data = noise(count, seed)
    return Learner(f"noise {seed}", network(seed), *data, TASK, shuffles(seed), best)


def best_of(learner: Learner) -> BestEpoch:
    assert learner.best is not None
    return learner.best


@torch.inference_mode()
def mean_loss(network: nn.Module, inputs: Tensor, targets: Tensor) -> float:
    assert not network.training
    return float(nn.functional.cross_entropy(network(inputs), targets))


def epochs_of(learner: Learner, schedule: Training) -> list[tuple[float, dict[str, Tensor]]]:
    """Train a copy with PyTorch's Adam; the held-out loss and the weights after each epoch."""
    model, (learned, held_out) = deepcopy(learner.network), best_of(learner).division
    inputs, targets = torch.as_tensor(learner.inputs), torch.as_tensor(learner.targets)
    order = torch.Generator().set_state(learner.shuffles.get_state())
    optimiser = torch.optim.Adam(model.parameters(), lr=schedule.learning_rate)
    per_epoch = ceil(len(learned) / schedule.batch)
    step, epochs = 0, []
    for _ in range(schedule.epochs):
        model.train()
        shuffled = learned[torch.randperm(len(learned), generator=order)]
        for rows in torch.split(shuffled, schedule.batch):
            rate = 0.5 * (1 + cos(pi * step / (schedule.epochs * per_epoch)))
            optimiser.param_groups[0]["lr"] = schedule.learning_rate * rate
            optimiser.zero_grad()
            nn.functional.cross_entropy(model(inputs[rows]), targets[rows]).backward()
            optimiser.step()
            step += 1
        model.eval()
        loss = mean_loss(model, inputs[held_out], targets[held_out])
        epochs.append((loss, deepcopy(model.state_dict())))
    return epochs


@pytest.fixture(scope="module")
def trained() -> tuple[Learner, list[tuple[float, dict[str, Tensor]]]]:
    made = learner(1)
    expected = epochs_of(made, SCHEDULE)
    fit([made], SCHEDULE)
    return made, expected


def test_the_weights_of_the_best_epoch_are_kept(trained):
    made, expected = trained
    losses = [loss for loss, _ in expected]
    best = best_of(made)
    assert best.epoch == 1 + int(np.argmin(losses))
    assert 1 <= best.epoch < SCHEDULE.epochs
    assert best.loss == pytest.approx(min(losses), rel=1e-4)
    for name, values in expected[best.epoch - 1][1].items():
        assert torch.allclose(made.network.state_dict()[name], values, atol=1e-4), name


def test_the_buffers_are_those_of_the_best_epoch_too(trained):
    made, expected = trained
    buffers = dict(made.network.named_buffers())
    assert set(buffers) == {"2.running_mean", "2.running_var", "2.num_batches_tracked"}
    assert int(buffers["2.num_batches_tracked"]) == best_of(made).epoch * ceil(160 / 32)
    last = expected[-1][1]["2.running_var"]
    assert not torch.allclose(buffers["2.running_var"], last, rtol=1e-2)


def test_the_recorded_loss_is_that_of_the_network_that_is_returned(trained):
    made, _ = trained
    rows = best_of(made).division.held_out
    loss = mean_loss(made.network, torch.as_tensor(made.inputs)[rows], made.targets[rows])
    assert best_of(made).loss == pytest.approx(loss, rel=1e-6)


def test_a_network_never_sees_what_is_held_out():
    one, other = learner(2), learner(2)
    rows = best_of(other).division.held_out
    torch.as_tensor(other.inputs)[rows] = torch.nan
    fit([one, other], SCHEDULE)
    assert one.error is None
    assert torch.equal(torch.stack(one.history), torch.stack(other.history))
    assert other.error is not None
    assert "held-out images" in str(other.error)


def test_companions_change_nothing():
    seeds = (3, 4, 5, 6)
    together = [learner(seed) for seed in seeds]
    fit(together, SCHEDULE)
    for seed, one in zip(seeds, together, strict=True):
        alone = learner(seed)
        fit([alone], SCHEDULE)
        assert best_of(alone).record() == best_of(one).record()
        for name, values in alone.network.state_dict().items():
            assert torch.equal(one.network.state_dict()[name], values), name
    assert len({best_of(one).epoch for one in together}) > 1


def test_a_companion_that_is_taken_out_changes_nothing():
    alone, beside, broken = learner(7), learner(7), learner(8)
    torch.as_tensor(broken.inputs)[best_of(broken).division.learned] = inf
    fit([alone], SCHEDULE)
    fit([broken, beside], SCHEDULE)
    assert broken.error is not None
    assert best_of(alone).record() == best_of(beside).record()


def test_memorised_random_labels_cost_next_to_nothing():
    """With labels that nothing predicts, the best network is a constant."""
    inputs, targets = noise(2000, 99)
    losses = {}
    for share in (0.0, 0.2):
        made = learner(9, share, count=300)
        fit([made], Training(epochs=80, batch=32, learning_rate=1e-2))
        losses[share] = mean_loss(made.network, inputs, targets)
    constant = log(CLASSES)
    assert losses[0.0] > 2 * constant
    assert losses[0.2] < 1.1 * constant


# What is held out.


class GroupedDigits(Digits):
    """Digits whose writers are made up: the first has a third of them."""

    name: ClassVar[str] = "grouped_digits"
    writers: int = 40

    def groups(self) -> Sequence[str]:
        return ["w0" if i % 3 == 0 else f"w{i % self.writers}" for i in range(self.length())]


SHARES = {"train": 0.5, "transfer": 0.15, "select": 0.15, "test": 0.2}


@dataclass
class SplitCall:
    """A cell as far as dividing its split needs it."""

    dataset: Digits = field(default_factory=Digits)
    images: int | None = None
    repetition: int = 0
    seed: int = 1
    name: str = "train/digit"

    @property
    def parameters(self) -> dict[str, Any]:
        splits = {"shares": [*SHARES.items()], "seed": 0, "samples": {"transfer": self.images}}
        if self.repetition:
            splits["repetition"] = self.repetition
        return {"splits": splits, "seed": self.seed}

    def component(self, slot: str, kind: type[Component]) -> Component:
        return {"dataset": self.dataset, "task": Classification(field="digit")}[slot]

    def identity(self, slot: str) -> str:
        return f"{self.dataset.name} {self.dataset.model_dump_json()}"

    def rows(self, split: str) -> np.ndarray:
        dataset = self.dataset
        rows = split_indices(dataset.length(), dataset.groups(), SHARES, 0)[split]
        return rows if self.images is None else rows[: self.images]

    def targets(self, split: str) -> Tensor:
        return self.dataset.read(self.rows(split), {"digit"})["digit"]


def labelled(targets: Tensor) -> np.ndarray:
    return (targets >= 0).numpy()


def parts(call: SplitCall, share: float, split: str = "transfer") -> Division:
    made = divide(call, split, labelled(call.targets(split)), share)
    assert made is not None
    return made


@settings(max_examples=30, deadline=None)
@given(share=st.floats(0.01, 0.95), images=st.integers(60, 260))
def test_the_two_parts_are_disjoint_and_complete_and_of_the_size_asked_for(share, images):
    learned, held_out = parts(SplitCall(images=images), share)
    assert sorted([*learned.tolist(), *held_out.tolist()]) == list(range(images))
    assert len(held_out) == round(share * images)


def test_all_cells_hold_out_the_same_images_and_repetitions_others():
    _, one = parts(SplitCall(seed=1, name="transfer/a->b"), 0.2)
    _, other = parts(SplitCall(seed=2, name="transfer/c->b"), 0.2)
    assert torch.equal(one, other)
    _, again = parts(SplitCall(repetition=1), 0.2)
    assert not torch.equal(one, again)


def test_a_larger_share_holds_a_smaller_one():
    small, large = (set(parts(SplitCall(), share).held_out.tolist()) for share in (0.1, 0.3))
    assert small < large


@settings(max_examples=30, deadline=None)
@given(share=st.floats(0.01, 0.95), writers=st.integers(12, 200))
def test_groups_stay_whole(share, writers):
    call = SplitCall(GroupedDigits(writers=writers))
    names = np.array(call.dataset.groups())[call.rows("train")]
    if len(set(names)) == 1:
        return
    learned, held_out = (set(names[rows.numpy()]) for rows in parts(call, share, "train"))
    assert learned
    assert held_out
    assert not learned & held_out


def test_groups_come_near_the_share():
    call = SplitCall(GroupedDigits(writers=40))
    learned, held_out = parts(call, 0.2, "train")
    assert 0.15 < len(held_out) / (len(learned) + len(held_out)) < 0.25


def test_images_without_the_label_judge_nothing():
    call = SplitCall()
    targets = call.targets("transfer")
    targets[40:] = -1
    made = divide(call, "transfer", labelled(targets), 0.25)
    assert made is not None
    assert len(made.held_out) == 10
    assert set(made.held_out.tolist()) <= set(range(40))


@pytest.mark.parametrize(
    ("labels", "share"), [(1, 0.5), (3, 0.1), (10, 0.99)], ids=["one", "none out", "none left"]
)
def test_too_few_images_are_refused_with_advice(labels, share):
    call = SplitCall()
    targets = call.targets("transfer")
    targets[labels:] = -1
    with pytest.raises(CellError, match=rf"Of {labels} labelled.*'transfer'.*held_out: 0"):
        divide(call, "transfer", labelled(targets), share)


def test_a_single_group_cannot_be_divided():
    call = SplitCall(GroupedDigits(writers=12))
    names = np.array(call.dataset.groups())[call.rows("transfer")]
    targets = call.targets("transfer")
    targets[torch.from_numpy(names != names[0])] = -1
    with pytest.raises(CellError, match=r"in 1 group\(s\) that stay whole.*is 0 to hold out"):
        divide(call, "transfer", labelled(targets), 0.5)


def test_without_labels_there_is_nothing_to_hold_out():
    call = SplitCall()
    targets = torch.full_like(call.targets("transfer"), -1)
    assert divide(call, "transfer", labelled(targets), 0.25) is None


# The job.


def job(**changes: Any) -> dict[str, Any]:
    return {
        "study": "taxonomy",
        "name": "small",
        "dataset": "digits",
        "tasks": ["parity", "loops", "random_projection"],
        "encoder": {"use": "small_conv", "width": 4},
        "train": {"epochs": 3},
        "transfer": {"max_order": 1, "images": 100, "epochs": 3, "batch": 50},
        "solve": {"budgets": [1], "random_policies": 0},
    } | changes


def cells(document: dict[str, Any]) -> dict[str, Any]:
    registry = Registry.load(plugins=False)
    loaded = load_job(document, catalogue=registry)
    assert isinstance(loaded.job, TaxonomyJob)
    assert loaded.job.dataset is not None
    planner = KeyedPlanner(registry)
    dataset = planner.component(loaded.job.dataset.spec(), Dataset)
    plan = TaxonomyPlan(loaded.job, planner, dataset, entries_of(loaded.job, dataset, planner))
    made = [make(name) for name in ("parity", "loops") for make in (
        plan.supervised, plan.probe, plan.scratch, plan.constant)]  # fmt: skip
    made += [plan.transfer(("parity",), "loops"), plan.transfer(("parity", "loops"), "loops")]
    return {cell.name: cell for cell in made}


def keys(document: dict[str, Any]) -> dict[str, str]:
    return {name: cell.key for name, cell in cells(document).items()}


def changed(one: dict[str, str], other: dict[str, str]) -> set[str]:
    return {name for name in one if one[name] != other[name]}


def test_without_it_cells_are_what_they_were():
    for cell in cells(job()).values():
        assert "held_out" not in json.dumps(dict(cell.parameters))
        if not cell.name.startswith("constant/"):
            assert set(cell.parameters["schedule"]) == {"epochs", "batch", "learning_rate"}
    off = job(
        train={"epochs": 3, "held_out": 0},
        transfer={"max_order": 1, "images": 100, "epochs": 3, "batch": 50, "held_out": 0.0},
    )
    assert keys(off) == keys(job())


def test_a_share_is_part_of_the_cells_that_learn_with_it_and_of_what_reads_them():
    plain = keys(job())
    train = keys(job(train={"epochs": 3, "held_out": 0.2}))
    networks = {f"{kind}/{name}" for kind in ("train", "probe") for name in ("parity", "loops")}
    readouts = {"transfer/parity->loops", "transfer/parity+loops->loops"}
    assert changed(plain, train) == networks | readouts
    transfer = job()["transfer"] | {"held_out": 0.2}
    scratch = {"scratch/parity", "scratch/loops"}
    assert changed(plain, keys(job(transfer=transfer))) == scratch | readouts


@pytest.mark.parametrize("share", [-0.1, 1.0, "some"])
def test_a_share_that_is_none_is_refused_at_its_place(share):
    with pytest.raises(JobInvalid, match="held_out"):
        load_job(job(train={"held_out": share}), catalogue=Registry.load(plugins=False))


def test_a_run_records_the_epoch_of_every_network_and_readout(tmp_path):
    document = job(
        train={"epochs": 3, "held_out": 0.2},
        transfer={"max_order": 1, "images": 100, "epochs": 3, "batch": 50, "held_out": 0.2},
    )
    places = {"store": tmp_path / "store", "runs": tmp_path / "runs"}
    made = taskspace.run(document, executor="inline", **places)
    assert made.result["missing"] == []
    store = Store(tmp_path / "store")
    for name, key in keys(document).items():
        if "+" in name:
            continue  # An order that this job does not train.
        record = store.get(key).record
        if name.startswith("constant/"):
            assert "best_epoch" not in record
            continue
        assert 1 <= record["best_epoch"] <= 3, name
        assert 0 < record["held_out_loss"] < inf, name
        if not name.startswith("transfer/"):
            assert len(record["loss"]) == 2
            learned = 80 if name.startswith("scratch/") else 718  # Of 100 and 898.
            assert record["steps"] == 3 * ceil(learned / (50 if learned == 80 else 64))


def test_a_share_that_leaves_too_little_fails_what_learns_with_it_by_name(tmp_path):
    transfer = job()["transfer"] | {"images": 4, "batch": 4, "held_out": 0.1}
    places = {"store": tmp_path / "store", "runs": tmp_path / "runs"}
    made = taskspace.run(job(transfer=transfer), executor="inline", **places)
    messages = {row["cell"]: row["message"] for row in made.result["missing"]}
    assert {"scratch/parity", "transfer/parity->loops"} <= set(messages)
    assert not any(name.startswith("train/") for name in messages)
    for name in ("scratch/parity", "transfer/parity->loops"):
        assert name in messages[name]
        assert "held_out: 0" in messages[name]

"""The two-stage detector: torchvision's numbers, image by image, learnt, repeatable, offline."""

from __future__ import annotations

import copy
import socket
import urllib.request

import pytest
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

import taskspace
from rectangles import RectangleBoxes, Rectangles, best_overlaps
from taskspace.components import BoxHead, Encoder, OwnLoss
from taskspace.components.detection.boxes import scores_of
from taskspace.errors import InputError
from taskspace.learning.fitting.fit import Adam
from taskspace.learning.networks import TaskNetwork, named_tensors, seeded
from taskspace.testing import check_component
from taskspace.testing.inventory import NETWORK
from taskspace_plugins.encoders.conv_pool import ConvPool
from taskspace_plugins.encoders.resnet import Resnet
from taskspace_plugins.encoders.resnet50 import Resnet50
from taskspace_plugins.readouts.faster_rcnn import FasterRcnn

IMAGE = (3, 64, 64)
HEAD = BoxHead.of(2, 8)
TASK = RectangleBoxes()
DETECTOR = FasterRcnn(sizes=[0.25, 0.5], hidden=64, detections=20)
ENCODER = ConvPool(width=32, depth=3)


@pytest.fixture(autouse=True)
def _one_thread_and_no_network(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("the network was asked for something")

    def connect(self, address):
        return usual(self, address) if self.family == socket.AF_UNIX else refuse()

    usual = socket.socket.connect
    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def network_of(encoder: Encoder = ENCODER, readout: FasterRcnn = DETECTOR, seed: int = 0):
    with seeded(seed):
        readout_network = readout.build(encoder.code_shape(IMAGE), HEAD, IMAGE)
        return TaskNetwork(encoder.build(IMAGE), readout_network)


def examples(*rows: int) -> tuple[Tensor, Tensor]:
    sample = Rectangles(images=40).read(rows)
    return sample["image"], TASK.target(sample)


def trained(network: TaskNetwork, inputs: Tensor, target: Tensor, steps: int) -> list[float]:
    adam, losses = Adam(list(network.parameters())), []
    network.train()
    for _ in range(steps):
        network.zero_grad()
        value, valid = network.loss(inputs, target, TASK)
        torch.autograd.backward(value[valid].mean())
        adam.step(1e-3)
        losses.append(float(value[valid].mean().detach()))
    network.eval()
    return losses


def test_it_conforms():
    report = check_component(FasterRcnn)
    assert report.ok, str(report)
    assert {outcome.check for outcome in report.of("skipped")} == set(NETWORK)


def test_it_learns_the_boxes_of_a_batch():
    inputs, target = examples(0, 3, 5, 4)
    network = network_of()
    losses = trained(network, inputs, target, 120)
    assert sum(losses[-5:]) < 0.1 * sum(losses[:5])
    with torch.no_grad():
        detections = network(inputs)
    present = target[:, :, 4] >= 0
    assert present.sum(1).tolist() == [1, 2, 2, 0]
    assert (best_overlaps(detections, target)[present] > 0.7).all()
    found = detections[..., 4] >= 0
    assert found.sum(1)[3] == 0  # nor where there is nothing
    scores = scores_of(detections)
    assert scores[found].min() >= 0.05
    assert detections[~found][:, :4].isnan().all() and not scores[~found].any()


def labels_of(target: Tensor) -> list[dict[str, Tensor]]:
    present = [rows[rows[:, 4] >= 0] for rows in target]
    return [{"boxes": rows[:, :4], "labels": rows[:, 4].long() + 1} for rows in present]


def test_the_loss_of_an_image_is_that_of_torchvision_from_equal_draws():
    network = network_of().train()
    inputs, target = examples(0, 3, 4)
    detector, code = network.decoder, network.encode(inputs).detach()
    ours, draws = detector.loss(code, target).value, detector._generator(0)
    from torchvision.models.detection._utils import BalancedPositiveNegativeSampler

    detector.rpn.fg_bg_sampler = BalancedPositiveNegativeSampler(256, 0.5)
    detector.roi_heads.fg_bg_sampler = BalancedPositiveNegativeSampler(512, 0.25)
    # Torchvision draws from the generator of the process.
    torch.set_rng_state(draws.get_state())
    for number in range(3):
        theirs = of_torchvision(detector, code[number : number + 1], target[number : number + 1])
        assert torch.equal(ours[number], theirs)


def test_the_mean_over_images_is_that_of_torchvision_over_a_batch():
    network = network_of().train()
    inputs, target = examples(0, 3, 5)
    detector, code = network.decoder, network.encode(inputs).detach()
    detector._samplers = []
    detector.rpn.fg_bg_sampler, detector.roi_heads.fg_bg_sampler = FirstOnes(32), FirstOnes(16)
    theirs = of_torchvision(detector, code, target)
    torch.testing.assert_close(detector.loss(code, target).value.mean(), theirs)


def of_torchvision(detector: nn.Module, code: Tensor, target: Tensor) -> Tensor:
    """The loss that torchvision computes for a batch."""
    from torchvision.models.detection.image_list import ImageList

    images = ImageList(code, [IMAGE[1:]] * len(code))
    labels = labels_of(target)
    proposals, first = detector.rpn(images, {"code": code}, labels)
    _, second = detector.roi_heads({"code": code}, proposals, images.image_sizes, labels)
    return torch.stack([*first.values(), *second.values()]).sum()


class FirstOnes:
    """Takes the first positives, a quarter at most, and then the first negatives."""

    def __init__(self, most: int) -> None:
        self.most = most

    def __call__(self, labels: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        positive = [(own > 0) & ((own > 0).cumsum(0) <= self.most // 4) for own in labels]
        rest = [self.most - int(own.sum()) for own in positive]
        negative = [
            (own == 0) & ((own == 0).cumsum(0) <= n) for own, n in zip(labels, rest, strict=True)
        ]
        for one, other in zip(positive, negative, strict=True):
            assert int(one.sum() + other.sum()) == self.most  # as much from each image
        return positive, negative


@pytest.mark.parametrize("training", [False, True])
def test_images_without_boxes_have_losses_and_unlabelled_ones_none(training):
    inputs, target = examples(4, 1, 3)
    network = network_of().train(training)
    value, valid = network.loss(inputs, target, TASK)
    assert valid.tolist() == [True, False, True]
    assert value[0] > 0 and value[1] == 0 and value.isfinite().all()
    value.sum().backward()
    assert all(p.grad.isfinite().all() for p in network.parameters())
    none, nothing = network.loss(inputs[1:2], target[1:2], TASK)
    assert none.tolist() == [0] and nothing.tolist() == [False]


def test_crowds_and_boxes_without_an_area_are_left_out():
    inputs, target = examples(3)
    network = network_of().eval()
    group, line = target[:, :1].clone(), target[:, :1].clone()
    group[..., 5] = 1
    line[..., 2] = line[..., 0]
    more = torch.cat([target, group, line], dim=1)
    with torch.no_grad():
        losses = [network.loss(inputs, each, TASK).value for each in (target, more)]
    assert torch.equal(*losses)


def test_a_test_loss_depends_on_the_image_alone_and_a_training_loss_on_the_step():
    _, target = examples(0, 3, 5)
    detector = DETECTOR.build((32, 32, 32), HEAD, IMAGE)  # 6144 anchors, of which 256 are drawn
    code = torch.rand(3, 32, 32, 32, generator=torch.Generator().manual_seed(0))
    assert isinstance(detector, OwnLoss)
    with torch.no_grad():
        detector.eval()
        together = detector.loss(code, target).value
        alone = torch.cat([detector.loss(code[i : i + 1], target[i : i + 1]).value for i in (2, 0)])
        torch.testing.assert_close(alone, together[[2, 0]], rtol=1e-5, atol=1e-6)
        detector.train()
        before = {name: t.clone() for name, t in named_tensors("it", detector).items()}
        first, second = (detector.loss(code, target).value for _ in range(2))
        assert not torch.equal(first, second)
        # A checkpoint holds all that the next draws depend on.
        torch.manual_seed(1)
        for name, tensor in named_tensors("it", detector).items():
            tensor.copy_(before[name])
        assert torch.equal(detector.loss(code, target).value, first)


def test_nothing_outside_its_generator_is_drawn_from():
    inputs, target = examples(0, 3)
    network = network_of().train()
    state = torch.get_rng_state()
    network.loss(inputs, target, TASK)
    network.eval()(inputs)
    assert torch.equal(torch.get_rng_state(), state)
    assert copy.deepcopy(network) is not network


def test_equal_seeds_train_to_equal_weights():
    inputs, target = examples(0, 3)
    networks = [network_of(seed=seed) for seed in (0, 0, 1)]
    for number, network in enumerate(networks):
        torch.manual_seed(number)
        trained(network, inputs, target, 3)
    first, again, other = (each.state_dict() for each in networks)
    assert all(torch.equal(value, again[name]) for name, value in first.items())
    assert not all(torch.equal(value, other[name]) for name, value in first.items())


def test_codes_and_targets_stay_as_they_are():
    inputs, target = examples(0, 3)
    network = network_of()
    code = network.encode(inputs).detach()
    kept = code.clone(), target.clone()
    network.decoder(code)
    network.loss(inputs, target, TASK)
    network.decoder.loss(code, target)
    assert torch.equal(code, kept[0]) and torch.equal(target.nan_to_num(), kept[1].nan_to_num())


def test_detections_of_an_image_do_not_depend_on_the_batch():
    inputs, target = examples(0, 3, 5)
    network = network_of()
    trained(network, inputs, target, 30)
    with torch.no_grad():
        together, alone = network(inputs), torch.cat([network(each[None]) for each in inputs])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-3, equal_nan=True)


def batch_statistics(network: nn.Module) -> list[nn.Module]:
    return [m for m in network.modules() if isinstance(m, _BatchNorm)]


@pytest.mark.parametrize(
    "encoder",
    [Resnet50(code_channels=64), Resnet(layers=50, pooled=False)],
    ids=["resnet50", "resnet"],
)
def test_resnet_50_makes_a_step_of_two_images(encoder):
    inputs, target = examples(3, 5)
    network = network_of(encoder)
    held = {n: b.clone() for n, b in network.encoder.named_buffers()}
    (loss,) = trained(network, inputs, target, 1)
    assert 0 < loss < 100
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())
    # What is normalised by stored statistics keeps them, in training too; the rest has none.
    assert all(torch.equal(b, held[n]) for n, b in network.encoder.named_buffers())
    assert not batch_statistics(network.decoder)
    with torch.no_grad():
        network.train()
        together = network.encode(inputs)
        alone = torch.cat([network.encode(each[None]) for each in inputs])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-4)


def test_a_co_training_of_detection_runs(tmp_path, monkeypatch):
    monkeypatch.setenv("TASKS_DATA", str(tmp_path / "data"))
    job = {
        "study": "cotraining",
        "name": "boxes",
        "dataset": {"use": "drive", "clips": 10, "windows": 2, "size": [48, 48]},
        "central": "detection",
        "auxiliary": [{"task": "colorize_rgb", "weight": 0, "batch": 2, "readout": "linear"}],
        "encoder": {"use": "resnet50", "layers": 26, "width": 8, "code_channels": 16},
        "share": 4,
        "readout": {"use": "faster_rcnn", "hidden": 16},
        "train": {"steps": 3, "batch": 2, "eval_every": 2},
        "seeds": 1,
        "shuffled": [],
    }
    places = {"store": tmp_path / "store", "runs": tmp_path / "runs", "executor": "inline"}
    run = taskspace.run(job, **places)
    assert not run.result["missing"]
    baseline, unused = (trial["tasks"][0] for trial in run.result["trials"])
    assert baseline == unused  # an auxiliary task of no weight changes nothing, bit by bit
    assert baseline["loss"] > 0 and 0 <= baseline["overall"]["ap"] <= baseline["overall"]["ap50"]
    with pytest.raises(InputError, match="cannot predict the task 'colorize_rgb'"):
        taskspace.run({**job, "auxiliary": [{"task": "colorize_rgb"}]}, **places)

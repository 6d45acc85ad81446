"""Started from the weights of LibMTL, an optional package, `mmoe` has its losses."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types

import pytest
import torch
from torch import nn
from torch.nn import functional

from taskspace.components import VectorHead
from taskspace_plugins.encoders.conv_pool import ConvPool
from taskspace_plugins.gating.mmoe import Mmoe
from taskspace_plugins.readouts.linear import Linear

pytestmark = pytest.mark.slow

IMAGE, TASKS, CLASSES, EXPERTS, STEPS = (3, 16, 16), 3, 4, 5, 200
ENCODER = ConvPool(width=8, depth=3)


@pytest.fixture
def architecture(monkeypatch):
    """Return LibMTL's architectures without the rest of it, which needs torchvision."""
    spec = importlib.util.find_spec("LibMTL")
    if spec is None:
        pytest.skip("LibMTL is not installed (`pip install --no-deps LibMTL==1.1.5`)")
    package = types.ModuleType("LibMTL")
    package.__path__ = list(spec.submodule_search_locations)
    monkeypatch.setitem(sys.modules, "LibMTL", package)
    return importlib.import_module("LibMTL.architecture")


def steps(parameters, losses):
    """Yield the loss of each task at each step of Adam, in double precision."""
    optimizer = torch.optim.Adam(parameters, lr=1e-3)
    generator = torch.Generator().manual_seed(0)
    for _ in range(STEPS):
        images = torch.rand(16, *IMAGE, generator=generator, dtype=torch.float64)
        labels = torch.randint(CLASSES, (16, TASKS), generator=generator)
        found = losses(images, labels)
        optimizer.zero_grad()
        sum(found).backward()
        optimizer.step()
        yield [float(loss.detach()) for loss in found]


def test_mmoe_from_libmtls_weights_has_libmtls_losses(architecture):
    torch.manual_seed(0)
    names = [str(task) for task in range(TASKS)]
    heads = {name: Linear().build((8, 2, 2), VectorHead(CLASSES), IMAGE) for name in names}
    theirs = architecture.MMoE(
        task_name=names,
        encoder_class=lambda: ENCODER.build(IMAGE),
        decoders=nn.ModuleDict(heads),
        rep_grad=False,
        multi_input=False,
        device=torch.device("cpu"),
        img_size=list(IMAGE),
        num_experts=[EXPERTS],
    ).double()
    scheme = Mmoe(experts=EXPERTS)
    mine = scheme.build(ENCODER, Linear(), IMAGE, [VectorHead(CLASSES)] * TASKS).double().train()
    mine.experts.networks.load_state_dict(theirs.experts_shared.state_dict())
    for task, name in enumerate(names):
        mine.selectors[task][1].load_state_dict(theirs.gate_specific[name][0].state_dict())
        mine.heads.networks[task].load_state_dict(theirs.decoders[name].state_dict())
    asked = torch.ones(16, TASKS, dtype=torch.bool)

    def of_theirs(images, labels):
        said = theirs(images)
        return [functional.cross_entropy(said[n], labels[:, t]) for t, n in enumerate(names)]

    def of_mine(images, labels):
        said = mine(images, asked).predictions
        return [functional.cross_entropy(said[t], labels[:, t]) for t in range(TASKS)]

    for found, wanted in zip(
        steps(mine.parameters(), of_mine), steps(theirs.parameters(), of_theirs), strict=True
    ):
        assert found == pytest.approx(wanted, rel=1e-6)

"""The search for tasks that networks agree on: the loop around two networks that learn them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite, isinf

import torch
from torch import Tensor, nn

from taskspace.errors import CellError
from taskspace.learning.examples import Rows
from taskspace.learning.fitting.fit import Adam
from taskspace.studies.discovery.maths.curve import COLUMNS, Means, Point
from taskspace.studies.discovery.maths.entropy import label_entropy
from taskspace.studies.discovery.maths.inner import LAST, Order, Proxy, label_gradients
from taskspace.studies.discovery.maths.online import OnlinePair, consensus_gradient
from taskspace.studies.discovery.maths.options import Hypergradient, Options
from taskspace.studies.discovery.maths.sphere import uniformity

UNROLLED: Mapping[Hypergradient, tuple[Order, Proxy]] = {
    "full": ("full", "held_out"),
    "first": ("first", "held_out"),
    "xas": ("full", "fresh"),
}

AT_ONCE = 512
"""Images that pass the task model at once; uniformity is over the pairs of as many."""


class TaskSearch:
    """Tasks on their way to be agreed on (Atanov et al. 2022, Sec. 4).

    The task model moves by Adam; what two networks that learn one of its tasks disagree on reaches
    it through the labels alone. Tasks take turns, a meta-step each.

    Args:
        model: of the tasks: (inputs [B, ...], rows [B]) -> points [B, D], with a method `logits`,
            points -> [B, T, K] (`TaskSphere`, `FreeLabels`); moved in place.
        make_network: returns a network, images [B, C, H, W] -> logits [B, K], initialised from
            torch's own generator, which is seeded for the call.
        images: that networks learn from [N, ...].
        inputs: that the task model sees [N, ...]: the same, or codes of a frozen encoder.
        options: of the search.
        generator: of initialisations and batches; it is moved.
        keep: an extra loss, (points [B, D], rows [B]) -> a number, for instance of linear heads
            that keep annotated tasks decodable; its weights are learnt too.

    Raises:
        InputError: if there are fewer images than two batches, not as many inputs, or steps in
            which nothing moves the task model.
    """

    def __init__(
        self,
        model: nn.Module,
        make_network: Callable[[], nn.Module],
        images: Rows,
        inputs: Rows,
        options: Options,
        generator: torch.Generator,
        keep: nn.Module | None = None,
    ) -> None:
        options.check(len(images), len(inputs))
        options.check_moves(keeps=keep is not None)
        self._model, self._keep = model, keep
        self._make_network = make_network
        self._images, self._inputs = images, inputs
        self._options = options
        self._generator = generator
        weights = [weight for module in self._modules().values() for weight in module.parameters()]
        self._learned = [weight for weight in weights if weight.requires_grad]
        self._adam = Adam(self._learned)
        self._frozen = self._draw_seeds()
        self._curve: list[Point] = []
        with torch.no_grad():
            self._tasks = self._logits(self._points(torch.arange(2))).shape[1]

    @property
    def curve(self) -> Sequence[Point]:
        """Return what each meta-step saw."""
        return tuple(self._curve)

    @property
    def done(self) -> bool:
        """Return whether all meta-steps are made."""
        return len(self._curve) >= self._options.steps

    def step(self) -> Point:
        """Make a meta-step, and return what it saw.

        Networks that leave the finite end it; the task model is as it was before that.

        Raises:
            CellError: if the loss of the task model is not finite.
        """
        task = len(self._curve) % self._tasks
        option = self._options.hypergradient
        online = option in ("online", "direct")
        if not self._options.agreement or len(self._curve) < self._options.warm_up:
            point = self._spread(online)
        elif online:
            point = self._online(task, direct=option == "direct")
        else:
            point = self._unrolled(task, *UNROLLED[option])
        self._curve.append(point)
        if not isfinite(point.loss) and not isinf(point.disagreement):
            raise CellError(
                f"The loss of the search is not finite in meta-step {len(self._curve)}.",
                advice="Lower the learning rate of the labels.",
            )
        return point

    def tensors(self) -> dict[str, Tensor]:
        """Return a copy of all that `restore` goes on from."""
        values = self._adam.averages(self._learned)
        for part, module in self._modules().items():
            values |= {f"{part}.{name}": value for name, value in module.state_dict().items()}
        curve = [[getattr(point, column) for column in COLUMNS] for point in self._curve]
        return {name: value.detach().clone() for name, value in values.items()} | {
            "curve": torch.tensor(curve, dtype=torch.float64).reshape(-1, len(COLUMNS)),
            "generator": self._generator.get_state(),
            "frozen_pair": torch.tensor(self._frozen),
        }

    def restore(self, saved: Mapping[str, Tensor]) -> None:
        """Go on from what `tensors` gave, to the same numbers."""
        for part, module in self._modules().items():
            names = module.state_dict()
            module.load_state_dict({name: saved[f"{part}.{name}"] for name in names})
        for name, average in self._adam.averages(self._learned).items():
            average.copy_(saved[name])
        self._curve = [Point(*row) for row in saved["curve"].tolist()]
        self._generator.set_state(saved["generator"])
        self._frozen = saved["frozen_pair"].tolist()

    def _spread(self, online: bool) -> Point:
        """Move the task model as often as with agreement, by everything but it."""
        means = Means()
        size, steps = (self._options.batch, self._options.inner_steps) if online else (AT_ONCE, 1)
        for rows in self._batches(size, steps):
            means.add_loss(*self._pull(self._points(rows), rows))
            self._move()
        return means.point()

    def _online(self, task: int, direct: bool) -> Point:
        """Move the task at each step of the two networks: by what they predict, or what it did."""
        steps, images = self._options.inner_steps, self._images
        batches = self._batches(self._options.batch, steps + 1)
        pair = OnlinePair(self._pair(), self._options.inner_rate, images[batches[0]])
        means = Means()
        for step, rows in enumerate(batches[:-1]):
            before, points = pair.logs, self._points(rows)
            labels = self._labels(points, task)
            disagreement = pair.learn(labels.detach(), images[batches[step + 1]])
            if not isfinite(disagreement):
                return means.lost()
            gradients = consensus_gradient(before) if direct else pair.label_gradient()
            spread, loss = self._pull(points, rows, (labels * gradients).sum())
            self._move()
            means.add_loss(spread, loss, disagreement)
            means.add_labels(labels)
            if step >= steps - LAST:
                means.add_predictions(before, labels, pair.logs)
        return means.point()

    def _unrolled(self, task: int, order: Order, proxy: Proxy) -> Point:
        """Move the task once, by what all steps of the two networks did."""
        options, images = self._options, self._images
        held_out, learnt = torch.split(
            torch.randperm(len(images), generator=self._generator),
            [options.batch, len(images) - options.batch],
        )
        drawn = self._batches(options.batch, options.inner_steps, len(learnt))
        batches = learnt[torch.stack(drawn)]
        rows, places = torch.unique(batches.flatten(), return_inverse=True)
        chunks = torch.split(rows, AT_ONCE)
        with torch.no_grad():
            labels = torch.cat([self._labels(self._points(some), task) for some in chunks])
        moved = label_gradients(
            self._pair(),
            torch.stack([images[batch] for batch in batches]),
            labels[places].reshape(*batches.shape, -1),
            images[held_out],
            rate=options.inner_rate,
            order=order,
            proxy=proxy,
        )
        if not isfinite(moved.loss):
            return Means().lost()
        gradients = torch.zeros_like(labels)
        gradients.index_add_(0, places.to(labels.device), moved.gradients.flatten(0, 1))
        means = Means()
        for some, pull in zip(chunks, torch.split(gradients, AT_ONCE), strict=True):
            points = self._points(some)
            product = (self._labels(points, task) * pull).sum()
            share = len(some) / len(rows)
            means.add_loss(*self._pull(points, some, product, share), moved.loss)
        self._move()
        means.add_labels(labels)
        return means.point(moved.agreed, moved.learnt)

    def _pull(
        self, points: Tensor, rows: Tensor, product: Tensor | None = None, share: float = 1.0
    ) -> tuple[float, float]:
        """Add to the gradients of what is learnt, and return uniformity and loss.

        Args:
            points: of the rows [B, D].
            rows: of the search [B].
            product: labels times the gradient of the disagreement by them.
            share: of all rows of the step, which these are.
        """
        options = self._options
        terms = []
        spread = torch.zeros(())
        if options.uniformity:
            spread = uniformity(points)
            terms.append(options.uniformity * spread)
        if options.entropy:
            terms.append(-options.entropy * label_entropy(self._logits(points)))
        if self._keep is not None:
            terms.append(self._keep(points, rows))
        loss = torch.stack(terms).sum() if terms else torch.zeros(())
        whole = share * loss
        if product is not None:
            whole = whole + options.agreement * product
        whole.backward()  # type: ignore[no-untyped-call]
        return float(spread.detach()), float(loss.detach())

    def _move(self) -> None:
        self._adam.step(self._options.learning_rate)
        for weight in self._learned:
            weight.grad = None

    def _points(self, rows: Tensor) -> Tensor:
        points: Tensor = self._model(self._inputs[rows], rows)
        return points

    def _labels(self, points: Tensor, task: int) -> Tensor:
        return self._logits(points)[:, task].softmax(1)

    def _logits(self, points: Tensor) -> Tensor:
        logits: Tensor = self._model.logits(points)  # type: ignore[operator]
        return logits

    def _modules(self) -> dict[str, nn.Module]:
        return {"model": self._model} | ({} if self._keep is None else {"keep": self._keep})

    def _pair(self) -> list[nn.Module]:
        """Return two networks from the initialisations of this meta-step."""
        seeds = self._frozen if self._options.frozen_pair else self._draw_seeds()
        networks = []
        for seed in seeds:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                networks.append(self._make_network())
        return networks

    def _batches(self, size: int, count: int, rows: int | None = None) -> list[Tensor]:
        """Return batches of rows: shuffles of all of them one after the other, cut."""
        rows = len(self._images) if rows is None else rows
        size = min(size, rows)
        shuffles = range(-(-size * count // rows))
        order = torch.cat([torch.randperm(rows, generator=self._generator) for _ in shuffles])
        return list(torch.split(order[: size * count], size))

    def _draw_seeds(self) -> list[int]:
        drawn: list[int] = torch.randint(1 << 62, (2,), generator=self._generator).tolist()
        return drawn

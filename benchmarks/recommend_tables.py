r"""How well models are recommended from published tables of errors, beside the static rankings.

Two tables: 50 experts on 50 tasks of CUB and iNaturalist, with a generic (ImageNet) expert, and
tllib's ranking of 10 models on 8 data sets with four transferability scores. Every task is left
out with all that it brings, settings are chosen on the others; intervals are 95 % of the bootstrap
over tasks.

    python benchmarks/recommend_tables.py [--data ../shared/data/model_zoo] [--seed 0] [--tries 8]

What is known of a task beside errors is its name alone: its data set, class and order or family.
Two tasks are as far apart as they differ in class (1), in order or family (1) and in data set
(1/2).
"""

from __future__ import annotations

import argparse
import platform
import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import numpy as np

from taskspace.studies.recommend.maths.adaptive import adaptive_tries
from taskspace.studies.recommend.maths.errors import ErrorTable, Floats, Indices
from taskspace.studies.recommend.maths.evaluator import (
    best_errors,
    picked_errors,
    rank_agreements,
    regrets,
    relative_errors,
    uniform_errors,
)
from taskspace.studies.recommend.maths.leave_out import Recommender, leave_out
from taskspace.studies.recommend.maths.model2vec import Model2Vec
from taskspace.studies.recommend.maths.neighbours import NearTasks, log_errors
from taskspace.studies.recommend.maths.resampling import task_mean
from taskspace.studies.recommend.maths.static import (
    average_ranking,
    parameter_ranking,
    portfolio_order,
    single_model,
    two_way_effects,
)
from taskspace.studies.recommend.maths.tries import best_of_first, best_of_random, ranked_order
from taskspace.studies.recommend.maths.verdict import verdict
from taskspace.studies.recommend.table.description import ErrorColumns, ErrorFile
from taskspace.studies.recommend.table.reading import read_errors

EXPERTS = "cub_inat_experts_50x50.csv"
RANKING = "tllib_model_ranking.csv"
SCORES = ["nce", "logme", "hscore", "leep"]
FOLDS = 5  # of MODEL2VEC's inner division

MILLIONS = {
    "GoogleNet": 6.6,
    "Inception V3": 27.2,
    "ResNet50": 25.6,
    "ResNet101": 44.5,
    "ResNet152": 60.2,
    "DenseNet121": 8.0,
    "DenseNet169": 14.1,
    "Densenet201": 20.0,
    "MobileNet V2": 3.5,
    "MNasNet": 4.4,
}
"""Parameters as torchvision's documentation rounds them."""


def main() -> None:
    """Print both tables' figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/model_zoo"))
    parser.add_argument("--seed", type=int, default=0, help="of the bootstrap")
    parser.add_argument("--tries", type=int, default=8, help="candidates tried at most")
    arguments = parser.parse_args()
    print(
        f"{date.today()}, Python {platform.python_version()}, NumPy {np.__version__}, "
        f"seed {arguments.seed}"
    )
    experts(arguments.data / EXPERTS, arguments.seed, arguments.tries)
    ranking(arguments.data / RANKING, arguments.seed, arguments.tries)


def experts(file: Path, seed: int, tries: int) -> None:
    """Print the figures of the experts, without and with the generic one among the candidates."""
    whole = read_errors(ErrorFile(table=file, exclude=["optimal"])).table
    generic_column = whole.models.index("imagenet")
    trained = np.array([name != "imagenet" for name in whole.models])
    table = ErrorTable.of(
        whole.tasks,
        [name for name in whole.models if name != "imagenet"],
        whole.errors[:, trained],
    )
    print(f"\n{file.name}: {len(table.tasks)} tasks, {len(table.models)} experts")
    errors = table.candidates()
    print(f"oracle: mean error {best_errors(errors).mean():.2f} %")
    generic = whole.errors[:, generic_column]
    best = int(average_ranking(errors, np.arange(1))[0, 0].argmin())
    hindsight = average_ranking(errors, np.arange(len(errors)))[0]
    static = {
        "chance": uniform_errors(errors),
        "generic expert": generic,
        "best average, left out": picked_errors(errors, leave_out(table, average_ranking).expected),
    }
    by_data_set = leave_out(grouped(table), average_ranking).expected
    others = {
        "best average, data set left out": picked_errors(errors, by_data_set),
        "best average, hindsight": picked_errors(errors, hindsight),
        "the same, its own task counted": table.errors[:, best],
    }
    recommended = {
        name: picked_errors(errors, leave_out(table, one, folds).expected)
        for name, (one, folds) in recommenders(table).items()
    }
    report(errors, static | others | recommended, seed)
    conclude(errors, recommended, static, seed, relative_errors)
    curves(table, seed, tries)
    print("\nThe generic expert among the candidates (its errors lower the oracle)")
    generic_ranking = single_model(generic_column, len(whole.tasks), len(whole.models))
    candidates = whole.candidates()
    rankings = {
        "generic expert": generic_ranking,
        "best average, left out": leave_out(whole, average_ranking).expected,
        "near tasks": leave_out(whole, recommenders(whole)["near tasks"][0]).expected,
    }
    report(
        candidates, {name: picked_errors(candidates, one) for name, one in rankings.items()}, seed
    )
    curves(whole, seed, tries)


def ranking(file: Path, seed: int, tries: int) -> None:
    """Print the figures of tllib's models and scores."""
    columns = ErrorColumns(task="dataset", value="finetuned_acc", scores=SCORES)
    measured = read_errors(ErrorFile(table=file, columns=columns, measure="accuracy"))
    table, errors = measured.table, measured.table.candidates()
    count = len(table.tasks)
    print(f"\n{file.name}: {count} data sets, {len(table.models)} models")
    print(f"oracle: mean error {best_errors(errors).mean():.2f} %")
    parameters = np.array([MILLIONS[name] for name in table.models])
    static = {
        "best average, left out": leave_out(table, average_ranking).expected,
        "parameter count": parameter_ranking(parameters, count),
    }
    scored = {name: -measured.scores[name] for name in SCORES}
    picked = {name: picked_errors(errors, one) for name, one in (static | scored).items()}
    report(errors, {"chance": uniform_errors(errors)} | picked, seed)
    print("\nweighted tau")
    for name, expected in (static | scored).items():
        print(f"  {name:<32}{mean_text(rank_agreements(errors, expected), seed, 3)}")
    for loss in (relative_errors, regrets):
        conclude(
            errors,
            {name: picked[name] for name in scored},
            {name: picked[name] for name in static} | {"chance": uniform_errors(errors)},
            seed,
            loss,
        )
    orders = {name: ranked_order(errors, one, tries) for name, one in (static | scored).items()}
    print_curves(errors, orders, seed, tries)


def recommenders(table: ErrorTable) -> Mapping[str, tuple[Recommender, int | None]]:
    """Return recommenders that try nothing, by the tasks' names, and the folds of their choice."""
    words = [name_parts(name) for name in table.tasks]
    distances = np.array([[name_distance(first, second) for second in words] for first in words])
    vocabulary = sorted({word for task in words for word in task})
    features = np.array([[float(word in task) for word in vocabulary] for task in words])
    random = np.random.default_rng(0)
    order = random.permutation(len(words))
    noise = random.normal(size=features.shape)
    return {
        "near tasks": (NearTasks(distances, table.own), None),
        "near tasks, names shuffled": (NearTasks(distances[np.ix_(order, order)], table.own), None),
        "MODEL2VEC": (Model2Vec(features, table.own), FOLDS),
        "MODEL2VEC, noise for embeddings": (Model2Vec(noise, table.own), FOLDS),
    }


def name_parts(name: str) -> tuple[str, str, str]:
    """Return data set, class and order (or family) of a name like `[inat] anura (amphibia)`."""
    found = re.fullmatch(r"\[(\w+)\] (\w+) \((\w+)\)", name)
    if found is None:
        raise SystemExit(f"{name!r} is not written as `[data set] order (class)`.")
    return found[1], found[3], f"{found[3]}/{found[2]}"


def name_distance(first: tuple[str, str, str], second: tuple[str, str, str]) -> float:
    """Return how far tasks are by data set, class and order."""
    weights = (0.5, 1.0, 1.0)
    return sum(
        weight for weight, one, other in zip(weights, first, second, strict=True) if one != other
    )


def grouped(table: ErrorTable) -> ErrorTable:
    """Return the table with the tasks of a data set as one group."""
    names = [name_parts(name)[0] for name in table.tasks]
    groups = np.unique(names, return_inverse=True)[1]
    return ErrorTable.of(table.tasks, table.models, table.errors, own=table.own, groups=groups)


def average_logs(known: Floats, tasks: Indices) -> Floats:
    """Return the models' average log errors, what tries start from where no name is known."""
    return np.tile(two_way_effects(log_errors(known))[1], (1, len(tasks), 1))


def curves(table: ErrorTable, seed: int, tries: int) -> None:
    """Print the relative error against the number of candidates tried."""
    errors = table.candidates()
    near = recommenders(table)["near tasks"][0]
    by_name, by_average = leave_out(table, near), leave_out(table, average_logs)
    portfolio = [
        portfolio_order(table.known_without(table.held_with(task)), tries)
        for task in range(len(table.tasks))
    ]
    orders = {
        "best average": ranked_order(errors, leave_out(table, average_ranking).expected, tries),
        "portfolio": np.stack(portfolio),
        "tries that learn": adaptive_tries(table, average_logs, by_average, tries).order,
        "near tasks": ranked_order(errors, by_name.expected, tries),
        "near tasks, tries that learn": adaptive_tries(table, near, by_name, tries).order,
    }
    print_curves(errors, orders, seed, tries)


def print_curves(errors: Floats, orders: Mapping[str, Indices], seed: int, tries: int) -> None:
    """Print the mean relative error of the best of the first k, with its interval below."""
    print("\nbest of k tried, % over the oracle: k = 1, 2, ...")
    reached = {"chance": best_of_random(errors, tries)}
    reached |= {name: best_of_first(errors, order) for name, order in orders.items()}
    for name, values in reached.items():
        means = [task_mean(relative_errors(errors, one), seed) for one in values.T]
        print(f"  {name:<32}" + "".join(f"{one.mean:15.2f}" for one in means))
        ends = "".join(f"{f'{one.low:.1f} to {one.high:.1f}':>15}" for one in means)
        print(" " * 34 + ends)


def report(errors: Floats, picked: Mapping[str, Floats], seed: int) -> None:
    """Print relative error and regret of each method's picks."""
    print(f"\n  {'':<32}{'% over the oracle':>26}{'regret in points':>26}")
    for name, one in picked.items():
        relative = mean_text(relative_errors(errors, one), seed, 2)
        print(f"  {name:<32}{relative:>26}{mean_text(regrets(errors, one), seed, 2):>26}")


def mean_text(values: Floats, seed: int, digits: int) -> str:
    """Return a mean with its interval."""
    one = task_mean(values, seed)
    return f"{one.mean:.{digits}f} ({one.low:.{digits}f} to {one.high:.{digits}f})"


def conclude(
    errors: Floats,
    picked: Mapping[str, Floats],
    static: Mapping[str, Floats],
    seed: int,
    loss: Callable[[Floats, Floats], Floats],
) -> None:
    """Print each method against the best static ranking, and the verdict."""
    found = verdict(
        {name: loss(errors, one) for name, one in picked.items()},
        {name: loss(errors, one) for name, one in static.items()},
        seed,
    )
    unit = "points" if loss is regrets else "% over the oracle"
    print(f"\nagainst {found.static}, in {unit}; p by Holm")
    for name, one in found.methods.items():
        low, high = one.difference.low, one.difference.high
        text = f"{one.difference.mean:.2f} ({low:.2f} to {high:.2f})"
        print(f"  {name:<32}{text:>26}   p = {one.p:.2g}")
    print(f"  {found}")


if __name__ == "__main__":
    main()

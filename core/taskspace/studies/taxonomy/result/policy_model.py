"""The policies of a result, and the random ones beside them."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from pydantic import Field

from taskspace.components import Number, Record

Statistic: TypeAlias = Literal["gain", "quality"]
"""Win rate against scratch, and against the fully supervised network."""

Interval3: TypeAlias = tuple[Number, Number, Number]
"""A share of test images, 0 to 1, with the ends of its 95 % interval: share, low, high."""


STATISTICS: tuple[Statistic, ...] = ("gain", "quality")


class MeanRate(NamedTuple):
    """A mean win rate over targets, 0 to 1, and the ends of its 95 % interval."""

    mean: float | None
    low: float | None
    high: float | None


class ServedRecord(Record):
    """What a target gets, in its own metric on test images; null is not measured."""

    target: str = Field(description="The target.")
    sources: list[str] = Field(description="The sources it reads; none where it is not served.")
    metric_name: str = Field(description="The name of its metric.")
    metric: Number | None = Field(description="What it gets.")
    own: Number | None = Field(description="Its own network's.")
    constant: Number | None = Field(description="The best constant's.")
    scratch: Number | None = Field(description="From scratch on the transfer data.")
    shown: bool | None = Field(description="Whether it is shown to beat scratch and the constant.")
    own_is_best: bool = Field(description="Whether its own network serves it.")


class RandomLabels(Record):
    """The labels against random ones of the same cost."""

    p: Number | None = Field(description="P value.")
    p_holm: Number = Field(description="P value, corrected over different policies (Holm).")
    sets: int = Field(description="How many sets of labels of this cost there are at most.")


class PolicyEvidence(Record):
    """What is shown of a policy."""

    above_floor: list[str] = Field(
        description="Targets shown to get more than scratch and than the best constant."
    )
    random_labels: RandomLabels | None = Field(description="Null where it was not tested.")
    above_random: bool = Field(description="Whether the labels beat random ones of their cost.")


class StabilityRecord(Record):
    """Whether repetitions choose the same labels."""

    seeds: int = Field(description="Repetitions that decided.")
    shares: dict[str, Number] = Field(description="Share of them that chooses each label, 0 to 1.")
    stable: bool = Field(description="Whether two thirds choose each label of the policy.")


class MarginalRecord(Record):
    """What further labels bring."""

    since: Number = Field(alias="from", description="The budget before.")
    per_label: dict[str, Number | None] = Field(
        description="Gained for each unit of budget: objective, mean gain, mean quality."
    )


class AlternativeRecord(Record):
    """A next best set of labels."""

    lost: Number | None = Field(description="Share of the objective that it loses, 0 to 1.")
    objective: Number = Field(description="Its objective.")
    supervised: list[str] = Field(description="Its labels.")


class AlternativesRecord(Record):
    """The next best sets of labels."""

    found: list[AlternativeRecord] = Field(description="The best first.")
    message: str = Field(description="What was not proven; empty where all was.")


class ForcedRecord(Record):
    """The program with one task decided beforehand."""

    lost: Number | None = Field(description="Share of the objective that it loses, 0 to 1.")
    objective: Number | None = Field(description="Its objective.")
    status: str = Field(description="How it was solved.")


class DecisionRecord(Record):
    """What deciding a task otherwise costs."""

    forced_in: ForcedRecord = Field(description="With the task supervised.")
    left_out: ForcedRecord = Field(description="Without it.")
    supervised: bool = Field(description="Whether the policy supervises it.")
    task: str = Field(description="The task.")

    @property
    def other(self) -> ForcedRecord:
        """Return the decision that the policy did not take."""
        return self.left_out if self.supervised else self.forced_in


class SensitivityRecord(Record):
    """What deciding each task otherwise costs."""

    message: str = Field(description="What was not proven; empty where all was.")
    tasks: list[DecisionRecord] = Field(description="Each task that may be supervised.")


class BudgetPolicy(Record):
    """What to label under a budget; null where there is no policy."""

    bound: Number | None = Field(None, description="No policy has a higher objective.")
    budget: Number = Field(description="In units of label cost.")
    cost: Number | None = Field(None, description="What its labels cost.")
    gap: Number | None = Field(None, description="Share by which it may miss the best, 0 to 1.")
    mean_gain: Number | None = Field(None, description="Mean win rate against scratch, 0 to 1.")
    mean_quality: Number | None = Field(
        None, description="Mean win rate against full supervision, 0 to 1."
    )
    message: str | None = Field(None, description="Why there is no policy, or what is not proven.")
    objective: Number | None = Field(None, description="What the program maximises.")
    status: str = Field("optimal", description="How the program was solved.")
    supervised: list[str] = Field([], description="The tasks to label.")
    pretrained: list[str] = Field(
        [], description="The pretrained sources it uses; absent where the job has none."
    )
    transfers: dict[str, list[str]] = Field(description="The sources that serve each target.")
    measured_on: str | None = Field(None, description="`test`, `select` or `table`.")
    gain_interval: tuple[Number, Number] | None = Field(None, description="95 % of `mean_gain`.")
    quality_interval: tuple[Number, Number] | None = Field(
        None, description="95 % of `mean_quality`."
    )
    free: list[str] = Field([], description="Labels that cost nothing.")
    not_served: list[str] = Field([], description="Targets that only their floor serves.")
    served: list[ServedRecord] = Field([], description="What each target gets.")
    evidence: PolicyEvidence | None = Field(None, description="What is shown of it.")
    stability: StabilityRecord | None = Field(None, description="Null with one repetition.")
    marginal: MarginalRecord | None = Field(None, description="Null for the first budget.")
    alternatives: AlternativesRecord | None = Field(None, description="Where the job asks.")
    sensitivity: SensitivityRecord | None = Field(None, description="Where the job asks.")
    seconds: Number | None = Field(None, description="0 where the solver failed, else absent.")

    def by(self, statistic: Statistic) -> MeanRate:
        """Return its mean gain or quality."""
        if statistic == "gain":
            return MeanRate(self.mean_gain, *(self.gain_interval or (None, None)))
        return MeanRate(self.mean_quality, *(self.quality_interval or (None, None)))


class NullStatistic(Record):
    """A statistic of random policies beside that of the policy; null is not measured."""

    high: Number | None = Field(description="97.5 % quantile of random policies.")
    low: Number | None = Field(description="2.5 % quantile.")
    mean: Number | None = Field(description="Mean of random policies.")
    observed: Number | None = Field(description="That of the policy.")
    p: Number | None = Field(description="P value.")
    serving: str = Field(description="`random` or `best` transfers.")
    statistic: str = Field(description="`gain` or `quality`.")
    wins: Number | None = Field(description="Share of random policies that the policy beats.")


class NullRecord(Record):
    """Random policies that cost no more than the policy of one budget."""

    best: dict[str, NullStatistic] = Field(description="Each target served by its best transfer.")
    budget: Number = Field(description="In units of label cost.")
    cost: Number | None = Field(None, description="What the policy costs, and they at most.")
    count: int = Field(description="Random policies drawn.")
    exact: bool = Field(
        False, description="Whether p of `best` is the policy's rank among all these sets."
    )
    random: dict[str, NullStatistic] = Field(description="Served by random admitted transfers.")
    refused: int = Field(description="Draws that served no target and were drawn again.")
    source_sets: int = Field(description="Different sets of labels of that cost that there are.")

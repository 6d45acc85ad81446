"""Policies: which tasks to supervise under a budget, and which transfer serves each target."""

from taskspace.studies.taxonomy.policy.admission import FORMULATIONS, Formulation
from taskspace.studies.taxonomy.policy.alternatives import Alternative, Alternatives
from taskspace.studies.taxonomy.policy.around import Around, around_optima
from taskspace.studies.taxonomy.policy.coefficients import (
    COEFFICIENTS,
    Coefficient,
    coefficient_value,
    measured_by,
)
from taskspace.studies.taxonomy.policy.frontier import marginal_values
from taskspace.studies.taxonomy.policy.problem import PolicyProblem, Rule
from taskspace.studies.taxonomy.policy.random_policies import (
    Null,
    NullComparison,
    compare_with_random,
)
from taskspace.studies.taxonomy.policy.result import Policy
from taskspace.studies.taxonomy.policy.sensitivity import Forced, Sensitivity, TaskSensitivity
from taskspace.studies.taxonomy.policy.solve import solve_policies, solve_policy
from taskspace.studies.taxonomy.policy.transfer import Transfer

__all__ = [
    "COEFFICIENTS",
    "FORMULATIONS",
    "Alternative",
    "Alternatives",
    "Around",
    "Coefficient",
    "Forced",
    "Formulation",
    "Null",
    "NullComparison",
    "Policy",
    "PolicyProblem",
    "Rule",
    "Sensitivity",
    "TaskSensitivity",
    "Transfer",
    "around_optima",
    "coefficient_value",
    "compare_with_random",
    "marginal_values",
    "measured_by",
    "solve_policies",
    "solve_policy",
]

"""Policies: which tasks to supervise under a budget, and which transfer serves each target."""

from taskspace.studies.taxonomy.policy.coefficients import (
    COEFFICIENTS,
    Coefficient,
    coefficient_value,
    measured_by,
)
from taskspace.studies.taxonomy.policy.problem import PolicyProblem, Rule, Transfer
from taskspace.studies.taxonomy.policy.random_policies import (
    Null,
    NullComparison,
    compare_with_random,
)
from taskspace.studies.taxonomy.policy.result import Policy
from taskspace.studies.taxonomy.policy.solve import solve_policies, solve_policy

__all__ = [
    "COEFFICIENTS",
    "Coefficient",
    "Null",
    "NullComparison",
    "Policy",
    "PolicyProblem",
    "Rule",
    "Transfer",
    "coefficient_value",
    "compare_with_random",
    "measured_by",
    "solve_policies",
    "solve_policy",
]

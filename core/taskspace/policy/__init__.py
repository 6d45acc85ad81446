"""Policies: which tasks to supervise under a budget, and which transfer serves each target."""

from taskspace.policy.analysis.alternatives import Alternatives
from taskspace.policy.analysis.around import Around, around_optima
from taskspace.policy.analysis.random_policies import Null, compare_with_random
from taskspace.policy.analysis.sensitivity import Forced, Sensitivity
from taskspace.policy.model.checked_problem import PolicyProblem
from taskspace.policy.model.coefficients import Coefficient, coefficient_value, measured_by
from taskspace.policy.model.formulation import FORMULATIONS, Formulation
from taskspace.policy.model.problem import UncheckedProblem
from taskspace.policy.model.transfers import Transfer
from taskspace.policy.result import Policy, marginal_values
from taskspace.policy.solve import solve_policies, solve_policy

__all__ = [
    "FORMULATIONS",
    "Alternatives",
    "Around",
    "Coefficient",
    "Forced",
    "Formulation",
    "Null",
    "Policy",
    "PolicyProblem",
    "Sensitivity",
    "Transfer",
    "UncheckedProblem",
    "around_optima",
    "coefficient_value",
    "compare_with_random",
    "marginal_values",
    "measured_by",
    "solve_policies",
    "solve_policy",
]

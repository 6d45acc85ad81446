"""Do two measurements of a taxonomy agree: runs with a published table, and with one another."""

from taskspace.studies.taxonomy.agreement.affinities import (
    Affinities,
    measured_affinities,
    published_affinities,
)
from taskspace.studies.taxonomy.agreement.answer import (
    FinishedRun,
    agreement_answer,
)
from taskspace.studies.taxonomy.agreement.compare import Agreement, TargetAgreement, compare
from taskspace.studies.taxonomy.agreement.names import OFFICIAL_NAMES
from taskspace.studies.taxonomy.agreement.overlap import (
    PolicyOverlap,
    chance_jaccard,
    jaccard,
    policy_overlaps,
)

__all__ = [
    "OFFICIAL_NAMES",
    "Affinities",
    "Agreement",
    "FinishedRun",
    "PolicyOverlap",
    "TargetAgreement",
    "agreement_answer",
    "chance_jaccard",
    "compare",
    "jaccard",
    "measured_affinities",
    "policy_overlaps",
    "published_affinities",
]

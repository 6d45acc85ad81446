"""What is written below the pictures of a target."""

from __future__ import annotations

import numpy as np
import pytest

from taskspace.studies.taxonomy.page.pictures import picture_blocks
from taskspace.studies.taxonomy.plan.competitors import SUPERVISED
from taskspace.studies.taxonomy.result.model import TaxonomyResult
from taskspace.studies.taxonomy.result.policy_model import BudgetPolicy

IMAGES = np.zeros((2, 3, 4, 4), np.uint8)


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        (["depth"], "its own network"),
        (["edges", "normals"], "from edges + normals; `supervised`"),
        ([], "not served; `supervised`, its own network, is shown to compare"),
    ],
)
def test_a_caption_says_what_serves_the_target(sources, words):
    kinds = ("input", "truth", SUPERVISED)
    artifacts = {f"depth/{kind}": IMAGES for kind in kinds}
    policy = BudgetPolicy(budget=2.0, transfers={"depth": sources})
    result = TaxonomyResult(study="taxonomy", name="made-up", seed=0, policies=[policy])
    (block,) = picture_blocks(result, artifacts)
    assert f"depth under the policy of budget 2: {words}" in block.caption

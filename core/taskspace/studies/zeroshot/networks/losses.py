"""The three parts of the objective (eq. 5.2 to 5.6)."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from taskspace.studies.zeroshot.networks.critic import Judgement


def critic_loss(judged: Judgement, penalty: float) -> Tensor:
    """Return what the critic makes small: minus L_adv (eq. 5.4).

    Args:
        penalty: lambda_gp, for slopes on interpolates that are not 1.
    """
    distance = judged.real.mean() - judged.generated.mean()
    return penalty * (judged.slope - 1).square().mean() - distance


def adversarial_loss(scores: Tensor) -> Tensor:
    """Return what a generator makes small of L_wgan (eq. 5.3), from the scores [B] of its samples.

    The scores of real features do not depend on it.
    """
    return -scores.mean()


def classification_loss(logits: Tensor, pairs: Tensor) -> Tensor:
    """Return the cross-entropy of generated features (eq. 5.2): logits [B, P], true pairs [B]."""
    return functional.cross_entropy(logits, pairs)


def clustering_loss(generated: Tensor, real: Tensor) -> Tensor:
    """Return the squared distance of generated to real features [B, F] of the same pairs.

    The paper prints the sum over samples (eq. 5.5), whose weight would depend on batch and feature
    size: this is the mean over samples and features.
    """
    return (generated - real).square().mean()

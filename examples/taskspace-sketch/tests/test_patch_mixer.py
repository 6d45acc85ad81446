"""What the encoder does beyond what every encoder does."""

import pytest
import torch

from taskspace_sketch.patch_mixer import MixerBlock, PatchMixer


@pytest.mark.parametrize("image", [(1, 8, 8), (3, 32, 32), (3, 9, 17), (1, 3, 3)])
@pytest.mark.parametrize("patch", [2, 4, 16])
def test_the_code_covers_the_image_whatever_its_sides(image, patch):
    encoder = PatchMixer(patch=patch)
    code = encoder.build(image)(torch.rand(2, *image))
    assert code.shape == (2, *encoder.code_shape(image))


def test_every_patch_has_its_say_everywhere():
    torch.manual_seed(0)
    network = PatchMixer(depth=1).build((1, 8, 8))
    image = torch.rand(1, 1, 8, 8, requires_grad=True)
    network(image)[0, :, 1, 1].sum().backward()
    corner = image.grad[0, 0, :4, :4]
    assert corner.abs().min() > 0


def test_a_block_whose_perceptrons_say_nothing_changes_nothing():
    block = MixerBlock(patches=6, channels=4)
    for perceptron in (block.across_patches, block.across_channels):
        torch.nn.init.zeros_(perceptron[-1].weight)
        torch.nn.init.zeros_(perceptron[-1].bias)
    x = torch.rand(3, 4, 6)
    assert torch.equal(block(x), x)

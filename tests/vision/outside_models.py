"""One small model of every kind, in files, and the encoder that reads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import save_file
from state_dicts import as_trained, tensors_of


def timm_file(folder: Path, model: str, **options: object) -> Path:
    """Return a file with the weights of a model of timm at random."""
    import timm

    torch.manual_seed(0)
    file = folder / f"{model}.safetensors"
    save_file(tensors_of(as_trained(timm.create_model(model, **options))), file)
    return file


def torchvision_file(folder: Path, layers: int) -> Path:
    """Return a file with the weights of a ResNet of torchvision at random, classifier and all."""
    import torchvision

    torch.manual_seed(0)
    file = folder / f"resnet{layers}.pth"
    torch.save(as_trained(getattr(torchvision.models, f"resnet{layers}")()).state_dict(), file)
    return file


def transformers_folder(folder: Path, architecture: str, configuration: object) -> Path:
    """Return a folder with a model of transformers at random, made of a configuration."""
    import transformers

    torch.manual_seed(0)
    place = folder / architecture
    model = as_trained(getattr(transformers, architecture)(configuration))
    model.save_pretrained(place)
    transformers.ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(place)
    return place


def vit_configuration(**more: object) -> object:
    """Return the configuration of a small vision transformer."""
    from transformers import ViTConfig

    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "intermediate_size": 64}
    images = {"image_size": 32, "patch_size": 8, "num_labels": 5}
    return ViTConfig(**sizes, num_attention_heads=2, **images, **more)


ENCODERS: dict[str, Callable[[Path], dict[str, object]]] = {
    "efficientnet_lite": lambda folder: {"use": "efficientnet_lite", "side": 32},
    "torchvision": lambda folder: {
        "use": "weights_file",
        "path": str(torchvision_file(folder, 18)),
        "encoder": {"use": "resnet", "layers": 18},
        "side": 32,
    },
    "timm_resnet": lambda folder: {
        "use": "timm",
        "model": "resnet18",
        "weights": str(timm_file(folder, "resnet18")),
        "side": 32,
    },
    "timm_vit": lambda folder: {
        "use": "timm",
        "model": "vit_tiny_patch16_224",
        "weights": str(timm_file(folder, "vit_tiny_patch16_224", img_size=32)),
        "side": 32,
    },
    "transformers": lambda folder: {
        "use": "huggingface",
        "folder": str(transformers_folder(folder, "ViTModel", vit_configuration())),
    },
}
"""What a job says of each, by a name for it; every study that takes encoders is tried with them."""

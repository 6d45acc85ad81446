"""Encoders of packages that are not installed say what installs them, before anything is read."""

from __future__ import annotations

import sys

import pytest

from taskspace.errors import InputError
from taskspace_plugins.encoders.pretrained.huggingface import HuggingFace
from taskspace_plugins.encoders.pretrained.timm import Timm

ENCODERS = [
    (Timm(model="resnet18"), "timm", "timm"),
    (HuggingFace(model="a/b", download=True), "transformers", "huggingface"),
]


@pytest.mark.parametrize(("encoder", "package", "extra"), ENCODERS)
def test_what_installs_the_package_is_said(encoder, package, extra, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    assert encoder.missing() == f"pip install 'taskspace[{extra}]'"
    image = (3, 32, 32)
    for ask in (encoder.identity, lambda: encoder.code_shape(image), lambda: encoder.build(image)):
        with pytest.raises(InputError, match=f"needs the package {package}") as refused:
            ask()
        assert refused.value.advice == encoder.missing()


def test_a_model_of_transformers_is_in_a_folder_or_has_a_name():
    with pytest.raises(ValueError, match="give the `folder` of a model"):
        HuggingFace()

"""taskspace's conformance kit over everything that this plugin provides."""

import pytest
from taskspace.components import Component
from taskspace.testing import check_component

from taskspace_sketch import plugin

PROVIDED = [*plugin.taskspace_tasks(), *plugin.taskspace_encoders(), *plugin.taskspace_solvers()]


@pytest.mark.parametrize("cls", PROVIDED, ids=lambda cls: cls.name)
def test_it_conforms(cls: type[Component]) -> None:
    report = check_component(cls)
    assert report.ok, str(report)

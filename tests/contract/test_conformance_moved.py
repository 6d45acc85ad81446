"""What was written for the kit's old place is told the new one."""

from __future__ import annotations

import pytest


def test_the_old_place_of_the_kit_says_where_it_is():
    with pytest.raises(ImportError, match=r"from taskspace.testing import check_component"):
        from taskspace.registry.conformance import check_component  # noqa: F401

"""The fixtures of `jobs_world`; tests import its names from there: `conftest` has many homes."""

from jobs_world import problems, shelf, valid

__all__ = ["problems", "shelf", "valid"]

"""Where the conformance kit was; who asks for a name is told where it is."""


def __getattr__(name: str) -> object:
    if name.startswith("__"):  # what the import system itself asks for
        raise AttributeError(name)
    raise ImportError(f"The conformance kit has moved: `from taskspace.testing import {name}`.")

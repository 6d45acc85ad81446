"""Where the conformance kit was; what imports it is told where it is."""

raise ImportError(
    "The conformance kit is `taskspace.testing` now: write "
    "`from taskspace.testing import check_component`."
)

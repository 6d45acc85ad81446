"""The conformance kit: what every component of a kind must do, as named checks."""

from taskspace.registry.conformance.inventory import INVENTORY
from taskspace.registry.conformance.kit import check_component
from taskspace.registry.conformance.processes import Children
from taskspace.registry.conformance.report import Outcome, Report
from taskspace.registry.conformance.subject import Subject

__all__ = ["INVENTORY", "Children", "Outcome", "Report", "Subject", "check_component"]

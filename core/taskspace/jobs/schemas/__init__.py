"""Trees against JSON Schemas, in which components are named and not imported."""

"""The plain types that components, studies and the engine exchange."""

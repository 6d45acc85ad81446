"""What is known and trusted: discovery, registry.toml, quarantine, activation."""

"""The `tasks` command."""

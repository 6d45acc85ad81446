"""`python -m taskspace_cli` is `tasks`."""

from taskspace_cli.main import main

main()

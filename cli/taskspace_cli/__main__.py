"""`tasks`, which is also `python -m taskspace_cli`."""

from taskspace_cli.search_path import leave_out_working_directory


def main() -> None:
    """Run the command; nothing that the working directory holds is imported."""
    leave_out_working_directory()
    from taskspace_cli.main import main as command  # noqa: PLC0415  not before

    command()


if __name__ == "__main__":
    main()

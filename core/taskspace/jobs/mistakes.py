"""How a study's job model says what is wrong, where no type or bound can.

    class Solve(BaseModel):
        budgets: list[int] | None = None
        up_to: int | None = None

        @model_validator(mode="after")
        def _one_of_both(self) -> Self:
            if self.budgets is not None and self.up_to is not None:
                message = "`budgets` and `up_to` exclude each other."
                raise_problems([problem(Code.EXCLUSIVE_KEYS, message, "up_to", on_key=True)])
            return self

Several mistakes in one list are all reported, each at its own place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic_core import PydanticCustomError

from taskspace.jobs.codes import Code
from taskspace.jobs.text.places import Steps

ERROR_TYPE = "taskspace_mistakes"


@dataclass(frozen=True)
class Mistake:
    """What is wrong, relative to the value that a validator sees.

    Attributes:
        steps: from the validator's value to the bad one.
        on_key: whether the caret stands on the key instead of on its value.
    """

    code: Code
    message: str
    steps: Steps = ()
    on_key: bool = False
    suggestion: str | None = None


def problem(
    code: Code,
    message: str,
    *steps: str | int,
    on_key: bool = False,
    suggestion: str | None = None,
) -> Mistake:
    """Return a mistake at `steps` from the value that the validator sees."""
    return Mistake(code, message, steps, on_key, suggestion)


def raise_problems(mistakes: Sequence[Mistake]) -> None:
    """Raise the mistakes in a pydantic validator; do nothing where there are none.

    Raises:
        PydanticCustomError: which `load_job` turns into problems with positions.
    """
    if mistakes:
        text = " ".join(mistake.message for mistake in mistakes)
        context = {"text": text, "mistakes": tuple(mistakes)}
        raise PydanticCustomError(ERROR_TYPE, "{text}", context)

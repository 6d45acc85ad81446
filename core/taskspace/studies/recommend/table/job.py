from pydantic import BaseModel


class ErrorsFile(BaseModel):
    """x."""

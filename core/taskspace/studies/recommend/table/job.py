from pydantic import BaseModel


class ErrorTable(BaseModel):
    """x."""

"""What every table of keys in a scenario file has in common."""

from pydantic import BaseModel, ConfigDict, model_validator

from wasmctl.testing.scalars import Value


class Table(BaseModel):
    """A table whose keys are known; those that begin with ``x-`` are its author's own."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"patternProperties": {"^x-": {}}},
    )

    @model_validator(mode="before")
    @classmethod
    def _without_own_keys(cls, written: Value) -> Value:
        """Leave out the keys that authors add for their own use: ``x-…``."""
        if isinstance(written, dict):
            return {key: value for key, value in written.items() if not key.startswith("x-")}
        return written

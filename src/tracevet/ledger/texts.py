"""Models to JSON texts and back, whatever a hostile trace put into them."""

import json
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from tracevet.model import Finding, Gap, Result

M = TypeVar("M", bound=BaseModel)

_FINDINGS = TypeAdapter(tuple[Finding, ...])
_GAPS = TypeAdapter(tuple[Gap, ...])
_NOTHING = Result()


def dump(model: BaseModel, *leave_out: str) -> str:
    """Write the model as JSON, without the named fields; lone surrogates survive as escapes."""
    exclude = set(leave_out)
    try:
        return model.model_dump_json(exclude=exclude)
    except PydanticSerializationError:
        return json.dumps(model.model_dump(mode="json", exclude=exclude))


def load(cls: type[M], text: str) -> M:
    """Read a model back from what `dump` wrote.

    Raises:
        ValueError: it was written by a model of another shape.
    """
    try:
        return cls.model_validate_json(text)
    except ValidationError:
        if "\\ud" not in text:
            raise
        return cls.model_validate(json.loads(text))


def dump_result(result: Result) -> tuple[str, str]:
    """Write the findings and the gaps as JSON."""
    return _dump_all(_FINDINGS, result.findings), _dump_all(_GAPS, result.gaps)


def load_result(findings: str, gaps: str) -> Result:
    """Read a result back.

    Raises:
        ValueError: it was written by models of another shape.
    """
    if findings == gaps == "[]":  # most snippets; no parsing, no new object
        return _NOTHING
    return Result(_load_all(_FINDINGS, findings), _load_all(_GAPS, gaps))


A = TypeVar("A", Finding, Gap)


def _dump_all(adapter: TypeAdapter[tuple[A, ...]], items: tuple[A, ...]) -> str:
    try:
        return adapter.dump_json(items).decode()
    except PydanticSerializationError:
        return json.dumps(adapter.dump_python(items, mode="json"))


def _load_all(adapter: TypeAdapter[tuple[A, ...]], text: str) -> tuple[A, ...]:
    try:
        return adapter.validate_json(text)
    except ValidationError:
        if "\\ud" not in text:
            raise
        return adapter.validate_python(json.loads(text))

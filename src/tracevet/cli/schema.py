"""`tracevet schema`: the published JSON Schemas."""

from enum import StrEnum
from typing import Annotated

import typer


class Subject(StrEnum):
    """What there is a schema of."""

    VERDICT = "verdict"
    REPORT = "report"
    DIGEST = "digest"
    POLICIES = "policies"


def schema(subject: Annotated[Subject, typer.Argument(help="What to describe.")] = Subject.VERDICT) -> None:
    """Print the JSON Schema of a verdict (a line of jsonl), a report of scan, a digest of report, or a policy file."""
    import json

    from pydantic import BaseModel

    from tracevet.model import Report, Verdict
    from tracevet.policy import PolicyFile
    from tracevet.reporting import Digest

    models: dict[Subject, type[BaseModel]] = {
        Subject.VERDICT: Verdict,
        Subject.REPORT: Report,
        Subject.DIGEST: Digest,
        Subject.POLICIES: PolicyFile,
    }
    described = models[subject].model_json_schema(mode="validation" if subject is Subject.POLICIES else "serialization")
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **described}
    typer.echo(json.dumps(document, indent=2))

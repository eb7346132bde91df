"""Which type of observation a span becomes."""

from collections.abc import Mapping
from typing import Any

TYPES = frozenset(
    {"SPAN", "GENERATION", "EVENT", "EMBEDDING", "AGENT", "TOOL", "CHAIN", "RETRIEVER", "GUARDRAIL", "EVALUATOR"}
)
_OPERATIONS = {
    **dict.fromkeys(("chat", "completion", "text_completion", "generate_content", "generate"), "GENERATION"),
    **dict.fromkeys(("invoke_agent", "create_agent"), "AGENT"),
    "embeddings": "EMBEDDING",
    "execute_tool": "TOOL",
}
_VERCEL = {
    **dict.fromkeys(("ai.generateText.doGenerate", "ai.streamText.doStream"), "GENERATION"),
    **dict.fromkeys(("ai.generateObject.doGenerate", "ai.streamObject.doStream"), "GENERATION"),
    **dict.fromkeys(("ai.embedMany.doEmbed", "ai.embed.doEmbed"), "EMBEDDING"),
    "ai.toolCall": "TOOL",
}
_MODELS = (
    "langfuse.observation.model.name",
    "gen_ai.request.model",
    "gen_ai.response.model",
    "llm.model_name",
    "model",
)


def kind(attributes: Mapping[str, Any]) -> str:
    """Choose by the first sign there is: Langfuse's own word, OpenInference, GenAI, Vercel, a tool, a model."""
    own = str(attributes.get("langfuse.observation.type", "")).upper()
    inference = str(attributes.get("openinference.span.kind", "")).replace("LLM", "GENERATION")
    operation = _OPERATIONS.get(str(attributes.get("gen_ai.operation.name", "")))
    if own in TYPES:
        return own
    if inference in TYPES:
        return inference
    if operation or (operation := _vercel(attributes)):
        return operation
    if attributes.get("gen_ai.tool.name") or attributes.get("gen_ai.tool.call.id"):
        return "TOOL"
    return "GENERATION" if any(attributes.get(key) for key in _MODELS) else "SPAN"


def _vercel(attributes: Mapping[str, Any]) -> str | None:
    name = str(attributes.get("operation.name") or attributes.get("ai.operationId") or "")
    return next((word for prefix, word in _VERCEL.items() if name.startswith(prefix)), None)

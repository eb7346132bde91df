"""Data flow within a snippet: from sources to sinks, past sanitizers."""

from tracevet_python.flow.detector import FlowDetector

__all__ = ["FlowDetector"]

"""Langfuse as a platform: reads traces, and writes what violates a policy back where it stands."""

from tracevet_langfuse.hooks import register_platforms
from tracevet_langfuse.masking import PolicyTags, policy_tags
from tracevet_langfuse.platform import LangfusePlatform

__all__ = ["LangfusePlatform", "PolicyTags", "policy_tags", "register_platforms"]

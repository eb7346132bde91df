"""LangSmith as a platform: reads traces, and writes what violates a policy back where it stands."""

from tracevet_langsmith.hooks import register_platforms
from tracevet_langsmith.platform import LangSmithPlatform
from tracevet_langsmith.tagging import PolicyTags, policy_tags

__all__ = ["LangSmithPlatform", "PolicyTags", "policy_tags", "register_platforms"]

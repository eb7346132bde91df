"""Vetting inside the traced application: spans are noted as they end, and vetted in an interpreter of their own."""

from tracevet.live.attachment import Attachment, attach

__all__ = ["Attachment", "attach"]

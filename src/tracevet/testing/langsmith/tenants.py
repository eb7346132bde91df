"""What the server tells about itself and about the workspace that a key opens."""

from tracevet.testing.langsmith.answers import Answer, Row
from tracevet.testing.langsmith.calls import Call
from tracevet.testing.langsmith.release import Release

SINCE = "2026-01-01T00:00:00Z"
_BATCHES = {  # an SDK hangs where one of these is missing
    "use_multipart_endpoint": True,
    "scale_up_qsize_trigger": 1000,
    "scale_up_nthreads_limit": 16,
    "scale_down_nempty_trigger": 4,
    "size_limit": 100,
}


def info(release: Release, payload_limit: int) -> Row:
    """Tell the version and what it can do; no key is needed."""
    batches = {**_BATCHES, "size_limit_bytes": payload_limit}
    return {"version": release.version, "batch_ingest_config": batches, "instance_flags": release.flags}


def settings(call: Call) -> Answer:
    """Tell which workspace this is."""
    workspace = call.workspace
    return Answer({"id": workspace.id, "display_name": workspace.name, "created_at": SINCE, "tenant_handle": None})


def workspaces(call: Call) -> Answer:
    """List the workspaces of the key."""
    workspace = call.workspace
    names = {"id": workspace.id, "display_name": workspace.name, "tenant_handle": None, "organization_id": None}
    return Answer([names | {"created_at": SINCE, "is_personal": False, "is_deleted": False, "read_only": False}])

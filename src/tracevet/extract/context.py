"""Who and where: the facts of a trace, each by its own list of places to look, best first. One table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tracevet.extract import clues, facts, metadata
from tracevet.extract.facts import Keep
from tracevet.model import Context, Fact, Json, SpanKind, Trace


@dataclass(frozen=True, slots=True)
class Look:
    """Where to look: metadata by its dotted key, `user` or `session` of the trace, or tags by their beginning.

    `gateway.` is for the payload that LiteLLM logs as a run's input.
    """

    place: str
    keep: Keep = facts.word


def _keys(*keys: str, keep: Keep = facts.word) -> tuple[Look, ...]:
    return tuple(Look(f"metadata.{key}", keep) for key in keys)


LOOKS: Mapping[str, tuple[Look, ...]] = {
    "developer": (
        Look("user", facts.email),
        *_keys("user.email", "user_email", "user_api_key_user_email", "userEmail", keep=facts.email),
        *_keys("langfuse_user_id", "user_id", "enduser.id", "requester_metadata.user_email", keep=facts.email),
        *_keys("user_api_key_user_id", "user_api_key_alias"),
        Look("user"),
        *_keys("local_username", "langfuse_user_id", "user_id", "user_api_key_end_user_id"),
        Look("tag user_project:", facts.user_of_project),
        *_keys("resourceAttributes.user.email", "resourceAttributes.user.name", "resourceAttributes.enduser.id"),
        *_keys("resourceAttributes.user.id", "enduser.id", "user.id"),
    ),
    "repository": (
        *_keys("repository_url", "git.repository_url", "vcs.repository.url.full", keep=facts.repository),
        *_keys("repository_name", "repository", "repo", "git.repository", keep=facts.repository),
        *_keys("requester_metadata.repository_url", "requester_metadata.repository", keep=facts.repository),
        *_keys("requester_metadata.repo", "resourceAttributes.vcs.repository.url.full", keep=facts.repository),
    ),
    "branch": _keys(
        *("git_branch", "claude.git_branch", "cursor.git_branch", "git.branch", "gitBranch", "branch"),
        *("vcs.ref.head.name", "requester_metadata.branch", "requester_metadata.git_branch"),
        keep=facts.branch,
    ),
    "commit": _keys(
        *("git_commit_sha", "git.commit_hash", "git_commit", "commit_sha", "commit_hash", "commit", "git.commit.sha"),
        *("vcs.ref.head.revision", "requester_metadata.commit"),
        keep=facts.commit,
    ),
    "directory": _keys(
        *("cwd", "claude.cwd", "cursor.workspace_roots", "cursor.cwd", "codex.cwd", "workspace_roots"),
        *("workspace.host_paths", "requester_metadata.cwd", "workdir"),
        keep=facts.directory,
    ),
    "assistant": (
        *_keys("ls_integration", "source", "claude.source", keep=facts.assistant),
        *_keys(
            "scope.name", "resourceAttributes.service.name", "service.name", "gen_ai.agent.name", keep=facts.assistant
        ),
        *_keys("clientName", "user_agent", keep=facts.assistant),
        Look("gateway.user_agent", facts.assistant),
        Look("tag User-Agent:", facts.assistant),
        Look("tag ", facts.assistant),
        Look("name", facts.assistant_by_name),
    ),
    "assistant_version": (
        *_keys("ls_agent_runtime_version", "codex.cli_version", "codex_cli_version", "cli_version", "cursor.version"),
        *_keys("cursor_version", "clientVersion", "app.version", "version"),
        Look("tag User-Agent:", facts.version_of_agent),
        *_keys("user_agent", keep=facts.version_of_agent),
    ),
    "model": (
        *_keys("ls_model_name", "codex.model", "cursor.model", "claude.model", "gen_ai.request.model", "ai.model.id"),
        *_keys("llm.model_name", "modelID", "model_name", "model"),
        Look("gateway.model"),
    ),
    "session": (
        Look("session"),
        *_keys("session_id", "conversation_id", "thread_id", "langfuse_session_id", "gen_ai.conversation.id"),
        *_keys("session.id", "sessionId", "cursor.conversation_id", "codex.thread_id", "conversationId"),
        *(Look("gateway.session_id"), Look("gateway.trace_id")),
    ),
    "approval_mode": _keys(
        "approval_policy", "permissionMode", "permission_mode", "approval_mode", "cursor.approval_mode"
    ),
}
_SERVICE_IS_ASSISTANT = ("claude-code", "copilot")  # Gemini CLI's service.version is that of its interpreter
_PROJECT = (*_keys("project", "project_name", "requester_metadata.project"), Look("tag project:"))


def read_context(trace: Trace) -> Context:
    """Read who and where out of a trace: its own fields first, then its metadata, the root's before the others'.

    E-mail addresses come in lower case, repositories without credentials. What the trace does not say stays None;
    messages are not searched, except, for the directory alone, the blocks in which assistants state it.
    """
    holders = _holders(trace)
    found = {name: _first(trace, holders, looks) for name, looks in LOOKS.items()}
    found["model"] = _model(trace) or found["model"]
    found["assistant_version"] = _version(trace, holders, found["assistant"], found["assistant_version"])
    found["directory"] = found["directory"] or clues.directory(trace)
    found["project"] = _project(trace, holders, found["repository"], found["directory"])
    return Context(**found)


def join_context(first: Context, later: Context) -> Context:
    """Join what is known of a session with a later trace of it: the later trace's own facts win."""
    names = Context.model_fields
    return Context(**{name: getattr(later, name) or getattr(first, name) for name in names})


@dataclass(frozen=True, slots=True)
class _Holders:
    """The objects to search, in order, and all their top-level names: most of what is looked for is in none."""

    objects: list[Mapping[str, Json]]
    names: frozenset[str]


def _holders(trace: Trace) -> _Holders:
    """Give the trace's, the roots', then the other spans'."""
    known = {span.id for span in trace.spans}
    roots = [span.metadata for span in trace.spans if span.parent_id not in known or span.parent_id == span.id]
    others = [span.metadata for span in trace.spans if span.parent_id in known and span.parent_id != span.id]
    objects = [holder for holder in (trace.metadata, *roots, *others) if holder]
    return _Holders(objects, frozenset().union(*objects))


def _first(trace: Trace, holders: _Holders, looks: tuple[Look, ...]) -> Fact | None:
    for look in looks:
        for source, value in _values(trace, holders, look.place):
            kept = look.keep(value, trace.tags)
            if kept:
                return Fact(value=kept, source=source)
    return None


def _values(trace: Trace, holders: _Holders, place: str) -> Iterator[tuple[str, Json]]:
    kind, _, key = place.partition(".")
    if kind == "metadata":
        for holder in holders.objects if metadata.may_hold(holders.names, key) else ():
            found = metadata.find(holder, key)
            if found:
                yield f"metadata.{found[0]}", found[1]
    elif kind == "gateway":
        inputs = (span.input for span in trace.spans if isinstance(span.input, dict))
        yield from ((f"input.{key}", fields[key]) for fields in inputs if "litellm_call_id" in fields and key in fields)
    elif place.startswith("tag "):
        prefix = place.removeprefix("tag ")
        for tag in trace.tags:
            if tag.lower().startswith(prefix.lower()):
                yield place.strip(), tag[len(prefix) :]
    else:
        value = {"user": trace.user, "session": trace.session_id, "name": trace.name}[place]
        yield place, value
        if place == "name":
            yield from (("span.name", span.name) for span in trace.spans[:1])


def _model(trace: Trace) -> Fact | None:
    for span in trace.spans:
        kept = facts.word(span.model, ()) if span.kind is SpanKind.GENERATION else None
        if kept:
            return Fact(value=kept, source="span.model")
    return None


def _version(trace: Trace, holders: _Holders, assistant: Fact | None, found: Fact | None) -> Fact | None:
    """Keep a version where it is that of an assistant, not of any application."""
    if assistant is None or found or not assistant.value.startswith(_SERVICE_IS_ASSISTANT):
        return found if assistant else None
    return _first(trace, holders, _keys("resourceAttributes.service.version", "service.version"))


def _project(trace: Trace, holders: _Holders, repository: Fact | None, directory: Fact | None) -> Fact | None:
    """Name the project by its repository, else as the trace names it, else by its directory."""
    if repository:
        return Fact(value=facts.last(repository.value), source=repository.source)
    named = _first(trace, holders, _PROJECT)
    if named or directory is None or facts.is_home(directory.value):
        return named
    name = facts.last(directory.value)
    return Fact(value=name, source=directory.source) if name else None

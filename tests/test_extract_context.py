"""Who and where: each fact by its lookup order, with its source, and nothing made up."""

from collections import defaultdict

import pytest
from extraction import generation, tool, trace
from hypothesis import given, settings
from hypothesis import strategies as st
from recorded_traces import FOLDER, NAMES, traces

from tracevet.extract import join_context, read_context
from tracevet.extract.facts import ASSISTANTS, is_home
from tracevet.model import Context, Fact, Json, Span, SpanKind, Trace


def known(context: Context) -> dict[str, str]:
    """Write down the facts of a context, each with its source."""
    return {name: f"{fact.value} < {fact.source}" for name, fact in context if fact}


def value(whole: Trace, name: str) -> str | None:
    fact = getattr(read_context(whole), name)
    return fact.value if fact else None


def expected() -> dict[str, list[dict[str, str]]]:
    """Read the table: per recording, the different contexts of its traces, in their order."""
    table: dict[str, list[dict[str, str]]] = defaultdict(list)
    for line in (FOLDER.parent / "trace_contexts.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            table[name := line[2:]].append({})
        elif line:
            field, _, fact = line.partition(" ")
            table[name][-1][field] = fact
    return table


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_gives_the_context_in_the_table(name: str) -> None:
    found: list[dict[str, str]] = []
    for whole in traces(name):
        context = known(read_context(whole))
        if context not in found:
            found.append(context)
    assert found == expected()[name]


def root(**metadata: Json) -> Trace:
    return trace(
        Span(id="r", kind=SpanKind.AGENT, metadata={key.replace("__", "."): metadata[key] for key in metadata})
    )


def workspace(*folders: str) -> str:
    listed = "".join(f"- {folder}\n" for folder in folders)
    return (
        f"<workspace_info>\nI am working in a workspace with the following folders:\n{listed}</workspace_info>\nHello"
    )


# metadata and fields of the trace, field, value
LOOKUPS: list[tuple[Trace, str, str | None]] = [
    (trace(user="Dana.K@Example.com"), "developer", "dana.k@example.com"),
    (trace(user="a1b2", metadata={"attributes.user.email": "D@example.com"}), "developer", "d@example.com"),
    (trace(user="a1b2", metadata={"attributes": {"user.email": "d@example.com"}}), "developer", "d@example.com"),
    (trace(user="a1b2", metadata={"user_api_key_user_id": "dana"}), "developer", "dana"),
    (
        trace(user="a1b2", metadata={"user_api_key_user_id": None, "user_api_key_alias": "dana-laptop"}),
        "developer",
        "dana-laptop",
    ),
    (trace(user="a1b2"), "developer", "a1b2"),
    (trace(metadata={"user_id": "a hash", "local_username": "dana"}), "developer", "dana"),
    (trace(tags=("user_project:dana.k-shop-api", "project:shop-api")), "developer", "dana.k"),
    (trace(tags=("user_project:dana-shop-api",)), "developer", "dana"),
    (trace(user="<REDACTED>", metadata={"user_id": "unknown"}), "developer", None),
    (root(repository_url="https://dana:token@github.com/acme/shop.git"), "repository", "https://github.com/acme/shop"),
    (root(repository_url="git@github.com:acme/shop.git"), "project", "shop"),
    (root(repository_name="acme/shop", cwd="/src/other"), "project", "shop"),
    (root(requester_metadata={"repo": "acme/shop"}), "repository", "acme/shop"),
    (root(project="shop", cwd="/src/other"), "project", "shop"),
    (trace(tags=("project:shop",)), "project", "shop"),
    (root(cwd="/home/dana/src/shop/"), "project", "shop"),
    (root(cwd="C:\\Users\\dana\\src\\shop"), "project", "shop"),
    (root(cwd="/home/dana"), "project", None),
    (root(cwd="/home/dana"), "directory", "/home/dana"),
    (root(cursor__workspace_roots=["/src/shop", "/src/lib"]), "directory", "/src/shop"),
    (root(cursor={"workspace_roots": ["/src/shop"]}), "directory", "/src/shop"),
    (root(git_branch="refs/heads/main"), "branch", "main"),
    (root(git_branch="HEAD"), "branch", None),
    (root(git_commit_sha="ABCDEF0123"), "commit", "abcdef0123"),
    (root(commit="fix the login"), "commit", None),
    (root(ls_integration="openai-codex"), "assistant", "codex"),
    (root(ls_integration="langchain_chat_model"), "assistant", None),
    (root(scope__name="com.anthropic.claude_code.tracing"), "assistant", "claude-code"),
    (trace(tags=("User-Agent: claude-cli/2.0.14 (external, cli)",)), "assistant", "claude-code"),
    (trace(tags=("User-Agent: claude-cli/2.0.14 (external, cli)",)), "assistant_version", "2.0.14"),
    (trace(name="Claude Code - Turn 3 (5b0c1a2e)"), "assistant", "claude-code"),
    (trace(name="Cursory look"), "assistant", None),
    (trace(tags=("cursor", "skill:x")), "assistant", "cursor"),
    (root(source="claude-code", version="2.1.45"), "assistant_version", "2.1.45"),
    (root(version="of my application"), "assistant_version", None),
    (trace(generation(model="gpt-5", metadata={"ls_model_name": "other"})), "model", "gpt-5"),
    (trace(generation(model="<synthetic>")), "model", None),
    (root(cursor__model="sonnet"), "model", "sonnet"),
    (trace(session_id="s1", metadata={"thread_id": "s2"}), "session", "s1"),
    (root(thread_id="s2"), "session", "s2"),
    (root(permissionMode="bypassPermissions"), "approval_mode", "bypassPermissions"),
    (root(approval_policy="never"), "approval_mode", "never"),
    (trace(tool("exec_command", {"cmd": "ls", "workdir": "/src/shop"})), "directory", "/src/shop"),
    (trace(tool("Shell", '{"command": "ls", "working_directory": "/src/shop"}')), "project", "shop"),
    (trace(tool("Shell", {"command": "ls", "cwd": "app"})), "directory", None),
    (trace(generation([{"role": "user", "content": "<cwd>/src/shop</cwd>"}])), "directory", "/src/shop"),
    (trace(generation([{"role": "assistant", "content": "<cwd>/src/shop</cwd>"}])), "directory", None),
    (trace(generation([{"role": "user", "content": workspace("/src/shop")}])), "directory", "/src/shop"),
    (trace(generation([{"role": "user", "content": workspace("/src/shop", "/src/lib")}])), "directory", "/src/shop"),
    (trace(generation([{"role": "user", "content": "I am in /src/shop, branch main"}])), "directory", None),
]


@pytest.mark.parametrize(("whole", "field", "expected_value"), LOOKUPS)
def test_a_fact_is_found_by_its_lookup_order(whole: Trace, field: str, expected_value: str | None) -> None:
    assert value(whole, field) == expected_value


def test_the_roots_metadata_counts_before_the_other_spans() -> None:
    child = Span(id="c", parent_id="r", metadata={"cwd": "/src/child", "git_branch": "child"})
    whole = trace(child, Span(id="r", parent_id="never recorded", metadata={"cwd": "/src/root"}))
    assert known(read_context(whole)) == {
        "project": "root < metadata.cwd",
        "directory": "/src/root < metadata.cwd",
        "branch": "child < metadata.git_branch",
    }


@pytest.mark.parametrize(
    "bad", [None, 7, True, "", "  ", "x" * 5000, "a\nb", "null", ["", 7], {"a": 1}, "\u202eevil", "[SECRET_DETECTED]"]
)
def test_values_that_are_no_names_are_not_facts(bad: Json) -> None:
    keys = (
        "user_email",
        "repository_url",
        "git_branch",
        "git_commit_sha",
        "cwd",
        "ls_integration",
        "model",
        "thread_id",
    )
    metadata: dict[str, Json] = dict.fromkeys((*keys, "approval_policy", "source", "project"), bad)
    assert known(read_context(trace(metadata=metadata))) == {}


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "~",
        "/root",
        "/home",
        "/home/dana",
        "/Users/dana/",
        "C:\\Users\\dana",
        "c:/Users/dana",
        "/mnt/c/Users/dana",
        "C:\\",
    ],
)
def test_home_directories_are_no_projects(path: str) -> None:
    assert is_home(path)
    assert value(root(cwd=path), "project") is None


def test_an_empty_trace_has_no_context() -> None:
    assert read_context(trace()) == Context()


def fact(value_: str) -> Fact:
    return Fact(value=value_, source="test")


def test_what_a_later_trace_says_wins_and_what_it_does_not_say_stays() -> None:
    first = Context(developer=fact("dana"), branch=fact("main"))
    later = Context(branch=fact("feature"), model=fact("gpt-5"))
    joined = Context(developer=fact("dana"), branch=fact("feature"), model=fact("gpt-5"))
    assert join_context(first, later) == joined
    assert join_context(joined, Context()) == join_context(Context(), joined) == joined


def test_every_assistant_has_one_name() -> None:
    assert {ASSISTANTS[name] for name in ASSISTANTS.values() if name in ASSISTANTS} == set(ASSISTANTS.values())


keys = st.sampled_from(
    ["cwd", "user.email", "attributes", "git", "repository_url", "requester_metadata", "cursor", "repo"]
)
values: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(keys | st.text(max_size=9), values), st.lists(st.text(max_size=20)), values)
def test_no_metadata_makes_it_raise(metadata: dict[str, Json], tags: list[str], asked: Json) -> None:
    span = Span(id="s", kind=SpanKind.TOOL, metadata=metadata, input=asked)
    context = read_context(trace(span, tags=tuple(tags), name="".join(tags), user="".join(tags)))
    assert all(found is None or (found.value and found.value == found.value.strip()) for _, found in context)

"""How far the code of violations came: into the commit at hand, into another branch, out again, or nowhere."""

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context

from tracevet.errors import SourceError, UsageError
from tracevet.model import Reach, ReachState
from tracevet.repository.git import Author, Blob, Branch, Repository
from tracevet.repository.history import Event, events
from tracevet.repository.search import Needle, Needles

AT_ONCE = 4  # processes of git that look for authors
MANY = 1_500  # files from which on several processes read
PROCESSES = min(os.cpu_count() or 1, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search of a repository gave."""

    reaches: tuple[Reach, ...]  # one for each needle, in their order
    files: int  # that were read
    notes: tuple[str, ...] = ()  # what could not be looked at, in sentences


@dataclass(frozen=True, slots=True)
class _Stand:
    """Where a needle stands in a commit."""

    needle: Needle
    path: str
    line: int
    last: int


def reach(repository: Repository, needles: Sequence[Needle], *, since: datetime | None = None) -> Found:
    """Look for each needle in HEAD, then at the tips of the other branches, then in what commits took out.

    History is read from `since` on. Where a needle stands several times the file of its own name is named, else the
    first.

    Raises:
        UsageError: the repository has no commit.
        SourceError: it can't be read.
    """
    head = repository.commit("HEAD")
    if head is None:
        raise UsageError(f"{repository.path} has no commit yet; there is nothing that code could have reached")
    notes = ["the clone is shallow: what older commits did is not known"] if repository.shallow else []
    blobs = list(repository.blobs(head))
    found: dict[str, Reach] = {}
    here = _main(repository, head)
    stands = _stands(repository, blobs, Needles(tuple(needles)))
    for stand in _dated(repository, head, stands):
        found[stand.fingerprint] = stand.model_copy(update={"main": here})
    for branch in repository.branches():
        rest = [needle for needle in needles if needle.name not in found]
        if rest and branch.commit != head:
            found |= {one.fingerprint: one for one in _in_branch(repository, head, branch, rest)}
    rest = [needle for needle in needles if needle.name not in found]
    if rest:
        found |= {one.fingerprint: one for one in _removed(repository, rest, since)}
    return Found(
        reaches=tuple(found.get(needle.name) or _nowhere(needle) for needle in needles),
        files=len(blobs),
        notes=tuple(notes),
    )


def _main(repository: Repository, head: str) -> bool:
    """Tell whether a commit is part of the main branch, or is it where none is named."""
    name = repository.main()
    tip = repository.commit(name) if name else None
    return tip is None or repository.merge_base(head, tip) == head


def _stands(repository: Repository, blobs: Iterable[Blob], needles: Needles) -> list[_Stand]:
    """Find where each needle stands best; much is read by several processes."""
    read = list({blob.oid: blob for blob in blobs}.values())  # the same content in several files is read once
    parts = [read[number::PROCESSES] for number in range(PROCESSES)]
    if len(read) < MANY:
        return list(_best(_search(repository, read, needles)))
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:  # a fork would copy threads' locks
        found = pool.map(_search, *zip(*((repository, part, needles) for part in parts), strict=True))
        return list(_best(stand for stands in found for stand in stands))


def _search(repository: Repository, blobs: Sequence[Blob], needles: Needles) -> list[_Stand]:
    hits = ((blob, hit) for blob, text in repository.texts(blobs) for hit in needles.find(text, blob.path))
    return list(_best(_Stand(hit.needle, blob.path, hit.line, hit.last) for blob, hit in hits))


def _best(stands: Iterable[_Stand]) -> Iterable[_Stand]:
    best: dict[str, _Stand] = {}
    for stand in stands:
        old = best.get(stand.needle.name)
        if old is None or _rank(stand) < _rank(old):
            best[stand.needle.name] = stand
    return best.values()


def _rank(stand: _Stand) -> tuple[bool, str]:
    return (not _same_file(stand.needle, stand.path), stand.path)


def _same_file(needle: Needle, path: str) -> bool:
    return bool(needle.file) and path.rsplit("/", 1)[-1] == needle.file


def _dated(repository: Repository, head: str, stands: Iterable[_Stand]) -> Iterator[Reach]:
    """Say for each place which commit brought it."""
    by_path: dict[str, list[_Stand]] = {}
    for stand in stands:
        by_path.setdefault(stand.path, []).append(stand)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = pool.map(lambda path: _authors(repository, head, path, by_path[path]), by_path)
    for (path, here), authors in zip(by_path.items(), found, strict=True):
        for stand in here:
            lines = (authors[line] for line in range(stand.line, stand.last + 1) if line in authors)
            author = max(lines, key=lambda each: each.at, default=None)
            yield Reach(
                fingerprint=stand.needle.name,
                state=ReachState.HEAD,
                path=path,
                line=stand.line,
                commit=author.commit if author else None,
                at=author.at if author else None,
            )


def _authors(repository: Repository, head: str, path: str, here: Sequence[_Stand]) -> dict[int, Author]:
    try:
        return repository.authors(head, path, [(stand.line, stand.last) for stand in here])
    except SourceError:
        return {}  # the file is there; who brought it can't be told


def _in_branch(repository: Repository, head: str, branch: Branch, needles: Sequence[Needle]) -> Iterator[Reach]:
    stands = _stands(repository, repository.differing(head, branch.commit), Needles(tuple(needles)))
    main = repository.main()
    for one in _dated(repository, branch.commit, stands):
        update = {"state": ReachState.BRANCH, "branch": branch.name, "main": branch.name == main}
        yield one.model_copy(update=update)


def _removed(repository: Repository, needles: Sequence[Needle], since: datetime | None) -> Iterator[Reach]:
    """Find what was committed once: the youngest commit that took it out, else the oldest that brought it."""
    last: dict[str, Event] = {}
    for event in events(repository.history(since), Needles(tuple(needles))):
        known = last.get(event.needle.name)
        if known is None or (known.added and not event.added):
            last[event.needle.name] = event
    for name, event in last.items():
        yield Reach(
            fingerprint=name,
            state=ReachState.REMOVED,
            path=event.path,
            line=event.line,
            commit=event.commit,
            at=event.at,
        )


def _nowhere(needle: Needle) -> Reach:
    sure = needle.sure or bool(needle.form and needle.file)
    return Reach(fingerprint=needle.name, state=ReachState.NEVER if sure else ReachState.UNSURE)

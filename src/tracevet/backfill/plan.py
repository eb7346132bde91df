"""What is to be read of an export: which platform made it, its files, and into how many buckets it is put."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from tracevet.builtin.streams_remote import Storage, Stored
from tracevet.errors import UsageError
from tracevet.model import Gap, GapReason, Json
from tracevet.records.values import mapping, parse, sequence, text

BUCKET = 32 * 1024 * 1024  # bytes of an export for one bucket
FEWEST = 16  # buckets: one is what a killed worker costs

ASIDE = frozenset({"scores", "manifests"})  # folders of what is no trace
_LANGFUSE = frozenset({"observations_v2", "observations", "traces"})
_MANIFEST = 16 * 1024 * 1024  # bytes
_OURS = (".parquet", ".json", ".jsonl", ".ndjson", ".csv", ".gz", ".zst")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An export as it was found; the same files give the same plan."""

    url: str
    platform: str  # langfuse or langsmith
    files: tuple[Stored, ...]
    aside: dict[str, int]  # kind of file that holds no traces -> how many
    buckets: int
    gaps: tuple[Gap, ...] = ()

    @property
    def bytes(self) -> int:
        """The size of the files that are read, as they are stored."""
        return sum(file.size for file in self.files)

    @property
    def digest(self) -> str:
        """Tell exports apart, and states of one that grows."""
        parts = [f"{file.shown}\0{file.size}\0{file.mark}" for file in self.files]
        whole = "\n".join([self.platform, str(self.buckets), *parts])
        return hashlib.blake2b(whole.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def make_plan(url: str, *, most: int, buckets: int | None = None) -> Plan:
    """Look at what is stored at a URL; `most` is how many buckets the engine can do with.

    Raises:
        UsageError: it is no export, or of two platforms.
        SourceError: there is nothing, or it can't be read.
    """
    storage = Storage(url)
    found = storage.files()
    files = tuple(file for file in found if _folder(file) is None and _named(file))
    aside = Counter(_folder(file) or "other" for file in found if file not in files)
    whole = sum(file.size for file in files)
    return Plan(
        url=url,
        platform=_platform(files, url),
        files=files,
        aside=dict(aside),
        buckets=buckets or max(FEWEST, min(most, -(-whole // BUCKET))),
        gaps=tuple(_checked(storage, found)),
    )


def _folder(file: Stored) -> str | None:
    return next((part for part in PurePosixPath(file.path).parts[:-1] if part in ASIDE), None)


def _named(file: Stored) -> bool:
    name = file.path.rsplit("/", 1)[-1]
    return name.lower().endswith(_OURS) and not name.startswith((".", "_"))


def _platform(files: Sequence[Stored], url: str) -> str:
    found = {name for file in files if (name := _maker(file))}
    if len(found) == 1:
        return found.pop()
    if found:
        raise UsageError(f"{url!r} holds exports of langfuse and of langsmith; name one of them")
    raise UsageError(
        f"{url!r} holds no export: neither observations_v2/, observations/ or traces/ (Langfuse), "
        "nor export_id=…/…/runs/ (LangSmith)"
    )


def _maker(file: Stored) -> str | None:
    parts = PurePosixPath(file.path).parts[:-1]
    if any(part.startswith("export_id=") for part in parts) or "runs" in parts:
        return "langsmith"
    return "langfuse" if _LANGFUSE.intersection(parts) else None


def _checked(storage: Storage, found: Iterable[Stored]) -> Iterator[Gap]:
    """Find what Langfuse's manifests name and the storage has not, or not whole."""
    files = list(found)
    sizes = {file.path: file.size for file in files}
    for manifest in (file for file in files if _folder(file) == "manifests"):
        listed = _listed(storage, manifest)
        if listed is None:
            detail = "a manifest that is empty, cut off or no JSON: whether its files are there can't be told"
            yield Gap(reason=GapReason.MALFORMED, detail=detail, path=manifest.shown)
            continue
        for detail, count in Counter(map(_complaint, _sizes(listed, manifest, sizes))).items():
            if detail:
                yield Gap(reason=GapReason.UNREADABLE, detail=detail, path=manifest.shown, count=count)


def _listed(storage: Storage, manifest: Stored) -> list[tuple[str, Json]] | None:
    try:
        with storage.open(manifest.path) as file:
            said = mapping(parse(file.read(_MANIFEST)))
    except (OSError, ValueError, RecursionError):
        return None
    files = [mapping(entry) for entry in sequence(said.get("files"))]
    named = [(key, entry.get("sizeBytes")) for entry in files if (key := text(entry.get("key")))]
    return named if isinstance(said.get("files"), list) else None


def _sizes(
    listed: Iterable[tuple[str, Json]], manifest: Stored, sizes: dict[str, int]
) -> Iterator[tuple[Json, int | None]]:
    """Find each file by its name below the folder that holds the manifests: buckets are copied elsewhere."""
    base = manifest.path.rsplit("/manifests/", 1)[0]
    for key, size in listed:
        parts = PurePosixPath(key).parts[-2:]
        if parts[0] not in ASIDE:
            yield size, sizes.get("/".join((base, *parts)))


def _complaint(sizes: tuple[Json, int | None]) -> str:
    told, there = sizes
    if there is None:
        return "files that the manifest names are not there"
    return "files of another size than the manifest says" if isinstance(told, int) and told != there else ""

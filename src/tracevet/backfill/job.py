"""A backfill as a value that travels to its workers: what to read, how to vet, and where verdicts go."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tracevet.backfill.plan import Plan
from tracevet.backfill.rows import Placed, Row, bucket_of, place, read_file
from tracevet.builtin.streams import MEGABYTE
from tracevet.builtin.streams_remote import Storage
from tracevet.config import Config
from tracevet.model import Gap

MAX_LINE = 64 * MEGABYTE


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillJob:
    """One backfill. An engine calls `read` for each file, `place` for each trace, and `Vetter.vet` for each bucket."""

    plan: Plan
    config: Config
    ledger: str  # address, by which each worker opens it; may hold a password
    setup: str  # digest of how traces are vetted
    done: frozenset[int] = frozenset()  # buckets that an earlier backfill vetted
    again: bool = False  # vet everything anew, whatever the ledger knows
    cap: int = MAX_LINE  # bytes of the longest line or entry that is read

    @property
    def id(self) -> str:
        """Name the job: the same export, vetted in the same way, is the same job."""
        return hashlib.blake2b(f"{self.plan.digest}\0{self.setup}".encode(), digest_size=8).hexdigest()

    @property
    def files(self) -> int:
        """Count the files to read."""
        return len(self.plan.files)

    @property
    def buckets(self) -> int:
        """Count the buckets: of traces, and of sessions."""
        return self.plan.buckets

    def read(self, file: int) -> Iterator[Row | Gap]:
        """Yield the rows of a file in its order, then a gap for each kind of what could not be read.

        Raises:
            SourceError: the storage can't be read, or an extra is missing.
        """
        yield from read_file(Storage(self.plan.url), self.plan.files[file], file, self.buckets, self.cap)

    def place(self, trace: bytes, heads: Iterable[tuple[bool, bytes]]) -> Placed:
        """Tell the bucket and session of a trace by its rows by file and number, `parent` and `head` of each."""
        return place(heads, self.plan.platform, trace, self.buckets)

    def trace_bucket(self, trace: bytes) -> int:
        """Give the bucket of a trace, as its rows have it."""
        return bucket_of(trace, self.buckets)

    def checkpoint(self, part: int | str) -> str:
        """Name the ledger's bookmark of a bucket that is vetted, or of another part that is done."""
        return f"backfill:{self.id}:{part}"

"""The engine that lets Ray Data move the rows: read, group by trace, group by session, vet."""

from collections.abc import Iterator
from typing import Any, ClassVar

from tracevet import BackfillEngine, BackfillJob, Read, TracevetError, UsageError, Vetted
from tracevet_ray.cluster import connected

# Shares of a CPU: readers and vetters are at work together, and vetters that held every CPU would wait for ever.
VETTER = 0.5
READER = 0.25


class RayEngine(BackfillEngine):
    """Uses a Ray cluster, or Ray on this machine."""

    name: ClassVar[str] = "ray"
    summary: ClassVar[str] = "A Ray cluster, or Ray on this machine."
    most_buckets: ClassVar[int] = 65_536

    def run(self, job: BackfillJob) -> Iterator[Read | Vetted]:
        """Read, place and vet, all at once as far as the data goes; a worker that dies is replaced by Ray.

        Raises:
            UsageError: a cluster can't reach a ledger in a file.
            TracevetError: nothing can be done any further; what was vetted is kept.
        """
        if self.address and job.ledger.startswith("sqlite"):
            raise UsageError("the workers of a cluster share the ledger: name one with --ledger postgresql://…")
        with connected(self.address, self.spool) as ray:
            try:
                for row in self._moved(ray, job).iter_rows():
                    told = Read if row["kind"] == "read" else Vetted
                    yield told.model_validate_json(row["text"])
            except ray.exceptions.RayError as error:
                raise _ours(error) from None

    def _moved(self, ray: Any, job: BackfillJob) -> Any:
        from tracevet_ray.steps import Vetting, place, read

        workers = self.workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        files = ray.data.range(job.files, override_num_blocks=job.files)
        rows = files.flat_map(read, fn_kwargs={"job": job}, num_cpus=READER)
        placed = _together(rows, job).map_batches(
            place, fn_kwargs={"job": job}, batch_format="pyarrow", batch_size=None, num_cpus=READER
        )
        # Materialized: vetters would hold what the shuffle needs of a small machine's CPUs, for ever.
        return (
            _together(placed, job)
            .materialize()
            .map_batches(
                Vetting,
                fn_constructor_args=(job,),
                batch_format="pyarrow",
                batch_size=None,
                num_cpus=VETTER,
                compute=ray.data.ActorPoolStrategy(size=min(workers, job.buckets)),
            )
        )


def _together(rows: Any, job: BackfillJob) -> Any:
    """Put the rows of each bucket into one block."""
    return rows.repartition(job.buckets, keys=["bucket"])


def _ours(error: BaseException) -> TracevetError:
    """Find the sentence in what Ray made of it; the text of anything else may quote a trace."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, TracevetError):
            return cause
        cause = getattr(cause, "cause", None) or cause.__cause__
    return TracevetError(f"Ray ended the backfill: {type(error).__name__}; start again: what was done is kept")

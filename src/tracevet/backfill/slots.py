"""Worker processes, each with one task at a time: one that dies costs its own task alone, which another does again."""

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import connection
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")
A = TypeVar("A")

ATTEMPTS = 3


class Dead(Generic[A]):
    """A task that ended its worker each time."""

    def __init__(self, argument: A) -> None:
        """Note which."""
        self.argument = argument


class Slots:
    """A number of worker processes. A context manager.

    Each begins with `begin(*given)`, and ends in good order with `end()`; it ends at once when this process does.
    """

    def __init__(self, count: int | None, begin: Callable[..., None], end: Callable[[], None], *given: object) -> None:
        """Take how many; None is one for each core."""
        self._begin, self._end, self._given = begin, end, given
        self._executors = [self._executor() for _ in range(count or os.cpu_count() or 1)]

    def __enter__(self) -> Self:
        """Give the slots, to be closed at the end."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the workers; one at work finishes its task."""
        for executor in self._executors:
            with suppress(BrokenProcessPool):
                executor.submit(self._end)
        for executor in self._executors:
            executor.shutdown()

    def each(self, task: Callable[[A], T], arguments: Iterable[A]) -> Iterator[T | Dead[A]]:
        """Do the task with each argument, in any order, and yield what it gives; what it raises is raised here."""
        waiting = deque((argument, 1) for argument in arguments)
        free = list(range(len(self._executors)))
        running: dict[Future[T], tuple[int, A, int]] = {}
        while waiting or running:
            while waiting and free:
                slot, (argument, attempt) = free.pop(), waiting.popleft()
                running[self._submit(slot, task, argument)] = slot, argument, attempt
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                slot, argument, attempt = running.pop(future)
                free.append(slot)
                try:
                    yield future.result()
                except BrokenProcessPool:
                    self._renew(slot)
                    if attempt < ATTEMPTS:
                        waiting.appendleft((argument, attempt + 1))
                    else:
                        yield Dead(argument)

    def _submit(self, slot: int, task: Callable[[A], T], argument: A) -> "Future[T]":
        try:
            return self._executors[slot].submit(task, argument)
        except BrokenProcessPool:  # its worker died while it had nothing to do
            self._renew(slot)
            return self._executors[slot].submit(task, argument)

    def _renew(self, slot: int) -> None:
        self._executors[slot].shutdown(wait=False)
        self._executors[slot] = self._executor()

    def _executor(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")  # a fork would copy our threads' locks
        return ProcessPoolExecutor(1, mp_context=context, initializer=_begin, initargs=(self._begin, self._given))


def _begin(begin: Callable[..., None], given: tuple[object, ...]) -> None:
    """Begin a worker; once its parent is gone, nobody would ever end it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_outlive, args=(parent.sentinel,), daemon=True).start()
    begin(*given)


def _outlive(parent: int) -> None:
    connection.wait([parent])
    os._exit(1)

"""Files by URL, on this machine or in object storage: found, and read with patience."""

import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any, TypeVar, cast
from urllib.parse import urlsplit

from tracevet.errors import SourceError, UsageError

T = TypeVar("T")

ATTEMPTS = 5
WAIT = 1.0  # seconds before the second attempt; doubled with each further one
BLOCK = 4 * 1024 * 1024  # bytes asked for at once

EXTRAS = {"file": "backfill", "s3": "s3", "gs": "gs", "gcs": "gs", "az": "az", "abfs": "az", "abfss": "az"}
_LASTING = (FileNotFoundError, IsADirectoryError, NotADirectoryError)  # what waiting does not mend


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A file as it was found."""

    path: str  # as its file system spells it
    shown: str  # below the URL that was named
    size: int  # bytes
    mark: str  # changes when the file does


class Storage:
    """What lies below one URL: a path, `file://`, `s3://`, `gs://`, `az://`.

    Credentials are the environment's; each attempt after a failure looks for them anew.
    """

    def __init__(self, url: str) -> None:
        """Take the URL; nothing is asked yet.

        Raises:
            UsageError: it is of a kind that is not read here.
            SourceError: the extra for its kind is missing.
        """
        self.url = url
        scheme = urlsplit(url).scheme if "://" in url else "file"
        if scheme not in EXTRAS:
            known = ", ".join(f"{name}://" for name in EXTRAS)
            raise UsageError(f"no storage of the kind {scheme[:20]!r} is known; known: a path, {known}")
        self.local = scheme == "file"
        self._extra = EXTRAS[scheme]
        self._system, self._root = self._connect()

    def files(self) -> list[Stored]:
        """Give the files below the URL in sorted order; the URL may name one file.

        Raises:
            SourceError: there is nothing, or the storage can't be read.
        """
        self._system.invalidate_cache()
        found: dict[str, dict[str, Any]] = self._patient(lambda: self._system.find(self._root, detail=True))
        if not found:
            raise SourceError(f"nothing is stored at {self.url!r}")
        return [self._stored(path, info) for path, info in sorted(found.items()) if info.get("type") == "file"]

    def open(self, path: str) -> IO[bytes]:
        """Open a file for reading; it can be sought in.

        Where reading fails, the file is opened anew, and read on from where it broke.

        Raises:
            SourceError: it can't be opened, now or when it is read.
            OSError: a file of this machine can't be opened or read.
        """
        return cast("IO[bytes]", io.BufferedReader(_Patient(self, path), 256 * 1024))

    def handle(self, path: str) -> Any:
        """Open a file once, without patience."""
        return self._system.open(path, "rb", **({} if self.local else {"block_size": BLOCK}))

    def again(self) -> None:
        """Forget the connection, and the credentials that it was made with."""
        self._system, self._root = self._connect(fresh=True)

    def insist(self, attempt: Callable[[], T]) -> T:
        """Try until it works, five times at most; on this machine once."""
        for number in range(ATTEMPTS):
            try:
                return attempt()
            except _LASTING:
                raise
            except Exception as error:  # each storage's SDK has errors of its own kind
                if self.local:
                    raise
                if number == ATTEMPTS - 1:
                    raise SourceError(self._sentence(error)) from None
                time.sleep(WAIT * 2**number)
                self.again()
        raise AssertionError

    def _patient(self, attempt: Callable[[], T]) -> T:
        try:
            return self.insist(attempt)
        except OSError as error:
            raise SourceError(self._sentence(error)) from None

    def _connect(self, *, fresh: bool = False) -> tuple[Any, str]:
        try:
            import fsspec  # type: ignore[import-untyped]  # an extra, and it ships no types

            return cast("tuple[Any, str]", fsspec.core.url_to_fs(self.url, skip_instance_cache=fresh))
        except ImportError:
            raise SourceError(f"reading {self.url!r} needs an extra: pip install 'tracevet[{self._extra}]'") from None

    def _sentence(self, error: Exception) -> str:
        """Say what is wrong in our own words: the SDKs' may name keys."""
        if isinstance(error, FileNotFoundError):
            return f"nothing is stored at {self.url!r}"
        kind = f"{type(error).__name__} {error}"
        if isinstance(error, PermissionError) or any(word in kind for word in ("Credential", "Token", "Forbidden")):
            way = "the credentials are missing, have expired, or don't allow it; renew them"
        else:
            way = f"{type(error).__name__}, {ATTEMPTS} times" if not self.local else type(error).__name__
        return f"{self.url!r} can't be read: {way}, and start again: what was done is kept"

    def _stored(self, path: str, info: dict[str, Any]) -> Stored:
        marks = (info.get(key) for key in ("ETag", "etag", "md5Hash", "mtime", "LastModified", "last_modified"))
        root = self._root.rstrip("/")
        shown = path[len(root) :].lstrip("/") if path.startswith(f"{root}/") else path.rsplit("/", 1)[-1]
        mark = str(next((mark for mark in marks if mark), ""))
        return Stored(path=path, shown=shown, size=int(info.get("size") or 0), mark=mark)


class _Patient(io.RawIOBase):
    """A file that is opened anew where reading it fails."""

    def __init__(self, storage: Storage, path: str) -> None:
        self._storage, self._path, self._at = storage, path, 0
        self._handle: Any = None
        self._size = storage.insist(self._measured)

    def readable(self) -> bool:
        """Tell that this can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that this can be sought in."""
        return True

    def tell(self) -> int:
        """Tell the place in the file."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place in the file."""
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any writable buffer is one to us
        """Fill the buffer as far as the file goes."""
        data = self._storage.insist(lambda: self._read(len(buffer)))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        """Close the file."""
        self._drop()
        super().close()

    def _measured(self) -> int:
        self._drop()
        self._handle = self._storage.handle(self._path)
        return int(self._handle.seek(0, io.SEEK_END))

    def _read(self, size: int) -> bytes:
        try:
            if self._handle is None:
                self._handle = self._storage.handle(self._path)
            self._handle.seek(self._at)
            return cast("bytes", self._handle.read(size))
        except BaseException:
            self._drop()
            raise

    def _drop(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            handle.close()

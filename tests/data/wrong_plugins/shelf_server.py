"""A small platform on 127.0.0.1, made as a third party would make one: traces, notes on them, reviews."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from tracevet.testing.emulator import Emulator
from tracevet.testing.faults import FaultKind

PAGE = 20
Row = dict[str, Any]


class ShelfServer(Emulator):
    """Holds traces in the order in which they came, and the notes on each."""

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.faults.clear()
        self.requests.clear()
        self.count = 0
        self.traces: dict[str, Row] = {}
        self.notes: dict[str, dict[str, Row]] = {}
        self.setups: list[str] = []
        self.judgements: list[Row] = []

    def put(self, row: Mapping[str, Any]) -> None:
        """Store a trace; one that is there comes anew."""
        self.count += 1
        self.traces.pop(row["id"], None)
        self.traces[row["id"]] = {**row, "number": self.count}

    def routes(self) -> Sequence[BaseRoute]:
        """Answer all that the platform asks."""
        return [
            Route("/traces", self._list),
            Route("/notes", self._notes),
            Route("/notes/{trace}/{key}", self._note, methods=["PUT"]),
            Route("/setups", self._setups, methods=["GET"]),
            Route("/setups", self._set_up, methods=["POST"]),
            Route("/reviews", self._reviews),
        ]

    async def _list(self, request: Request) -> Response:
        size = min([PAGE, *(fault.count for fault in request.scope["faults"] if fault.kind is FaultKind.SHORTEN)])
        after = int(request.query_params.get("after", "0"))
        left = [row for row in self.traces.values() if row["number"] > after]
        return JSONResponse({"traces": left[:size], "more": len(left) > size})

    async def _notes(self, request: Request) -> Response:
        return JSONResponse({trace: len(notes) for trace, notes in self.notes.items()})

    async def _note(self, request: Request) -> Response:
        trace, key = request.path_params["trace"], request.path_params["key"]
        if trace not in self.traces:
            return Response(status_code=404)
        self.notes.setdefault(trace, {})[key] = await request.json()
        return Response()

    async def _setups(self, request: Request) -> Response:
        return JSONResponse(self.setups)

    async def _set_up(self, request: Request) -> Response:
        self.setups.append("board")
        return Response()

    async def _reviews(self, request: Request) -> Response:
        return JSONResponse(self.judgements)

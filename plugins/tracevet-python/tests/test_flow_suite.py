"""The detector flow keeps the promises of every detector."""

from collections.abc import Sequence

import pytest

from tracevet import Snippet
from tracevet.testing import DetectorSuite, snippet
from tracevet_python.flow import FlowDetector

SQL = 'from flask import request\n\n\ndef show(cur):\n    user = request.args["id"]\n    {}\n'


class TestFlow(DetectorSuite):
    @pytest.fixture
    def detector(self) -> FlowDetector:
        return FlowDetector()

    @pytest.fixture
    def bad(self) -> Sequence[Snippet]:
        return [
            snippet(SQL.format('cur.execute(f"SELECT * FROM users WHERE id = {user}")')),
        ]

    @pytest.fixture
    def good(self) -> Sequence[Snippet]:
        return [
            snippet(SQL.format('cur.execute("SELECT * FROM users WHERE id = ?", (user,))')),
        ]

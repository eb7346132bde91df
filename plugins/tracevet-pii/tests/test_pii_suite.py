"""The detector keeps the promises of every detector."""

from collections.abc import Sequence

import pytest

from tracevet import Snippet
from tracevet.testing import DetectorSuite, snippet
from tracevet_pii import PiiDetector


class TestPii(DetectorSuite):
    @pytest.fixture
    def detector(self) -> PiiDetector:
        return PiiDetector()

    @pytest.fixture
    def bad(self) -> Sequence[Snippet]:
        return [
            snippet('send("maria.hofmann@posteo.de")'),
            snippet("The card is 4539 5787 6362 1486, thanks.", "text"),
        ]

    @pytest.fixture
    def good(self) -> Sequence[Snippet]:
        return [
            snippet('send("user@example.com")'),
            snippet("The order is 4539 5787 6362 1480, thanks.", "text"),
        ]

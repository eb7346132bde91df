"""The detector keeps the promises of every detector."""

from collections.abc import Sequence

import pytest

from tracevet import Snippet
from tracevet.testing import DetectorSuite, snippet
from tracevet_secrets import SecretsDetector

PASSWORD = 'password = "k9-Vrx!82qLm"'


class TestSecrets(DetectorSuite):
    @pytest.fixture
    def detector(self) -> SecretsDetector:
        return SecretsDetector()

    @pytest.fixture
    def bad(self) -> Sequence[Snippet]:
        return [
            snippet(PASSWORD),
            snippet(f"db:\n  {PASSWORD}", "yaml"),
            snippet(f"note to all: {PASSWORD}", ""),
        ]

    @pytest.fixture
    def good(self) -> Sequence[Snippet]:
        return [
            snippet('password = os.environ["DB_PASSWORD"]'),
            snippet("Ask the operator for the password.", ""),
        ]

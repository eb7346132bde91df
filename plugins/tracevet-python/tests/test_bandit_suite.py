"""The detector bandit keeps the promises of every detector."""

from collections.abc import Sequence

import pytest

from tracevet import Snippet
from tracevet.testing import DetectorSuite, snippet
from tracevet_python import BanditDetector


class TestBandit(DetectorSuite):
    @pytest.fixture
    def detector(self) -> BanditDetector:
        return BanditDetector()

    @pytest.fixture
    def bad(self) -> Sequence[Snippet]:
        return [
            snippet('import subprocess\nsubprocess.call("ls " + name, shell=True)\n'),
            snippet("import hashlib\nx = hashlib.md5(data).hexdigest()\n"),
        ]

    @pytest.fixture
    def good(self) -> Sequence[Snippet]:
        return [
            snippet("import json\nx = json.loads(data)\n"),
            snippet("import hashlib\nx = hashlib.sha256(data).hexdigest()\n"),
        ]

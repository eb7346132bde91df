"""The detectors astgrep and packages keep the promises of every detector."""

from collections.abc import Mapping, Sequence

import pytest

from tracevet import Snippet, Surface
from tracevet.testing import DetectorSuite, snippet
from tracevet_astgrep import AstGrepDetector
from tracevet_astgrep.packages import PackagesDetector


class TestAstGrep(DetectorSuite):
    @pytest.fixture
    def detector(self) -> AstGrepDetector:
        return AstGrepDetector()

    @pytest.fixture
    def bad(self) -> Sequence[Snippet]:
        return [
            snippet("eval(location.hash.slice(1));\n", "javascript"),
            snippet("void f(char *s) {\n  char b[8];\n  gets(b);\n}\n", "c"),
        ]

    @pytest.fixture
    def good(self) -> Sequence[Snippet]:
        return [
            snippet("JSON.parse(location.hash.slice(1));\n", "javascript"),
            snippet("int f(int a) {\n  return a + 1;\n}\n", "c"),
        ]


class TestPackages(DetectorSuite):
    @pytest.fixture
    def options(self) -> Mapping[str, object]:
        return {"known": ("requests",)}

    @pytest.fixture
    def detector(self) -> PackagesDetector:
        return PackagesDetector(known=("requests",))

    @pytest.fixture
    def bad(self) -> Sequence[Snippet]:
        return [
            snippet("cd x\npip install requests nopkg\n", "shell", Surface.COMMAND),
        ]

    @pytest.fixture
    def good(self) -> Sequence[Snippet]:
        return [snippet("pip install requests\n", "shell", Surface.COMMAND)]

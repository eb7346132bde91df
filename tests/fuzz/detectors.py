"""Fuzz every detector with atheris: whatever the text, a finding points into it, and nothing is raised.

    python tests/fuzz/detectors.py -max_total_time=60 [libFuzzer's options] [CORPUS]

Seeds are our own weak snippets. A text on which a detector raises is written to `crash-*` and ends the run.
"""

import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[2]))

with atheris.instrument_imports(include=["tracevet_python", "tracevet_secrets", "tracevet_pii", "tracevet_astgrep"]):
    from tests.corpus.load import pairs

    from tracevet import Finding, Snippet, Surface
    from tracevet.assembly import Assembly
    from tracevet.config import Config

    ENGINES = Assembly.of(Config()).engines()
    DETECTORS = [(engine, engine.cls(**engine.options)) for engine in ENGINES]
LANGUAGES = ("python", "javascript", "java", "go", "csharp", "php", "ruby", "c", "cpp", "rust", "shell", "sql", "text")
SURFACES = (Surface.APPLIED, Surface.SUGGESTED, Surface.COMMAND, Surface.PROMPT)


def look(data: bytes) -> None:
    """Scan one text in one language with all that read it."""
    choice = (b"\0\0" + data)[-2:]
    language, surface = LANGUAGES[choice[0] % len(LANGUAGES)], SURFACES[choice[1] % len(SURFACES)]
    text = data[:-2].decode("utf-8", "replace")
    snippet = Snippet(text=text, surface=surface, language=language, span="", pointer="")
    for engine, detector in DETECTORS:
        for said in detector.scan([snippet]) if engine.reads(snippet) else ():
            if isinstance(said, Finding) and not 0 <= said.region.start <= said.region.end <= len(text):
                raise AssertionError(f"{said.detector}:{said.rule} points outside of its text")


def seeds(folder: Path) -> None:
    """Write the corpus as libFuzzer wants it; the last two bytes choose language and surface."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, pair in enumerate(pairs()):
        spoken = LANGUAGES.index(pair.language) if pair.language in LANGUAGES else len(LANGUAGES) - 1
        (folder / str(number)).write_bytes(pair.weak.encode("utf-8", "replace") + bytes([spoken, number % 4]))


def main() -> None:
    """Seed a corpus where none is given, and fuzz."""
    folder = Path(sys.argv[-1]) if not sys.argv[-1].startswith("-") and len(sys.argv) > 1 else Path(".fuzz")
    if not folder.exists():
        seeds(folder)
    options = [argument for argument in sys.argv[1:] if argument.startswith("-")]
    atheris.Setup([sys.argv[0], *options, str(folder)], look)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

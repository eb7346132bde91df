"""Write the template's texts as files."""

from enum import StrEnum
from importlib import metadata, resources
from pathlib import Path

from tracevet.errors import UsageError
from tracevet.template.naming import Naming


class Kind(StrEnum):
    """What can be begun from a template."""

    DETECTOR = "detector"
    PLATFORM = "platform"
    NOTIFIER = "notifier"
    REPORTER = "reporter"
    EXTRACTOR = "extractor"


_EDIT = {
    Kind.DETECTOR: "Change `BANNED` and `MESSAGE` in the module, and the snippets in the test.",
    Kind.PLATFORM: "Put your service's client into `traces` and `write`, and an emulator of it into the test's `Site`.",
    Kind.NOTIFIER: "Put your channel's client into `notify`.",
    Kind.REPORTER: "Change `render`.",
    Kind.EXTRACTOR: "Change `FIELD` and `extract` to the shape in which your assistant records code.",
}


def create(naming: Naming, directory: Path) -> Path:
    """Write the distribution into a new folder below the directory, and give that folder.

    Raises:
        UsageError: the folder exists, or can't be written; what was there is left as it was.
    """
    folder = directory / naming.distribution
    try:
        folder.mkdir(parents=True)
        for path, text in _files(naming).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, "utf-8")
    except FileExistsError:
        raise UsageError(f"{folder} exists already; choose another name or --directory") from None
    except OSError as error:
        raise UsageError(f"{folder} can't be written: {error.strerror}; choose another --directory") from None
    return folder


def _files(naming: Naming) -> dict[str, str]:
    """Give the texts by path."""
    kind, module = naming.kind, naming.module
    return {
        "pyproject.toml": _filled("pyproject.toml", naming),
        "README.md": _filled("README.md", naming),
        f"src/{module}/__init__.py": _filled(f"{kind}.py", naming),
        f"src/{module}/py.typed": "",
        f"tests/test_{module.removeprefix('tracevet_')}.py": _filled(f"tests/{kind}.py", naming),
    }


def _filled(name: str, naming: Naming) -> str:
    text = (resources.files("tracevet.template") / "texts" / f"{name}.txt").read_text("utf-8")
    for mark, value in _marks(naming).items():
        text = text.replace(f"@{mark}@", value)
    return text


def _marks(naming: Naming) -> dict[str, str]:
    major, minor, *_ = metadata.version("tracevet").split(".")
    return {
        "NAME": naming.name,
        "DISTRIBUTION": naming.distribution,
        "MODULE": naming.module,
        "CLASS": naming.cls,
        "KIND": naming.kind,
        "VERSION": f"{major}.{minor}",
        "NEXT": str(int(major) + 1),
        "EDIT": _EDIT[Kind(naming.kind)],
    }

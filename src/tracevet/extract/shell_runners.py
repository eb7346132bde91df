"""Programs that run code from their arguments or their standard input, and programs that start others."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Runner:
    """How a program is told what to run."""

    language: str
    flag: re.Pattern[str]  # the option that is followed by code
    valued: frozenset[str] = frozenset()  # options that take a value, which is no code
    reading: frozenset[str] = frozenset({"-"})  # arguments that say: the code comes on standard input
    ending: frozenset[str] = frozenset()  # options after which standard input is no code
    script: bool = True  # an argument that is no option is a script, and standard input its data
    code_at: int | None = None  # arguments after this many are code


def _runner(language: str, flag: str, valued: str = "", ending: str = "") -> Runner:
    return Runner(language, re.compile(flag), frozenset(valued.split()), ending=frozenset(ending.split()))


def _client(
    flag: str, valued: str = "", *, language: str = "sql", ending: str = "", code_at: int | None = None
) -> Runner:
    words, ends = frozenset(valued.split()), frozenset(ending.split())
    return Runner(language, re.compile(flag), words, ending=ends, script=False, code_at=code_at)


_PYTHON = _runner("python", r"-[BbdEiIOPqsSuvx]*c", "-W -X --check-hash-based-pycs", "-m --version -V")
_SHELL = Runner(
    "shell",
    re.compile(r"(?:-[a-z]*c)\Z"),
    frozenset({"-o", "-O", "--rcfile", "--init-file"}),
    frozenset({"-", "-s", "-ls", "-es", "-xs", "-se", "/dev/stdin"}),
)
_NODE = _runner("javascript", r"-(?:pe|ep|p|e)|--(?:eval|print)=?", "-r --require --import --loader --input-type -C")
_TYPESCRIPT = _runner("typescript", r"-(?:pe|ep|p|e)|--(?:eval|print)=?", "-r --require -P --project -O")
_RUBY = _runner("ruby", r"-[acnplsw0-9]*e", "-I -r -C")
_PERL = _runner("perl", r"-[0-9acilnpswtTuUW]*[eE]", "-I -M -m")
_POWERSHELL = _runner("powershell", r"(?i:-(?:command|c)\Z)", "-File -ExecutionPolicy -Version", "-File")
_MYSQL = _client(
    r"-[ABNnrstEf]*e|--execute=?",
    "-h -u -p -P -D -S --host --user --password --port --database --socket",
    ending="--version",
)
_PSQL = _client(
    r"-[tAXqxe1]*c|--command=?",
    "-h -U -p -d -v -o -F -P -f --host --username --port --dbname --set --variable --output --file",
    ending="-f --file -l --list --version",
)

RUNNERS: dict[str, Runner] = {
    **dict.fromkeys(("python", "py", "pypy", "ipython", "micropython"), _PYTHON),
    **dict.fromkeys(("bash", "sh", "zsh", "dash", "ksh", "ash", "fish"), _SHELL),
    **dict.fromkeys(("node", "nodejs", "bun"), _NODE),
    **dict.fromkeys(("tsx", "ts-node"), _TYPESCRIPT),
    "ruby": _RUBY,
    "perl": _PERL,
    "php": _runner("php", r"-[nq]*r|--run=?", "-c -d -z", "-S"),
    "lua": _runner("lua", r"-e", "-l"),
    "rscript": _runner("r", r"-e"),
    "groovy": _runner("groovy", r"-e"),
    "elixir": _runner("elixir", r"-e|--eval=?", "-r -S"),
    **dict.fromkeys(("pwsh", "powershell"), _POWERSHELL),
    **dict.fromkeys(("mysql", "mariadb"), _MYSQL),
    **dict.fromkeys(("psql", "cockroach"), _PSQL),
    "sqlcmd": _client(r"-[qQ]", "-S -U -P -d -i", ending="-i"),
    "clickhouse-client": _client(r"-[qn]*q|--query=?", "-h -u -d --host --user --password --database"),
    "sqlite3": _client(r"-cmd\Z", "-separator -init -nullvalue", code_at=1),
    "duckdb": _client(r"-(?:cmd|c|s)\Z", "-init -separator", code_at=1),
    "mongosh": _client(r"--eval=?", "--host --port -u -p --username --password --file -f", language="javascript"),
    "ssh": _client(r"(?!)", "-b -c -D -E -e -F -I -i -J -L -l -m -O -o -p -Q -R -S -W -w", language="shell", code_at=1),
    "su": _client(r"-[lmp]*c\Z|--command=?", "-s -g -G --shell", language="shell"),
}

_WRAPPERS = """
    sudo doas env time nohup nice ionice timeout xargs find command exec builtin stdbuf setsid strace watch parallel
    chroot docker podman nerdctl docker-compose kubectl oc minikube vagrant heroku fly wsl busybox arch winpty script
    unbuffer poetry uv pipenv pdm rye hatch conda mamba micromamba pixi mise asdf direnv dotenv doppler op npx bunx pnpm
    yarn npm bundle rails dbt railway supabase
"""
WRAPPERS = frozenset(_WRAPPERS.split())
KEYWORDS = frozenset({"if", "then", "elif", "else", "while", "until", "do", "!", "{", "time", "function", "coproc"})

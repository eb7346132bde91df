"""Names of languages, and which one a path or an info string means; see `guess` for content.

The ids are lower-case and the same everywhere: "python", "javascript", "shell", "text" … and "" for unknown.
"""

import re

from tracevet.extract.guess import guess

__all__ = ["guess", "is_code", "of_info", "of_path"]

# id: names in info strings besides itself; file extensions
_LANGUAGES: dict[str, tuple[str, str]] = {
    "python": ("py py3 python3 python2 pyi ipython ipython3 sage", "py pyi pyw pyx ipynb"),
    "pycon": ("python-repl pythonrepl pyrepl python-console doctest", ""),
    "javascript": ("js node nodejs mjs cjs es6 ecmascript", "js mjs cjs"),
    "jsx": ("javascriptreact", "jsx"),
    "typescript": ("ts mts cts deno", "ts mts cts"),
    "tsx": ("typescriptreact", "tsx"),
    "vue": ("", "vue"),
    "svelte": ("", "svelte"),
    "java": ("", "java jsp"),
    "go": ("golang", "go"),
    "csharp": ("cs c# dotnet", "cs csx cshtml razor"),
    "fsharp": ("fs f#", "fs fsx"),
    "vbnet": ("vb", "vb"),
    "php": ("php3 php4 php5 php7 php8", "php phtml php3 php4 php5 inc"),
    "ruby": ("rb jruby rails irb", "rb rake gemspec ru erb"),
    "c": ("h", "c h"),
    "cpp": ("c++ cxx cc hpp h++ arduino", "cpp cxx cc hpp hxx hh ino cu"),
    "objectivec": ("objc objective-c obj-c", "m mm"),
    "rust": ("rs", "rs"),
    "kotlin": ("kt kts", "kt kts"),
    "swift": ("", "swift"),
    "scala": ("sc", "scala sc"),
    "dart": ("", "dart"),
    "lua": ("", "lua"),
    "perl": ("pl pm", "pl pm t"),
    "r": ("rlang splus", "r rmd"),
    "elixir": ("ex exs", "ex exs"),
    "haskell": ("hs", "hs"),
    "groovy": ("gradle jenkinsfile", "groovy gradle"),
    "solidity": ("sol", "sol"),
    "shell": ("sh bash zsh ksh dash fish ash shellscript shell-script", "sh bash zsh ksh fish bats"),
    "console": ("terminal shell-session shellsession sh-session bash-session session", ""),
    "powershell": ("ps1 ps pwsh posh", "ps1 psm1 psd1"),
    "batch": ("bat cmd dosbatch", "bat cmd"),
    "sql": ("mysql postgresql postgres psql pgsql plsql plpgsql tsql sqlite sqlite3", "sql ddl dml psql pgsql"),
    "dockerfile": ("docker containerfile", "dockerfile containerfile"),
    "terraform": ("tf hcl tofu", "tf tfvars hcl tofu"),
    "yaml": ("yml", "yml yaml"),
    "json": ("jsonc json5 jsonl ndjson", "json jsonc json5 jsonl ndjson geojson webmanifest"),
    "toml": ("", "toml"),
    "ini": ("cfg dotenv env properties conf dosini", "ini cfg conf env properties"),
    "html": ("htm xhtml jinja jinja2 django handlebars", "html htm xhtml jinja jinja2 j2 hbs ejs"),
    "css": ("scss sass less", "css scss sass less"),
    "xml": ("svg xsl xslt xsd", "xml xsd xsl xslt svg plist csproj"),
    "graphql": ("gql", "graphql gql"),
    "proto": ("protobuf proto3", "proto"),
    "makefile": ("make mk", "mk mak"),
    "markdown": ("md mdx commonmark gfm", "md mdx markdown"),
    "diff": ("patch udiff", "diff patch"),
    "csv": ("tsv", "csv tsv"),
    "log": ("logs output out", "log out"),
    "text": ("txt plain plaintext none ascii tree mermaid latex rst", "txt text rst tex lock"),
}
_FILES = {
    "dockerfile": "dockerfile",
    "containerfile": "dockerfile",
    "makefile": "makefile",
    "gnumakefile": "makefile",
    "jenkinsfile": "groovy",
    "gemfile": "ruby",
    "rakefile": "ruby",
    "vagrantfile": "ruby",
    "podfile": "ruby",
    "wscript": "python",
    "sconstruct": "python",
    "procfile": "text",
    "readme": "markdown",
    "license": "text",
    ".bashrc": "shell",
    ".bash_profile": "shell",
    ".profile": "shell",
    ".zshrc": "shell",
    ".envrc": "shell",
    ".env": "ini",
    ".gitignore": "text",
    ".dockerignore": "text",
    "go.mod": "text",
    "go.sum": "text",
    "requirements.txt": "text",
    "cmakelists.txt": "cmake",
}
_NO_CODE = frozenset(
    {
        "text",
        "markdown",
        "json",
        "toml",
        "ini",
        "csv",
        "log",
        "xml",
        "css",
        "diff",
        "proto",
        "graphql",
        "console",
        "pycon",
    }
)
_NAMES = {name: language for language, (names, _) in _LANGUAGES.items() for name in (language, *names.split())}
_EXTENSIONS = {ending: language for language, (_, endings) in _LANGUAGES.items() for ending in endings.split()}


def of_path(path: str) -> str:
    """Tell the language of a file by its name; "" where the name doesn't say."""
    name = re.split(r"[\\/]", path[-400:].strip())[-1].lower()
    _, dot, ending = name.rpartition(".")
    if name in _FILES:
        return _FILES[name]
    if name.startswith(".env."):
        return "ini"
    if name.startswith("dockerfile."):
        return "dockerfile"
    return _EXTENSIONS.get(ending, "") if dot else ""


def of_info(info: str) -> str:
    """Tell the language a fence's info string names; "" where it names none that is known."""
    word = re.match(r"[\s{.]*(?:lang(?:uage)?=[\"']?)?([\w+#-]{1,30})(?![\w+#./\\-])", info[:200])
    return _NAMES.get(word[1].lower(), "") if word else ""


def is_code(language: str) -> bool:
    """Tell whether a language is one in which code can be insecure.

    YAML counts (workflows, compose files, manifests), as do HTML, SQL, Dockerfiles and Terraform. Prose, data, style
    sheets and logs don't, nor does "": what an unknown text is worth is for the caller to say.
    """
    return language not in _NO_CODE and language != ""

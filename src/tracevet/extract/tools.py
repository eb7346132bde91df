"""The arguments of tools: what each key means, and the tools whose keys mean something else. One table each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Meaning(StrEnum):
    """What an argument is for."""

    PATH = "path"  # the file the other arguments are about
    NEW = "new"  # is written to the file
    OLD = "old"  # stands in the file
    SHELL = "shell"  # is run by a shell
    PROGRAM = "program"  # is run in its language
    PATCH = "patch"  # is applied, where it is a patch
    DIRECTORY = "directory"
    LANGUAGE = "language"
    LABEL = "label"  # ids, flags and kinds: nothing to vet
    OTHER = "other"  # none of these
    MEDIA = "media"  # no text
    CUT = "cut"  # JSON that was cut off
    LIMIT = "limit"  # beyond the caps


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """What sets a tool apart."""

    keys: Mapping[str, Meaning] = field(default_factory=dict)  # in spite of KEYS
    language: str = ""  # of programs it runs
    bare: Meaning = Meaning.OTHER  # what its arguments are where they are one plain string
    reads: bool = False  # its result is a file's content
    writes: bool = False  # without arguments, code was lost


def normal(word: str) -> str:
    """Spell keys and tool names in one way: `file_path`, `filePath` and `File-Path` are the same."""
    return re.sub(r"[^0-9a-z]", "", word[:200].lower())


KEYS: Mapping[str, Meaning] = {
    **dict.fromkeys(
        (
            *("filepath", "path", "notebookpath", "targetfile", "filename", "relativepath", "absolutepath", "file"),
            *("targetpath", "newpath", "relativeworkspacepath"),
        ),
        Meaning.PATH,
    ),
    **dict.fromkeys(
        (
            *(
                "content",
                "contents",
                "newstring",
                "newstr",
                "newtext",
                "newsource",
                "newcode",
                "newcontent",
                "filetext",
            ),
            *("inserttext", "code", "codecontent", "codeedit", "replacementcontent", "replacement", "filecontent"),
        ),
        Meaning.NEW,
    ),
    **dict.fromkeys(
        (
            "oldstring",
            "oldstr",
            "oldtext",
            "originalfile",
            "originalcontent",
            "oldcontent",
            "oldsource",
            "targetcontent",
        ),
        Meaning.OLD,
    ),
    **dict.fromkeys(
        ("command", "commands", "cmd", "fullcommand", "script", "commandline", "bashcommand", "shellcommand"),
        Meaning.SHELL,
    ),
    "sql": Meaning.PROGRAM,
    **dict.fromkeys(("input", "patch", "patchtext", "diff", "unifieddiff", "udiff", "filediff"), Meaning.PATCH),
    **dict.fromkeys(("cwd", "workdir", "workingdirectory", "workingdir"), Meaning.DIRECTORY),
    **dict.fromkeys(("language", "lang"), Meaning.LANGUAGE),
    **dict.fromkeys(
        (
            *("type", "id", "role", "status", "callid", "toolcallid", "tooluseid", "promptid", "processid", "turnid"),
            *("sessionid", "subagenttype", "editmode", "celltype", "cellid", "outputmode", "mimetype"),
        ),
        Meaning.LABEL,
    ),
}

_EDITOR = Tool(keys={"command": Meaning.LABEL}, writes=True)  # its `command` is create, str_replace, insert or view
_SHELL = Tool(bare=Meaning.SHELL, writes=True)
_PATCH = Tool(bare=Meaning.PATCH, writes=True)
_WRITER = Tool(writes=True)
_READER = Tool(reads=True)
_PYTHON = Tool(language="python", bare=Meaning.PROGRAM, writes=True)
_NODE = Tool(language="javascript", bare=Meaning.PROGRAM, writes=True)
_LIST = Tool(keys={"content": Meaning.OTHER})

TOOLS: Mapping[str, Tool] = {
    **dict.fromkeys(("strreplaceeditor", "strreplacebasededittool"), _EDITOR),
    **dict.fromkeys(
        (
            *(
                "bash",
                "shell",
                "shellcommand",
                "localshell",
                "localshellcall",
                "execcommand",
                "runcommand",
                "runcommands",
            ),
            *(
                "runinterminal",
                "runterminalcmd",
                "terminal",
                "runshellcommand",
                "executecommand",
                "containerexec",
                "sh",
            ),
        ),
        _SHELL,
    ),
    **dict.fromkeys(("powershell", "pwsh"), replace(_SHELL, language="powershell")),
    **dict.fromkeys(("applypatch", "applydiff", "patch", "patchfile"), _PATCH),
    **dict.fromkeys(
        (
            *(
                "write",
                "edit",
                "multiedit",
                "notebookedit",
                "strreplace",
                "create",
                "createfile",
                "editfile",
                "writefile",
            ),
            *("replacestringinfile", "multireplacestringinfile", "inserteditintofile", "editnotebookfile", "replace"),
            *("writetofile", "replaceinfile", "editor", "searchreplace", "insertcontent", "searchandreplace"),
            *("updatefile", "savefile", "createorupdatefile", "pushfiles", "editnotebook", "insert"),
        ),
        _WRITER,
    ),
    **dict.fromkeys(
        ("python", "executepython", "runpython", "ipython", "pythonrepl", "codeinterpreter", "codeexecution"), _PYTHON
    ),
    **dict.fromkeys(("node", "javascript", "runjavascript", "executejavascript", "browserevaluate"), _NODE),
    **dict.fromkeys(
        ("read", "readfile", "readfiles", "readmanyfiles", "view", "viewfile", "openfile", "cat", "notebookread"),
        _READER,
    ),
    **dict.fromkeys(("todowrite", "todoread", "updateplan", "sendmessage", "addcomment"), _LIST),
}

_PREFIX = re.compile(
    r"(?:tool:\s*|execute_tool\s+|mcp__(?:.{1,80}?)__|functions\.|claude_code\.tool\s*)", re.IGNORECASE
)
UNKNOWN = Tool()


def tool(name: str) -> Tool:
    """Give what is known of a tool by any of its names: `Tool: Write`, `mcp__fs__write_file`, `fs.writeFile`."""
    bare = _PREFIX.sub("", name[:200].strip(), count=1)
    return TOOLS.get(normal(bare)) or TOOLS.get(normal(bare.rpartition(".")[2])) or UNKNOWN

"""Shell: POSIX sh, bash and the tools that assistants call."""

from tracevet_astgrep.languages.model import Language

SHELL = Language(name="shell", grammar="bash", line_comments=("#",), block_comments=(), quotes="")

"""Languages of configuration and data; those without a grammar are read by regexes alone."""

from tracevet_astgrep.languages.model import Language

SQL = Language(name="sql", comment_text=r"--[^\n]*|/\*(?:[^*]|\*+[^*/])*\*+/", line_comments=("--",))
DOCKERFILE = Language(name="dockerfile", comment_text=r"(?m)^[ \t]*#[^\n]*", line_comments=("#",), block_comments=())
TERRAFORM = Language(name="terraform", grammar="hcl", line_comments=("#", "//"), quotes='"')
YAML = Language(name="yaml", comment_text=r"(?m)(?:^|[ \t])#[^\n]*", line_comments=("#",), block_comments=())

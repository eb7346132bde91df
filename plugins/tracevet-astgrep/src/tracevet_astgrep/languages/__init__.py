"""The languages this detector reads, by the name they have in snippets."""

from tracevet_astgrep.languages.c import C
from tracevet_astgrep.languages.cpp import CPP
from tracevet_astgrep.languages.csharp import CSHARP
from tracevet_astgrep.languages.files import DOCKERFILE, SQL, TERRAFORM, YAML
from tracevet_astgrep.languages.go import GO
from tracevet_astgrep.languages.java import JAVA
from tracevet_astgrep.languages.javascript import JAVASCRIPT, TSX, TYPESCRIPT
from tracevet_astgrep.languages.kotlin import KOTLIN
from tracevet_astgrep.languages.model import Binding, Call, Flow, Frame, Language
from tracevet_astgrep.languages.php import PHP
from tracevet_astgrep.languages.python import PYTHON
from tracevet_astgrep.languages.ruby import RUBY
from tracevet_astgrep.languages.rust import RUST
from tracevet_astgrep.languages.shell import SHELL

LANGUAGES: dict[str, Language] = {
    language.name: language
    for language in (
        *(JAVASCRIPT, TYPESCRIPT, TSX, JAVA, KOTLIN, GO, CSHARP, PHP, RUBY, C, CPP, RUST, PYTHON),
        *(SHELL, SQL, DOCKERFILE, TERRAFORM, YAML),
    )
}

__all__ = ["LANGUAGES", "Binding", "Call", "Flow", "Frame", "Language"]

"""Shell commands give the files they write and the programs they run, with the exact place of every line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracevet.extract import shell
from tracevet.extract.piece import Piece, PieceKind

FILES = [
    ("cat > app/db.py <<'EOF'\nimport os\nx = \"a\"\nEOF\nls", "python", "app/db.py", 'import os\nx = "a"\n'),
    ('cat <<"EOF" >> a.js\nlet x;\nEOF', "javascript", "a.js", "let x;\n"),
    ("cat > a.sh <<'E'\necho \\$X\nE", "shell", "a.sh", "echo \\$X\n"),
    ("cat > t.py <<'EOF'\nimport os\nos.sys", "python", "t.py", "import os\nos.sys"),
    ("cat > f.py << 'EOF'\r\nx = 1\r\nEOF\r\n", "python", "f.py", "x = 1\r\n"),
    ("tee -a /etc/x.conf <<-EOF\n\ta=1\n\t\tb\n\tEOF\n", "ini", "/etc/x.conf", "a=1\nb\n"),
    ("sudo tee /srv/run.sh > /dev/null <<\\EOF\nls $X\nEOF", "shell", "/srv/run.sh", "ls $X\n"),
    ("mkdir -p app && cat <<EOF > app/x.go && go build\npackage x\nEOF\n", "go", "app/x.go", "package x\n"),
    ("> x.rb <<EOF\nputs 1\nEOF", "ruby", "x.rb", "puts 1\n"),
    ("cat <<'EOF' | tee x.ts\nlet a: number\nEOF", "typescript", "x.ts", "let a: number\n"),
    ("(cd app; cat <<E > Dockerfile\nFROM x\nE\n)", "dockerfile", "Dockerfile", "FROM x\n"),
    ("echo 'import os' > a.py", "python", "a.py", "import os"),
    ("echo -e 'a=1\\nb=2' >> a.py", "python", "a.py", "a=1\nb=2"),
    ("echo 'a=1\\nb=2' > a.py", "python", "a.py", "a=1\\nb=2"),
    ("echo $'a\\nb' > x.py", "python", "x.py", "a\nb"),
    ("echo x  =  1 > x.py", "python", "x.py", "x = 1"),
    ("echo 'print(1)' | sudo tee /x/a.py >/dev/null", "python", "/x/a.py", "print(1)"),
    ("printf 'a=1\\nb=2\\n' > a.py", "python", "a.py", "a=1\nb=2\n"),
    ("printf '%s\\n' 'x = 1' 'y = 2' > a.py", "python", "a.py", "x = 1\ny = 2\n"),
    ('cat > "$DIR/app.py" <<E\nx\nE', "python", "$DIR/app.py", "x\n"),
    ("ls 2>/dev/null; cat 1>a.py <<<'x = 1'", "python", "a.py", "x = 1"),
]
RUNS = [
    ("python -c 'import os; print(1)'", "python", "import os; print(1)"),
    ('python3.11 -uc "import os\nx"', "python", "import os\nx"),
    ("/usr/bin/env python3 -c 'a'", "python", "a"),
    ("FOO=1 BAR='x y' python -c 'a'", "python", "a"),
    ("python3 - <<PY\nprint(1)\nPY", "python", "print(1)\n"),
    ("python <<'PY'\nprint(2)\nPY", "python", "print(2)\n"),
    ("python3 - arg <<'PY'\nprint(3)\nPY", "python", "print(3)\n"),
    ("python - <<< 'print(1)'", "python", "print(1)"),
    ("cat <<'EOF' | python3\nprint(3)\nEOF", "python", "print(3)\n"),
    ("timeout 10 uv run python - <<'EOF'\nq\nEOF", "python", "q\n"),
    ("X=$(python3 -c 'print(1)') make", "python", "print(1)"),
    ("X=`python3 -c 'print(1)'`", "python", "print(1)"),
    ("echo \"$(python3 -c 'print(1)')\"", "python", "print(1)"),
    ("diff <(python -c 'p') x", "python", "p"),
    ("if true; then python -c 'a'; fi", "python", "a"),
    ("echo $((1<<2))\npython -c 'b'", "python", "b"),
    ("for f in *.py; do python -c 'c' $f; done 2>&1 | tail", "python", "c"),
    ("node -e 'console.log(1)'", "javascript", "console.log(1)"),
    ("node --eval='x()'", "javascript", "x()"),
    ("node <<'E'\nx\nE", "javascript", "x\n"),
    ("ruby -e 'puts 1'", "ruby", "puts 1"),
    ("perl -ne 'print' f", "perl", "print"),
    ("php -r 'echo 1;'", "php", "echo 1;"),
    ("psql -U a -tAc 'select 1' db", "sql", "select 1"),
    ("psql -h x -U y db <<SQL\nSELECT 1;\nSQL", "sql", "SELECT 1;\n"),
    ("docker exec -i db psql -U x --command='DROP TABLE t'", "sql", "DROP TABLE t"),
    ('mysql -uroot -psecret -e"SELECT 1" db', "sql", "SELECT 1"),
    ("mysql db <<< 'SELECT 1'", "sql", "SELECT 1"),
    ('sqlite3 app.db "SELECT * FROM t"', "sql", "SELECT * FROM t"),
    ("sqlite3 app.db <<EOF\nSELECT 1;\nEOF", "sql", "SELECT 1;\n"),
    ("pwsh -Command 'Get-Item x'", "powershell", "Get-Item x"),
]
NONE = [
    "ls -la",
    "python app.py",
    "python script.py <<EOF\ndata\nEOF",
    "python -m http.server <<< data",
    "cat a.py > b.py",
    "sort <<EOF > a.py\nx\nEOF",
    "git commit -m \"$(cat <<'EOF'\nFix > it\n\npython -c 'x'\nEOF\n)\"",
    "# python -c 'x'",
    "echo \"python -c 'x'\"",
    "mysql -uname db",
    "psql -f a.sql < /dev/null",
    "echo x > /dev/null 2>&1",
    "",
]


def stands(source: str, piece: Piece) -> bool:
    """Tell whether a piece leads back to where it stands."""
    if piece.lines is None:
        return source.startswith(piece.text, piece.offset)
    return all(source.startswith(line, at) for line, at in zip(piece.text.split("\n"), piece.lines, strict=True))


@pytest.mark.parametrize(("command", "language", "path", "text"), FILES)
def test_a_written_file_is_found(command: str, language: str, path: str, text: str) -> None:
    (piece,) = shell.programs(command)
    assert (piece.kind, piece.language, piece.path, piece.text) == (PieceKind.FILE, language, path, text)
    assert piece.exact == stands(command, piece)


@pytest.mark.parametrize(("command", "language", "text"), RUNS)
def test_a_program_that_is_run_is_found(command: str, language: str, text: str) -> None:
    (piece,) = shell.programs(command)
    assert (piece.kind, piece.language, piece.path, piece.text) == (PieceKind.RUN, language, None, text)
    assert piece.exact
    assert stands(command, piece)


@pytest.mark.parametrize("command", NONE)
def test_data_and_scripts_elsewhere_are_no_programs(command: str) -> None:
    assert list(shell.programs(command)) == []


NESTED = [
    ("bash -lc \"python3 - <<'PY'\nimport os\nPY\"", ["python3 - <<'PY'\nimport os\nPY", "import os\n"]),
    ('sh -c \'sh -c "python -c \\"1+1\\""\'', ['sh -c "python -c \\"1+1\\""', 'python -c "1+1"', "1+1"]),
    ("kubectl exec -it p -- sh -c 'python -c \"1\"'", ['python -c "1"', "1"]),
    ("ssh host 'cat > a.py <<EOF\nx\nEOF'", ["cat > a.py <<EOF\nx\nEOF", "x\n"]),
    ("ssh host python3 -c '\"x = 1\"'", ['python3 -c "x = 1"', "x = 1"]),
    ("bash <<'X'\necho y > z.py\nX", ["echo y > z.py\n", "y"]),
    ("eval 'python -c 1'", ["python -c 1", "1"]),
    ("echo 'python -c 1' | bash -s", ["python -c 1", "1"]),
]


@pytest.mark.parametrize(("command", "texts"), NESTED)
def test_shells_in_shells_are_taken_apart_too(command: str, texts: list[str]) -> None:
    found = list(shell.programs(command))
    assert [piece.text for piece in found] == texts
    assert all(piece.exact == stands(command, piece) for piece in found)


def test_shells_are_followed_three_deep() -> None:
    command = "1"
    for _ in range(3):
        command = f"sh <<'E{len(command)}'\n{command}\nE{len(command)}\n"
    assert len(list(shell.programs(command))) == 3
    assert len(list(shell.programs(f"sh <<'EE'\n{command}EE\n"))) == 3


def test_several_heredocs_of_one_line_are_told_apart() -> None:
    found = list(shell.programs("cat <<A > a.py; cat <<B > b.js\nx=1\nA\nlet y\nB\n"))
    assert [(piece.path, piece.text) for piece in found] == [("a.py", "x=1\n"), ("b.js", "let y\n")]


@pytest.mark.parametrize(
    "command",
    [
        "apply_patch <<'EOF'\n*** Begin Patch\n*** Update File: a.py\n@@\n-x\n+y\n*** End Patch\nEOF",
        'apply_patch "*** Begin Patch\n*** Update File: a.py\n@@\n-x\n+y\n*** End Patch"',
        "patch -p1 <<'EOF'\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x\n+y\nEOF",
        "cat <<'EOF' | git apply\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x\n+y\nEOF",
    ],
)
def test_an_applied_patch_gives_both_sides(command: str) -> None:
    found = list(shell.programs(command))
    assert [(piece.kind, piece.path, piece.text) for piece in found] == [
        (PieceKind.OLD, "a.py", "x\n"),
        (PieceKind.FILE, "a.py", "y\n"),
    ]
    assert all(stands(command, piece) for piece in found)


@pytest.mark.parametrize(
    ("command", "text", "exact"),
    [
        ('python -c "a\nprint(\\"b\\")\nc"', 'a\nprint("b")\nc', False),
        ("cat <<E > a.sh\n\\$HOME\nx\nE", "$HOME\nx\n", True),
        ("cat <<E > a.sh\necho \\$HOME\nx\nE", "echo $HOME\nx\n", False),
        ("python -c 'it'\"'\"'s'", "it's", False),
    ],
)
def test_a_line_that_unescaping_changed_is_owned_up_to(command: str, text: str, exact: bool) -> None:
    (piece,) = shell.programs(command)
    assert (piece.text, piece.exact) == (text, exact)
    assert piece.exact == stands(command, piece)
    assert all(command[at - 1] in "\n\"'\\" for at in piece.lines or (piece.offset,))


def test_of_one_text_to_many_files_the_first_eight_are_given() -> None:
    found = list(shell.programs("tee " + " ".join(f"{n}.py" for n in range(100)) + " <<E\nx\nE\n"))
    assert [piece.path for piece in found] == [f"{n}.py" for n in range(8)]


PART = st.sampled_from(
    [
        "cat",
        " > a.py ",
        "<<E",
        " <<-'E'",
        "\nE\n",
        "\n\tE\n",
        "\n",
        "\r\n",
        " ",
        "'",
        '"',
        "\\",
        "$(",
        ")",
        "(",
        "`",
        "$'",
        "${",
        "}",
        "$((",
        "python -c ",
        "bash -c ",
        "bash ",
        "psql ",
        "| ",
        "&& ",
        "; ",
        "tee x ",
        "echo -e ",
        "printf ",
        "%s\\n",
        "ssh h ",
        "<<< ",
        "#",
        "eval ",
        "\x00",
        "�",
        "\u202e",
        "\x0b",
        "\ufeff",
        "x=1 ",
        "sudo ",
        "\\n",
        "*** Begin Patch\n*** Add File: a\n+x\n",
        "apply_patch ",
    ]
)


@settings(deadline=None)
@given(st.lists(PART, max_size=50).map("".join) | st.text())
def test_any_text_gives_pieces_that_lead_back_to_it(command: str) -> None:
    for piece in shell.programs(command):
        assert piece.lines is None or len(piece.lines) == piece.text.count("\n") + 1
        assert all(0 <= at <= len(command) for at in (piece.offset, *(piece.lines or ())))
        assert not piece.exact or stands(command, piece)


@settings(deadline=None)
@given(
    st.text(st.characters(exclude_characters="\r\n"), max_size=30).filter(lambda line: line.strip("\t") != "EOF"),
    st.booleans(),
)
def test_a_quoted_heredoc_is_taken_as_it_is(line: str, unfinished: bool) -> None:
    command = f"cat > a.py <<'EOF'\nfirst\n{line}\n" + ("" if unfinished else "EOF\nls")
    (piece,) = shell.programs(command)
    assert piece.text == f"first\n{line}\n"
    assert piece.lines is None


@settings(deadline=None)
@given(st.text(st.characters(exclude_characters="'")).filter(str.strip))
def test_a_quoted_program_is_taken_as_it_is(code: str) -> None:
    (piece,) = shell.programs(f"cd x && python3 -c '{code}' y")
    assert piece.text == code


@pytest.mark.parametrize(
    "part",
    [
        "$(",
        "`",
        "((",
        "$((",
        "${",
        '"',
        "'",
        "\\",
        "<<A ",
        "cat <<A > b\n",
        "a|",
        ">",
        "> a",
        "tee ",
        "echo x | tee ",
        "bash -c 'x';",
        "cat <<A | tee b c d e f g h i j k\nx\nA\n",
        'bash -c "bash -c ',
        "eval ",
        "sudo ",
        "\x00",
        "x <<< '",
    ],
)
def test_a_long_hostile_text_ends(part: str) -> None:
    command = part * (200_000 // len(part))
    assert sum(len(piece.text) for piece in shell.programs(command)) <= 8 * len(command)

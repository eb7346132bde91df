"""What `flow` proves harmless, and what it does not: the place of a proof is that of bandit's finding."""

# ruff: noqa: E501  # rows, patterns and code under test read best on one line

from collections.abc import Callable

import pytest

from tracevet import Finding, Region, Snippet
from tracevet_python import BanditDetector
from tracevet_python.flow import FlowDetector

Make = Callable[[str], Snippet]
IDS = 'def f(cursor, ids):\n    q = "SELECT a FROM t WHERE id IN (%s)" % {}\n    cursor.execute(q, ids)\n'
HARMLESS = [
    'import os\nos.system("ls")\n',
    'import os\nname = "a"\nos.system(f"ls {name}" + " -l")\n',
    'import os\nfor name in ("a", "b"):\n    os.system("ls " + name)\n',
    'import os, sys\nos.system("kill %d" % int(sys.argv[1]))\n',
    'import shlex, subprocess, sys\nsubprocess.run(f"ls {shlex.quote(sys.argv[1])}", shell=True)\n',
    'TABLE = "users"\nquery = f"SELECT a FROM {TABLE} WHERE b = 1"\ncursor.execute(query)\n',
    IDS.format('", ".join(["?"] * len(ids))'),
    IDS.format('", ".join("?" for _ in ids)'),
    'def f(cursor, limit):\n    cursor.execute("SELECT a FROM t LIMIT " + str(int(limit)))\n',
    'def f(cursor, limit):\n    cursor.execute("SELECT a FROM t LIMIT %d" % limit)\n',
    'def f(c, col):\n    if col not in ("a", "b"):\n        raise ValueError\n    c.execute("SELECT " + col + " FROM t")\n',
    'eval("1 + 1")\n',
    "import os\ndef f(c):\n    os.system(c)\n    raise ValueError(f'select a column from {c}')\n",
    'import urllib.request\nurllib.request.urlopen("https://example.com/a")\n',
]
NOT_PROVEN = [
    'import os, sys\nos.system("ls " + sys.argv[1])\n',
    'import os\nos.system("ls " + other())\n',
    'import os\nname = "a" if ok() else other()\nos.system("ls " + name)\n',
    'import os\ndef run(name="a"):\n    os.system("ls " + name)\nrun("b")\n',
    'import os\nname = "a"\nwhile ask():\n    os.system("ls " + name)\n    name = ask()\n',
    'import os\nparts = ["ls"]\nparts.append(ask())\nos.system(" ".join(parts))\n',
    'def f(cursor, a, limit):\n    cursor.execute("SELECT a FROM t LIMIT " + str(int(limit)) + other(a))\n',
    "def f(cursor, limit):\n    cursor.execute(\"SELECT a FROM t WHERE b = '%s'\" % limit)\n",
    'def f(cursor, name):\n    cursor.execute("SELECT a FROM t WHERE b = \'" + sanitize(name) + "\'")\n',
    'import os\nos.system(str(int(os.system("ls " + ask()))))\n',
    "def f(x):\n    return eval(x)\n",
    'import torch\ntorch.load("model.pt")\n',
    'import pickle\npickle.load(open("a.pkl", "rb"))\n',
    'import urllib.request\nurllib.request.urlopen("file:///etc/passwd")\n',
]


def _proven(code: str, make: Make) -> set[Region]:
    """Give the places of what bandit finds that flow speaks against."""
    proofs = {
        (each.region, rule)
        for each in FlowDetector().scan([make(code)])
        if isinstance(each, Finding)
        for rule in each.refutes
    }
    found = [each for each in BanditDetector().scan([make(code)]) if isinstance(each, Finding)]
    return {
        each.region
        for each in found
        if any((each.region, word) in proofs for word in (*each.cwe, f"bandit:{each.rule}"))
    }


@pytest.mark.parametrize("code", HARMLESS)
def test_what_is_constant_or_made_safe_is_proven_where_bandit_speaks_of_it(code: str, snippet: Make) -> None:
    assert len(_proven(code, snippet)) == 1


@pytest.mark.parametrize("code", NOT_PROVEN)
def test_what_is_not_known_in_full_or_not_each_time_is_not_proven(code: str, snippet: Make) -> None:
    inner = code.index('os.system("ls " + ask())') if "str(int(" in code and "ask" in code else None
    assert not {region for region in _proven(code, snippet) if inner is None or region.start == inner}


def test_nothing_is_proven_of_code_that_could_not_be_run_to_its_end(snippet: Make) -> None:
    code = 'import os\nos.system("ls")\n' + "x = 1\n" * 50
    assert any(each.refutes for each in FlowDetector().scan([snippet(code)]) if isinstance(each, Finding))
    short = FlowDetector(max_steps=20).scan([snippet(code)])
    assert not any(each.refutes for each in short if isinstance(each, Finding))


def test_a_finding_tells_its_way_from_source_to_sink(snippet: Make) -> None:
    code = 'import os, sys\nname = sys.argv[1]\ncommand = "ls " + name\nos.system(command)\n'
    (found,) = [each for each in FlowDetector().scan([snippet(code)]) if isinstance(each, Finding)]
    assert [(step.start_line, step.end_line, step.note) for step in found.flow] == [
        (2, 2, "data from the command line"), (3, 3, "it goes through"), (4, 4, "it is used"),
    ]  # fmt: skip


def test_every_finding_that_follows_data_has_a_way_and_no_other(snippet: Make) -> None:
    code = "import hashlib\nhashlib.md5(b'a')\nexec(input())\n"
    found = [each for each in FlowDetector().scan([snippet(code)]) if isinstance(each, Finding)]
    assert {each.rule: bool(each.flow) for each in found} == {"weak-hash": False, "code-injection": True}


ZIP = "import os, zipfile\ndef unpack(path, dest):\n    with zipfile.ZipFile(path) as z:\n        for m in z.namelist():\n"
UPDATE = '@app.route("/users/<int:n>", methods=["PUT"])\ndef update(n):\n    u = load(n)\n'


@pytest.mark.parametrize(
    ("rule", "weak", "repaired"),
    [
        (
            "archive-traversal",
            ZIP + '            open(os.path.join(dest, m), "wb").write(z.read(m))\n',
            ZIP + '            open(os.path.join(dest, os.path.basename(m)), "wb").write(z.read(m))\n',
        ),
        (
            "archive-traversal",
            "import tarfile\nfrom pathlib import Path\nfor m in tarfile.open(p).getmembers():\n"
            "    (Path(d) / m.name).write_bytes(b'')\n",
            "import tarfile\nfrom pathlib import Path\nfor m in tarfile.open(p).getmembers():\n    print(m.name)\n",
        ),
        (
            "mass-assignment",
            UPDATE + "    for k, v in request.json.items():\n        setattr(u, k, v)\n    return 'ok'\n",
            UPDATE + "    for k in ('name', 'mail'):\n        setattr(u, k, request.json[k])\n    return 'ok'\n",
        ),
        (
            "mass-assignment",
            UPDATE + "    u.__dict__.update(request.get_json())\n    return 'ok'\n",
            UPDATE + "    u.name = request.get_json()['name']\n    return 'ok'\n",
        ),
        (
            "assert-authorization",
            '@app.route("/users")\ndef users():\n    assert current_user.is_admin\n    return page()\n',
            '@app.route("/users")\ndef users():\n    if not current_user.is_admin:\n        abort(403)\n    return page()\n',
        ),
        (
            "assert-authorization",
            '@app.get("/users")\nasync def users(user: User):\n    assert user.has_permission("list")\n    return page()\n',
            "def test_users(user):\n    assert user.is_admin\n",
        ),
        (
            "xss",
            'def shout(text):\n    return mark_safe("<em>%s</em>" % text)\n',
            'def shout(text):\n    return mark_safe("<em>%s</em>" % escape(text))\n',
        ),
        (
            "ldap-injection",
            'def find(conn, login):\n    conn.search("dc=corp", f"(&(objectClass=user)(uid={login}))")\n',
            'def find(conn, login):\n    conn.search("dc=corp", f"(&(objectClass=user)(uid={escape_filter_chars(login)}))")\n',
        ),
        (
            "error-exposure",
            "@app.errorhandler(Exception)\ndef failed(error):\n    return traceback.format_exc(), 500\n",
            "@app.errorhandler(Exception)\ndef failed(error):\n    traceback.format_exc()\n    return 'sorry', 500\n",
        ),
        (
            "access-race",
            "import os\ndef read(path):\n    if os.access(path, os.R_OK):\n        return open(path).read()\n",
            "import os\ndef read(path):\n    try:\n        return open(path).read()\n    except OSError:\n        return ''\n",
        ),
        (
            "unrestricted-upload",
            'from fastapi import FastAPI, UploadFile\n@app.post("/up")\nasync def up(file: UploadFile):\n'
            '    with open(f"up/{file.filename}", "wb") as out:\n        out.write(await file.read())\n',
            'import uuid\nfrom fastapi import FastAPI, UploadFile\n@app.post("/up")\nasync def up(file: UploadFile):\n'
            '    with open(f"up/{uuid.uuid4()}.bin", "wb") as out:\n        out.write(await file.read())\n',
        ),
    ],
)
def test_a_weakness_is_found_and_its_repair_is_not(rule: str, weak: str, repaired: str, snippet: Make) -> None:
    rules = [
        {each.rule for each in FlowDetector().scan([snippet(code)]) if isinstance(each, Finding) and not each.refutes}
        for code in (weak, repaired)
    ]
    assert (rule in rules[0], rule in rules[1]) == (True, False)

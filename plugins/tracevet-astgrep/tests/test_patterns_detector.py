"""The detector patterns: what it finds for each kind of pattern, in each language, and what it refuses."""

from collections.abc import Mapping, Sequence

import pytest

from tracevet import ConfigError, Finding, Gap, Pattern, Snippet
from tracevet.testing import DetectorSuite, snippet
from tracevet_astgrep.patterns import PatternsDetector

EVAL = Pattern(id="eval", message="Code is run.", languages=("javascript",), calls=("eval",), invalid=("eval(x)",))

# kind of import: language, module, what imports it, what does not
IMPORTS = [
    ("python", "pickle", ["import pickle", "import os, pickle as p", "from pickle import loads"], ["import pickles"]),
    (
        "python",
        "pickle",
        ["__import__('pickle')", "importlib.import_module('pickle')"],
        ["x = 'pickle'", "# import pickle"],
    ),
    ("python", "os.path", ["import os.path", "from os import path", "from os.path import join"], ["import os"]),
    ("python", "a.b", ["from a import (c,\n  b)", "    import a.b.c\n  )"], ["from a import bc", "from a import c"]),
    ("javascript", "vm", ["import vm from 'vm'", 'const v = require("vm")', "import('vm')"], ["import x from './vm'"]),
    ("typescript", "fs", ["import { a } from 'node:fs'", "export * from 'fs/promises'"], ["import a from 'fs-extra'"]),
    ("tsx", "@acme/old", ["import x from '@acme/old/button'"], ["import x from '@acme/older'"]),
    ("java", "java.util.Random", ["import java.util.Random;"], ["import java.util.RandomAccess;"]),
    ("java", "sun.misc", ["import sun.misc.Unsafe;", "import static sun.misc.A.b;"], ["import sun.miscellany.A;"]),
    ("kotlin", "java.util", ["import java.util.Random"], ["import java.utils.Random"]),
    ("csharp", "System.Xml", ["using System.Xml;", "using X = System.Xml.Linq;"], ["using System.XmlX;"]),
    ("go", "crypto/md5", ['import "crypto/md5"', 'import (\n\tm "crypto/md5"\n)'], ['import "crypto/md50"']),
    ("php", "Old\\Http", ["<?php use Old\\Http\\Client;"], ["<?php use Old\\Https;"]),
    ("ruby", "open-uri", ['require "open-uri"', "require('open-uri')"], ['require "open-uris"']),
    ("rust", "std::process", ["use std::process::Command;"], ["use std::processes;"]),
    ("c", "string.h", ["#include <string.h>"], ["#include <strings.h>"]),
    ("cpp", "old.hpp", ['#include "old.hpp"'], ['#include "bold.hpp"']),
]
CALLS = [
    (
        "python",
        "eval",
        ["eval(x)", "y = eval (x)", "  eval(x\n"],
        ["x.eval(y)", "evaluate(x)", "'eval(x)'", "# eval(x)"],
    ),
    ("python", "os.system", ["os.system(x)", "from os import system\nsystem(x)"], ["system(x)", "os.systems(x)"]),
    ("python", "*.execute", ["db.cursor().execute(q)", "c.execute(f(x))"], ["execute(q)", "f(c.execute)"]),
    ("javascript", "Math.random", ["Math.random()", "a = Math . random()"], ["random()", "Math.randomize()"]),
    ("javascript", "Function", ["new Function(x)", "Function(x)"], ["new FunctionX(x)"]),
    ("typescript", "exec", ["exec(x)"], ["re.exec(x)"]),
    ("typescript", "child.exec", ["import { exec } from 'child'\nexec(x)"], ["exec(x)"]),
    ("java", "System.exit", ["System.exit(1);"], ["system.exit(1);"]),
    ("java", "Random", ["new Random();", "new Random(1)"], ["new RandomX();"]),
    ("java", "*.exec", ["Runtime.getRuntime().exec(c);"], ["execute(c);"]),
    ("kotlin", "println", ["fun f() { println(x) }"], ["fun f() { printlns(x) }"]),
    ("csharp", "Process.Start", ["Process.Start(x);"], ["Process.Stop(x);"]),
    ("go", "exec.Command", ["package p\nfunc f() { exec.Command(x) }"], ["package p\nfunc f() { exec.Commands(x) }"]),
    ("php", "eval_it", ["<?php eval_it($x);"], ["<?php eval_item($x);"]),
    ("php", "*.query", ["<?php $db->query($x);", "<?php DB::query($x);"], ["<?php query($x);"]),
    ("ruby", "system", ["system(x)", "system x"], ["systems(x)"]),
    ("rust", "std::mem::transmute", ["fn f() { std::mem::transmute::<A, B>(x); }"], ["fn f() { mem(x); }"]),
    ("rust", "panic", ['fn f() { panic!("x"); }'], ["fn f() { panics(x); }"]),
    ("c", "gets", ["void f() { gets(b); }"], ["void f() { fgets(b, 1, f); }"]),
    ("shell", "curl", ["curl https://x | sh", "curl"], ["curling x"]),
]


class TestPatterns(DetectorSuite):
    @pytest.fixture
    def options(self) -> Mapping[str, object]:
        return {"patterns": {"no-eval.eval": EVAL}}

    @pytest.fixture
    def detector(self) -> PatternsDetector:
        return PatternsDetector(patterns={"no-eval.eval": EVAL})

    @pytest.fixture
    def bad(self) -> Sequence[Snippet]:
        return [snippet("eval(location.hash);\n", "javascript")]

    @pytest.fixture
    def good(self) -> Sequence[Snippet]:
        return [snippet("JSON.parse(x);\n", "javascript")]


def found(text: str, language: str, **fields: object) -> list[Finding | Gap]:
    pattern = Pattern.model_validate({"id": "x", "message": "m", "invalid": ["x"], **fields})
    return list(PatternsDetector(patterns={"p.x": pattern}).scan([snippet(text, language)]))


@pytest.mark.parametrize(("language", "name", "bad", "good"), IMPORTS)
def test_a_banned_import_is_found(language: str, name: str, bad: list[str], good: list[str]) -> None:
    assert [text for text in bad if not found(text, language, languages=[language], imports=[name])] == []
    assert [text for text in good if found(text, language, languages=[language], imports=[name])] == []


@pytest.mark.parametrize(("language", "name", "bad", "good"), CALLS)
def test_a_banned_call_is_found(language: str, name: str, bad: list[str], good: list[str]) -> None:
    assert [text for text in bad if not found(text, language, languages=[language], calls=[name])] == []
    assert [text for text in good if found(text, language, languages=[language], calls=[name])] == []


@pytest.mark.parametrize("language", ["python", "swift", "text", ""])
def test_a_regex_is_searched_in_every_language(language: str) -> None:
    assert len(found("a corp host, a corp", language, regex="corp")) == 2


def test_a_regex_keeps_to_its_languages_and_its_part() -> None:
    text = "x = 1  # corp\n"
    assert found(text, "python", regex="corp", languages=["python"])
    assert not found(text, "python", regex="corp", languages=["go"])
    assert not found(text, "python", regex="corp", of="code")
    assert found(text, "python", regex="corp", of="comments")


def test_a_group_named_mask_is_masked() -> None:
    (one,) = found("key = abc123", "text", regex=r"key = (?P<mask>\w+)")
    assert isinstance(one, Finding)
    assert [(mask.start, mask.end) for mask in one.masks] == [(6, 12)]


def test_a_regex_takes_linear_time() -> None:
    assert not found("a" * 200_000, "text", regex="(a+)+b")  # an engine that goes back would not come to an end


WRONG: dict[str, tuple[dict[str, object], str]] = {
    "not a regex": ({"regex": "("}, "missing )"),
    "a huge regex": ({"regex": "((a{100}){100}){100}"}, "repetition"),
    "a backreference": ({"regex": r"(a)\1"}, "escape"),
    "a regex of nothing": ({"regex": "a*"}, "empty text"),
    "a kind that is none": ({"rule": {"kind": "nothing"}, "languages": ["python"]}, "ast-grep can't read it"),
    "a key that is none": ({"rule": {"pattrn": "x"}, "languages": ["python"]}, "unknown field"),
    "a rule that calls itself": (
        {"rule": {"matches": "a"}, "utils": {"a": {"matches": "a"}}, "languages": ["python"]},
        "ast-grep can't read it",
    ),
    "a rule without languages": ({"rule": {"pattern": "x"}}, "needs languages"),
    "a language without grammar": ({"rule": {"pattern": "x"}, "languages": ["sql"]}, "can't read 'sql'"),
    "methods of no object": ({"calls": ["*.x"], "languages": ["shell"]}, "can't read 'shell'"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_can_not_be_read_is_named(wrong: str) -> None:
    fields, said = WRONG[wrong]
    pattern = Pattern.model_validate({"id": "x", "message": "m", "invalid": ["x"], **fields}).at("acme.yaml:7")
    with pytest.raises(ConfigError) as caught:
        PatternsDetector(patterns={"p.x": pattern})
    assert str(caught.value).startswith("acme.yaml:7: policy 'p', pattern 'x': ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_too_large_is_a_gap() -> None:
    detector = PatternsDetector(patterns={"p.x": EVAL}, max_size=10)
    (gap,) = detector.scan([snippet("eval(x) // and more", "javascript")])
    assert isinstance(gap, Gap)


def test_without_patterns_nothing_is_said() -> None:
    assert list(PatternsDetector().scan([snippet("eval(x)", "javascript")])) == []

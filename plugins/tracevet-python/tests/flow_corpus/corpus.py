"""Our own pairs of weak and repaired code, each in several styles, and clean code that looks dangerous."""

# ruff: noqa: E501  # rows, patterns and code under test read best on one line

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

FOLDER = Path(__file__).parent
MARK = "  #!"  # ends the line that is weak

IMPORTS = """import ast, asyncio, base64, configparser, hashlib, hmac, html, importlib, json, ldap, logging, marshal, os, pickle, random, re
import secrets, shlex, shutil, sqlite3, ssl, string, subprocess, sys, tarfile, tempfile, time, traceback, urllib.request, uuid, yaml
import aiohttp, bcrypt, defusedxml.lxml, defusedxml.minidom, httpx, jinja2, jsonpickle, jwt, lxml.etree, pandas, paramiko, psycopg2
import requests, tasks, xml.dom.minidom, xml.sax
from pathlib import Path
from urllib.parse import quote, urlparse
from Crypto.Cipher import AES, DES
from Crypto.PublicKey import RSA
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from sqlalchemy import create_engine, text
from werkzeug.utils import secure_filename
from markupsafe import Markup, escape
from ldap3.utils.conv import escape_filter_chars

logger = logging.getLogger(__name__)
"""
FLASK = """from flask import Flask, abort, jsonify, make_response, redirect, render_template_string, request, send_file
from flask import send_from_directory, session, url_for
from flask_cors import CORS

app = Flask(__name__)
"""
DJANGO = """from django.http import HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.views.decorators.csrf import csrf_exempt
"""
FASTAPI = """from fastapi import FastAPI
from fastapi.responses import HTMLResponse, RedirectResponse

app = FastAPI()
"""

# Each style: what stands before the body, how far the body is indented, and what stands after it.
STYLES: dict[str, tuple[str, int, str]] = {
    "flask": (
        f'{IMPORTS}{FLASK}\n\n@app.route("/item")\ndef item():\n    value = request.args.get("value", "")\n',
        1,
        "\n    return jsonify(done=True)\n",
    ),
    "flask-path": (
        f'{IMPORTS}{FLASK}\n\n@app.route("/item/<value>", methods=["GET", "POST"])\ndef item(value):\n',
        1,
        '\n    return "", 204\n',
    ),
    "flask-view": (
        f"{IMPORTS}{FLASK}\nfrom flask.views import MethodView\n\n\nclass Item(MethodView):\n    def post(self):\n"
        '        data = request.get_json()\n        value = data["value"]\n',
        2,
        '\n        return "", 204\n',
    ),
    "django": (
        f'{IMPORTS}{DJANGO}\n\ndef item(request):\n    value = request.GET.get("value")\n',
        1,
        '\n    return HttpResponse("done")\n',
    ),
    "fastapi": (
        f'{IMPORTS}{FASTAPI}\n\n@app.get("/item")\nasync def item(value: str):\n',
        1,
        '\n    return {"done": True}\n',
    ),
    "aiohttp": (
        f'{IMPORTS}\nfrom aiohttp import web\n\n\nasync def item(request):\n    value = request.query["value"]\n',
        1,
        "\n    return web.json_response({})\n",
    ),
    "lambda": (
        f'{IMPORTS}\n\ndef lambda_handler(event, context):\n    value = event["queryStringParameters"]["value"]\n',
        1,
        '\n    return {"statusCode": 200}\n',
    ),
    "edit": ('    value = request.form["value"]\n', 1, "\n"),
    "script": (f'{IMPORTS}\nvalue = input("value: ")\n', 0, "\n"),
    "argv": (
        f"{IMPORTS}\n\ndef main():\n    value = sys.argv[1]\n",
        1,
        '\n\n\nif __name__ == "__main__":\n    main()\n',
    ),
    "function": (f"{IMPORTS}\n\ndef work(value):\n", 1, "\n"),
    "method": (
        f"{IMPORTS}\n\nclass Work:\n    def __init__(self, value):\n        self.value = value\n\n    def run(self):\n"
        "        value = self.value\n",
        2,
        "\n",
    ),
    "async": (f"{IMPORTS}\n\nasync def work(value: str):\n", 1, "\n"),
    "notebook": (f'{IMPORTS}\nvalue = input()\nprint("got it")\n', 0, "\nprint('ready')\n"),
    "upload": (
        f'{IMPORTS}{FLASK}\n\n@app.route("/upload", methods=["POST"])\ndef put():\n    upload = request.files["file"]\n',
        1,
        '\n    return "", 204\n',
    ),
    "plain": (f"{IMPORTS}{FLASK}{DJANGO}\n", 0, "\n"),
    "plain-function": (
        f"{IMPORTS}\n\ndef work(data, key, iv, url, path, token, user, name, text, salt, app, client, response, resp):\n",
        1,
        "\n",
    ),
    "plain-edit": ("", 1, "\n"),
}
WEB = ("flask", "django", "fastapi", "aiohttp", "edit", "flask-path", "flask-view", "lambda")
LIBRARY = ("function", "script", "method", "argv", "notebook")


@dataclass(frozen=True, slots=True)
class Pair:
    """Weak code, the line of the weakness, and the same code repaired."""

    cwe: str
    style: str
    weak: str
    line: int
    repaired: str


def _styles(tags: set[str], body: str, number: int) -> list[str]:
    """Choose the styles of a pair, other ones for each."""
    if "async" in tags:
        return ["fastapi", "aiohttp", *(["async"] if "lib" in tags else [])]
    if "web" in tags:
        web = [WEB[(number + step) % len(WEB)] for step in (0, 3, 5)]
        library = [LIBRARY[(number + step) % len(LIBRARY)] for step in (0, 2)] if "lib" in tags else []
        return web + library
    if "return" in tags:
        return ["flask", "flask-path"]
    if "plain" in tags:
        nested = "def " in body or "app." in body or "__main__" in body or "PATTERN" in body
        return ["plain", *([] if nested else ["plain-function", "plain-edit"])]
    return [*(tags & STYLES.keys())]


def _render(body: str, style: str) -> str:
    before, depth, after = STYLES[style]
    return before + textwrap.indent(body.strip("\n"), "    " * depth) + after


def pairs() -> Iterator[Pair]:
    """Give all pairs, in the order of their files."""
    numbers = count()
    for path in sorted(FOLDER.glob("pairs_*.txt")):
        for section in path.read_text(encoding="utf-8").split("### ")[1:]:
            head, _, rest = section.partition("\n")
            weak, _, repaired = rest.partition("\n---\n")
            cwe, *tags = head.split()
            asynchronous = {"async"} if "#! async" in weak else set()
            weak = weak.replace("#! async", "#!")
            for style in _styles({*tags} | asynchronous, weak, next(numbers)):
                text = _render(weak, style)
                line = next(at for at, each in enumerate(text.split("\n"), 1) if each.endswith(MARK))
                yield Pair(cwe, style, text.replace(MARK, ""), line, _render(repaired, style))


def clean() -> Iterator[tuple[str, str]]:
    """Give name and text of code that looks dangerous, and is not."""
    text = (FOLDER / "clean.txt").read_text(encoding="utf-8")
    for section in text.split("### ")[1:]:
        name, _, code = section.partition("\n")
        yield name, code

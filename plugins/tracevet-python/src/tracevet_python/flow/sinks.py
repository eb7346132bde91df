"""Where data does harm: calls by name, the arguments that matter, and the condition under which they do.

A name that starts with a dot is a method of any object; another one is the whole dotted name.
"""

# ruff: noqa: E501  # rows, patterns and code under test read best on one line

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from tracevet_python.flow import conditions, webconditions
from tracevet_python.flow.conditions import Condition


@dataclass(frozen=True, slots=True)
class Sink:
    """A call that does harm with data in some of its arguments."""

    rule: str
    name: str
    places: tuple[int, ...]  # positions; -1: the object a method is called on
    keywords: tuple[str, ...]
    condition: Condition
    fix: str = ""


_SHELLS = "os.system os.popen os.popen2 os.popen3 os.popen4 commands.getoutput commands.getstatusoutput popen2.popen2 subprocess.getoutput subprocess.getstatusoutput asyncio.create_subprocess_shell"
_PROCESSES = "subprocess.run subprocess.call subprocess.Popen subprocess.check_call subprocess.check_output run Popen check_output check_call"
_SPAWNS = "os.execl os.execle os.execlp os.execlpe os.execv os.execve os.execvp os.execvpe os.startfile"
_SPAWNS_MODE = "os.spawnl os.spawnle os.spawnlp os.spawnlpe os.spawnv os.spawnve os.spawnvp os.spawnvpe"
_CLIENTS = "get post put delete head patch options"
_FILES = """open io.open codecs.open os.open os.remove os.unlink os.rmdir os.listdir os.scandir os.makedirs os.mkdir os.walk
 shutil.rmtree linecache.getline tarfile.open zipfile.ZipFile file aiofiles.open numpy.load np.load pandas.read_csv pd.read_csv os.stat os.chmod
 configparser.ConfigParser().read"""
_WRITTEN = "open io.open os.open os.makedirs os.mkdir aiofiles.open"
_TWO_FILES = (
    "os.rename os.replace os.link os.symlink shutil.copy shutil.copyfile shutil.copy2 shutil.move shutil.copytree"
)
_SENT = """flask.send_file send_file fastapi.responses.FileResponse starlette.responses.FileResponse FileResponse
 django.http.FileResponse aiohttp.web.FileResponse web.FileResponse"""
_PATH_METHODS = ".read_text .read_bytes .write_text .write_bytes .open .unlink .iterdir .rmdir .mkdir .rename"
_PICKLES = """pickle.loads pickle.load cPickle.loads cPickle.load _pickle.loads dill.loads dill.load marshal.loads marshal.load
 cloudpickle.loads cloudpickle.load joblib.load jsonpickle.decode pandas.read_pickle pd.read_pickle shelve.open pickle.Unpickler
 jsonpickle.loads yaml.unsafe_load yaml.unsafe_load_all yaml.full_load ruamel.yaml.YAML().load_unsafe"""
_REDIRECTS = """flask.redirect redirect django.shortcuts.redirect django.http.HttpResponseRedirect HttpResponseRedirect
 HttpResponsePermanentRedirect django.http.HttpResponsePermanentRedirect bottle.redirect werkzeug.utils.redirect
 fastapi.responses.RedirectResponse starlette.responses.RedirectResponse RedirectResponse aiohttp.web.HTTPFound web.HTTPFound
 aiohttp.web.HTTPSeeOther pyramid.httpexceptions.HTTPFound HTTPFound self.redirect sanic.response.redirect quart.redirect"""
_HTML = """flask.make_response make_response django.http.HttpResponse HttpResponse flask.Response fastapi.responses.HTMLResponse
 starlette.responses.HTMLResponse HTMLResponse Response starlette.responses.Response fastapi.Response aiohttp.web.Response web.Response self.write
 flask.Response quart.Response sanic.response.html response.html self.wfile.write self.finish werkzeug.wrappers.Response self.response.write
 self.response.out.write bottle.HTTPResponse HTTPResponse django.http.HttpResponseBadRequest HttpResponseBadRequest HttpResponseNotFound
 django.http.HttpResponseNotFound pyramid.response.Response"""
_MARKED = """markupsafe.Markup flask.Markup jinja2.Markup Markup django.utils.safestring.mark_safe mark_safe SafeString
 django.utils.safestring.SafeString"""
_PARSERS = """lxml.etree.fromstring lxml.etree.parse lxml.etree.XML lxml.etree.iterparse lxml.objectify.fromstring lxml.objectify.parse etree.fromstring etree.parse etree.XML
 xml.etree.ElementTree.fromstring xml.etree.ElementTree.parse xml.etree.ElementTree.XML xml.etree.ElementTree.iterparse ET.fromstring ET.parse
 xml.dom.minidom.parseString xml.dom.minidom.parse minidom.parseString minidom.parse xml.sax.parseString xml.sax.parse xml.dom.pulldom.parseString
 xml.dom.pulldom.parse xmltodict.parse_unsafe"""
_ERRORS = """flask.jsonify jsonify django.http.JsonResponse JsonResponse fastapi.responses.JSONResponse JSONResponse fastapi.HTTPException
 HTTPException starlette.exceptions.HTTPException starlette.responses.JSONResponse flask.abort abort web.json_response aiohttp.web.json_response"""
_LOGS = "debug info warning warn error critical exception log"


def _rows() -> Iterable[tuple[str, str, tuple[int, ...], str, Condition]]:
    """Give rule, names, places, keywords and condition."""
    c, w = conditions, webconditions
    yield (
        "sql-injection",
        ".execute .executemany .executescript .execute_sql .exec_driver_sql",
        (0,),
        "sql query operation statement",
        c.sql,
    )
    yield (
        "sql-injection",
        ".fetch .fetchrow .fetchval .fetch_all .fetch_one .raw .query .extra .read_sql .read_sql_query .RawSQL RawSQL .text text .prepare .from_statement .select_by_sql .exec .mogrify .cursor .copy_expert .order_by .filter .having .where",
        (0,),
        "sql query where select",
        c.sql_text,
    )
    yield (
        "nosql-injection",
        ".find .find_one .aggregate .update_one .update_many .delete_one .delete_many .count_documents .map_reduce .find_one_and_update",
        (0,),
        "filter",
        c.mongo,
    )
    yield "command-injection", _SHELLS, (0,), "cmd command", c.shell
    yield "command-injection", _PROCESSES, (0,), "args", c.process
    yield "command-injection", "asyncio.create_subprocess_exec pty.spawn", (0,), "", c.program
    yield "command-injection", _SPAWNS, (0,), "", c.program
    yield "command-injection", _SPAWNS_MODE, (1,), "", c.program
    yield (
        "command-injection",
        ".exec_command .run_command .sudo .local fabric.api.run fabric.api.local fabric.api.sudo invoke.run pexpect.spawn pexpect.run .send_command",
        (0,),
        "command cmd",
        c.remote,
    )
    yield (
        "code-injection",
        "eval exec compile execfile __import__ importlib.import_module builtins.eval builtins.exec runpy.run_path code.InteractiveInterpreter().runcode numexpr.evaluate pandas.eval pd.eval js2py.eval_js sympy.sympify sympify",
        (0,),
        "source name expr",
        c.code,
    )
    yield "unsafe-reflection", "getattr", (1,), "", c.always
    yield "mass-assignment", "setattr", (1,), "", c.always
    yield "mass-assignment", ".__dict__.update vars().update", (0,), "", c.always
    yield (
        "template-injection",
        "flask.render_template_string render_template_string jinja2.Template mako.template.Template django.template.Template bottle.template bottle.SimpleTemplate tornado.template.Template .from_string",
        (0,),
        "source template",
        w.template,
    )
    yield "template-injection", "Template", (0,), "source template", w.template
    yield from _files()
    yield "unrestricted-upload", ".save", (0,), "dst", c.upload
    yield "unrestricted-upload", "open", (0,), "", c.upload_open
    yield "path-traversal", "flask.render_template render_template jinja2.Environment().get_template", (0,), "", c.path
    yield "xss", _HTML, (0,), "content text body response", w.html
    yield "xss", _MARKED, (0,), "", w.marked
    yield (
        "ssrf",
        " ".join(
            f"requests.{each} httpx.{each} requests.Session().{each} httpx.Client().{each} httpx.AsyncClient().{each} aiohttp.ClientSession().{each} session.{each} client.{each} urllib3.PoolManager().{each}"
            for each in _CLIENTS.split()
        ),
        (0,),
        "url",
        w.address,
    )
    yield (
        "ssrf",
        "urllib.request.urlopen urllib2.urlopen urlopen urllib.urlopen urllib.request.urlretrieve urllib.request.Request urllib.urlretrieve http.client.HTTPConnection http.client.HTTPSConnection httplib.HTTPConnection wget.download feedparser.parse websockets.connect websocket.create_connection requests.get",
        (0,),
        "url fullurl host",
        w.address,
    )
    yield (
        "ssrf",
        "requests.request httpx.request requests.Session().request session.request urllib3.PoolManager().request httpx.stream aiohttp.request",
        (1,),
        "url",
        w.address,
    )
    yield "open-redirect", _REDIRECTS, (0,), "location url redirect_to", w.target
    yield "xxe", _PARSERS, (0,), "source text", c.xml
    yield (
        "ldap-injection",
        ".search_s .search_ext_s .search_st .search_ext .search",
        (0, 1, 2),
        "base search_base filterstr search_filter",
        c.ldap,
    )
    yield "ldap-injection", ".simple_bind_s .bind_s", (0,), "who", c.ldap
    yield (
        "xpath-injection",
        ".xpath .XPath .find .findall .findtext .iterfind lxml.etree.XPath etree.XPath lxml.etree.ETXPath",
        (0,),
        "path",
        c.xpath,
    )
    yield "xpath-injection", "elementpath.select elementpath.iter_select", (1,), "path", c.xpath
    yield "unsafe-deserialization", _PICKLES, (0,), "file data string path filename", c.pickled
    yield "unsafe-deserialization", "yaml.load yaml.load_all", (0,), "stream", c.yaml
    yield "unsafe-deserialization", "torch.load", (0,), "f", c.torch
    yield "unsafe-deserialization", "numpy.load np.load", (0,), "file", c.numpy
    yield "log-injection", " ".join(f".{each}" for each in _LOGS.split()), (0, 1, 2, 3), "msg", w.log
    yield (
        "header-injection",
        ".set_header .add_header .setHeader .headers.add .headers.set .headers.append .headers.setdefault .send_header .putheader",
        (1,),
        "value",
        w.header,
    )
    yield "mass-assignment", "*", (), "**", c.spread
    yield "format-string", ".format .format_map", (-1,), "", c.template_of_format
    yield (
        "error-exposure",
        f"{_HTML} {_ERRORS}",
        (0, 1),
        "content detail error message description error_message err text response msg reason details status traceback exception",
        c.always,
    )
    yield (
        "resource-consumption",
        "range time.sleep bytearray asyncio.sleep numpy.zeros np.zeros numpy.ones np.ones numpy.empty os.urandom",
        (0, 1),
        "",
        c.amount,
    )
    yield (
        "regex-injection",
        "re.compile re.match re.search re.fullmatch re.findall re.sub re.split re.finditer",
        (0,),
        "pattern",
        c.always,
    )
    yield "weak-random", ".set_cookie", (1,), "value", c.always


def _files() -> Iterable[tuple[str, str, tuple[int, ...], str, Condition]]:
    c = conditions
    yield "path-traversal", _FILES, (0,), "file path name top mode_path", c.path
    yield "archive-traversal", _WRITTEN, (0,), "file path name", c.member
    yield "archive-traversal", ".write_text .write_bytes .open .mkdir", (-1,), "", c.member
    yield "archive-traversal", "shutil.copy shutil.copyfile shutil.move os.rename os.replace", (1,), "dst", c.member
    yield "path-traversal", _TWO_FILES, (0, 1), "src dst", c.path
    yield "path-traversal", _SENT, (0,), "path filename_or_fp path_or_file", c.path
    yield (
        "path-traversal",
        "flask.send_from_directory send_from_directory bottle.static_file static_file",
        (),
        "directory root",
        c.path,
    )
    yield "path-traversal", "flask.send_from_directory send_from_directory", (0,), "", c.path
    yield "path-traversal", _PATH_METHODS, (-1,), "", c.path_object
    yield "path-traversal", ".save .save_as", (0,), "dst", c.saved_path


def _index() -> Mapping[str, tuple[Sink, ...]]:
    found: dict[str, list[Sink]] = {}
    for rule, names, places, keywords, condition in _rows():
        for name in names.split():
            sink = Sink(rule, name, places, tuple(keywords.split()), condition)
            found.setdefault(name.rsplit(".", 1)[-1], []).append(sink)
    return {last: tuple(sinks) for last, sinks in found.items()}


SINKS = _index()  # the last part of a name -> what may be meant
EMPTY: tuple[Sink, ...] = ()


@lru_cache(maxsize=4_096)
def matching(name: str, last: str) -> tuple[Sink, ...]:
    """Give the sinks that a dotted name may mean."""
    return tuple(
        sink
        for sink in SINKS.get(last, EMPTY)
        if sink.name == name or (sink.name.startswith(".") and name.endswith(sink.name))
    )

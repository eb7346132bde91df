"""User names in the paths of home directories."""

import re
from collections.abc import Iterator

from tracevet_pii.rule import Hit, grade
from tracevet_pii.table import HOME_PATH
from tracevet_pii.view import View

_UNIX = re.compile(
    r"(?<![\w.})\]>*-])(?:/(?:mnt|host_mnt)?/?[c-z](?=/Users/))?/(?:home|Users|export/home|var/home|usr/home)/"
    r"(?P<name>[^\W\d_][\w.-]{1,31})(?P<rest>/[\w.~@+-]?|(?=[\s\"'`:;,)\]]|\Z))"
)
_WINDOWS = re.compile(
    r"(?<!\w)[A-Za-z]:(?:\\{1,2}|/)Users(?:\\{1,2}|/)(?P<name>[^\W\d_][\w.-]{0,31}(?: [\w.-]{1,31}){1,2}(?=[\\/])|"
    r"[^\W\d_][\w.-]{1,31}(?=[\\/]|[\s\"'`,;)\]>]|\Z))"
)
_BASH = re.compile(r"(?<![\w.])/[c-e]/Users/(?P<name>[^\W\d_][\w.-]{1,31})(?=/)")
_SERVICES = """
    cpython to user users username user-name user_name usr ubuntu runner runneradmin root app apps appuser application
    node vscode codespace ec2-user ec2 admin administrator debian centos fedora alpine vagrant docker jenkins gitlab-
    runner gitlab git github circleci travis build builder buildbot ci deploy deployer default public shared all guest
    test tester testuser test-user dev devel developer me you your yourname your-name your_name yourusername your-
    username your_username your-user myuser my-user myname someone somebody name example foo bar baz alice bob nobody
    www www-data web nginx apache httpd postgres mysql redis oracle hadoop spark airflow jovyan sagemaker-user
    databricks streamlit gradio claude codex assistant agent sandbox coder openhands devcontainer gitpod linuxbrew pi
    odoo steam deck defaultuser defaultapppool azureuser azure-user adminuser vsts vssadministrator
    containeradministrator containeruser cloudshell-user opc core nixos nixbld conda mambauser anaconda miniconda
    python py ruby go rust java elixir runner-user service svc worker workspace project projects code src data files
    page pages index about contact products product login logout signup register dashboard settings profile search
    help blog news main view views home images img static assets css js api lib bin etc var tmp opt local library
    documents downloads desktop list item items details section error errors overview account accounts messages menu
    feed groups me.html home.html index.html index.php linuxuser hostuser remote remoteuser kali pwn ctf student hello
    cloud user1 user2 username1 u xxx xyz abc
"""  # accounts of images, services and runners; placeholders; folders of web sites
_NOBODY = frozenset(_SERVICES.split())
_PERSONAL = re.compile(
    r"[\\/]{1,2}(?:\.[a-z]|Desktop|Documents|Downloads|Library|AppData|OneDrive|Pictures|Music|src|code|dev|work|projects?|repos?|git|go/|"
    r"workspace|miniconda3?|anaconda3?|venv|bin/|snap|Code|Projects|Developer|source|PycharmProjects|IdeaProjects)"
)


def find_home_paths(view: View) -> Iterator[Hit]:
    """Yield the user names, without the path around them."""
    for pattern, marks in ((_UNIX, ("/home/", "/Users/")), (_WINDOWS, ("Users",)), (_BASH, ("/Users/",))):
        if not any(mark in view.text for mark in marks):
            continue
        for found in pattern.finditer(view.text):
            yield from _judge(view, *found.span("name"), found.groupdict().get("rest"))


def _judge(view: View, start: int, end: int, rest: str | None) -> Iterator[Hit]:
    end -= len(view.text[start:end]) - len(view.text[start:end].rstrip(" ."))
    name = view.text[start:end].lower()
    if name in _NOBODY or re.fullmatch(
        r"(?:user|test|dev|ci|build)[-_.]?\d*|.*\.(?:html?|php|aspx?|jsx?|tsx?|py|png|svg|css)", name
    ):
        return
    personal = bool(_PERSONAL.match(view.text, end))
    if rest == "" and not re.search(r"(?:home|cwd|pwd|dir|cd|:)\W{0,4}(?:[/\w:\\]*)\Z", view.before(start, 24)[:-6]):
        return
    yield Hit(start, end, HOME_PATH, grade(personal + (1 if rest else 0) + (rest is None) - view.is_sample(start, end)))

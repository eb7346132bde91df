"""What a function is for, by its decorators, name and parameters, and so what its parameters hold."""

import ast
import re
from collections.abc import Iterator

from tracevet_python.flow.machine import Function
from tracevet_python.flow.sources import taint
from tracevet_python.flow.values import UNKNOWN, Kind, Value

_ROUTES = frozenset(
    {
        "route",
        "get",
        "post",
        "put",
        "delete",
        "patch",
        "websocket",
        "api_route",
        "view_config",
        "expose",
        "errorhandler",
        "head",
        "options",
        "action",
    }
)
_COMMANDS = frozenset({"command", "group"})
_METHODS = frozenset(
    {
        "get",
        "post",
        "put",
        "patch",
        "delete",
        "do_GET",
        "do_POST",
        "do_PUT",
        "dispatch",
        "form_valid",
        "list",
        "create",
        "retrieve",
        "update",
    }
)
_NUMBERS = re.compile(r"\b(?:int|float|bool|UUID|date|datetime|Decimal|PositiveInt|conint|Literal|Enum|IPv4Address)\b")
_OBJECTS = re.compile(
    r"Session|Connection|Engine|Client|Cursor|Database|BackgroundTasks|Settings|Config|Logger|Path\b|Depends|Callable|Type\[|Iterable\[int|list\[int|List\[int|Response|UploadFile_"
)
_TOOLS = re.compile(
    r"^(?:self|cls|conn|connection|cnx|cur|cursor|curs|db|database|session|engine|client|app|logger|log|config|cfg|settings|pool|ctx|context|tx|"
    r"loop|env|parser|driver|server|response|resp|redis|bucket|model|module|frame|globals|locals|func|function|callback|fn|f|fp|fh|"
    r"timeout|n|i|j|k|debug|verbose|encoding|args|kwargs|namespace|glob|loc|globs|global_vars|local_vars|g|l|globals_|locals_|co|codeobj)$"
)
_EVENTS = frozenset({"lambda_handler", "handler"})


def web_of(function: Function, words: frozenset[str]) -> str:
    """Name the framework whose handler a function is; "" if it is none."""
    node = function.node
    for decorator in getattr(node, "decorator_list", ()):
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        last = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if last in _ROUTES and ((isinstance(decorator, ast.Call) and decorator.args) or last == "errorhandler"):
            first = decorator.args[0] if isinstance(decorator, ast.Call) and decorator.args else None
            if last == "errorhandler":
                return "flask"
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                flaskish = last == "route" or words & {"flask", "Flask", "bottle", "Blueprint"}
                return "flask" if flaskish and not words & {"fastapi", "FastAPI", "APIRouter"} else "fastapi"
        if last in {
            "api_view",
            "require_http_methods",
            "csrf_exempt",
            "login_required",
            "require_POST",
            "require_GET",
        } and _takes_request(node):
            return "django"
    if _takes_request(node):
        return "django"
    return _method_of(function)


def _takes_request(node: ast.AST) -> bool:
    names = _names(node)
    return bool(names) and (names[0] == "request" or (len(names) > 1 and names[0] == "self" and names[1] == "request"))


def _names(node: ast.AST) -> list[str]:
    spec = getattr(node, "args", None)
    return [each.arg for each in (*spec.posonlyargs, *spec.args)] if isinstance(spec, ast.arguments) else []


def _method_of(function: Function) -> str:
    """Methods of class-based handlers: Tornado, Flask-RESTful, http.server."""
    name = getattr(function.node, "name", "")
    if function.owner is None or name not in _METHODS:
        return ""
    bases = " ".join(each.name for each in function.owner.bases)
    if re.search(r"RequestHandler", bases):
        return "tornado"
    if re.search(r"MethodView", bases):
        return "flask"
    return "restful" if re.search(r"Resource|View|HTTPEndpoint", bases) else ""


def parameters(function: Function, web: str) -> dict[str, Value]:
    """Give what the parameters of a function hold when something outside of the snippet calls it."""
    spec = function.node.args
    given: dict[str, Value] = {}
    kind = _kind(function, web)
    defaults = _defaults(spec)
    for each in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs):
        given[each.arg] = _parameter(function, each, kind, defaults.get(each.arg))
    for extra, shape in ((spec.vararg, "tuple"), (spec.kwarg, "dict")):
        if extra is not None:
            given[extra.arg] = Value(shape=shape)  # type: ignore[arg-type]  # the two shapes above
    return given


def _kind(function: Function, web: str) -> Kind:
    if web:
        return Kind.REQUEST
    node = function.node
    if getattr(node, "name", "") in _EVENTS and "event" in _names(node):
        return Kind.REQUEST
    if any(_last(each) in _COMMANDS for each in getattr(node, "decorator_list", ())):
        return Kind.ARGUMENT
    return Kind.PARAMETER


def _last(decorator: ast.AST) -> str:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def _defaults(spec: ast.arguments) -> dict[str, ast.AST]:
    places = [*spec.posonlyargs, *spec.args]
    pairs = zip(places[::-1], spec.defaults[::-1], strict=False)
    found: dict[str, ast.AST] = {place.arg: default for place, default in pairs}
    found |= {
        place.arg: default
        for place, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True)
        if default is not None
    }
    return found


def _parameter(function: Function, parameter: ast.arg, kind: Kind, default: ast.AST | None) -> Value:
    name = parameter.arg
    annotation = ast.unparse(parameter.annotation)[:200] if parameter.annotation is not None else ""
    if (
        name in {"request", "http_request"}
        or (name == "req" and _takes_req(function))
        or annotation.endswith(("Request", "HttpRequest"))
    ):
        return Value(name="request")
    if isinstance(default, ast.Call) and _last(default) in {"Depends", "Security", "Inject"}:
        return UNKNOWN
    if annotation and (_NUMBERS.search(annotation) or _OBJECTS.search(annotation)) and "str" not in annotation:
        return Value(name=name)
    if (
        isinstance(default, ast.Constant)
        and isinstance(default.value, int | float | bool)
        and default.value is not None
    ):
        return Value(name=name)
    tool = _TOOLS.match(name) and not (kind is Kind.REQUEST and name in {"model", "module", "n"})
    if tool or (kind is Kind.REQUEST and _is_converted(function, name)):
        return Value(name=name)
    return taint(kind, f"{name}@{parameter.lineno}", parameter.lineno, name)


def _takes_req(function: Function) -> bool:
    """Tell handlers of Falcon and of Azure Functions."""
    name = getattr(function.node, "name", "")
    return name.startswith("on_") or (name == "main" and len(_names(function.node)) == 1)


def _is_converted(function: Function, name: str) -> bool:
    """Tell whether a Flask route takes the parameter as a number: `<int:name>`."""
    for decorator in getattr(function.node, "decorator_list", ()):
        for each in _strings(decorator):
            if re.search(rf"<(?:int|float|uuid):{re.escape(name)}>", each):
                return True
    return False


def _strings(decorator: ast.AST) -> Iterator[str]:
    for each in getattr(decorator, "args", ()):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value

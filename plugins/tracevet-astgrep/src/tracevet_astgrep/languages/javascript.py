"""JavaScript, TypeScript and TSX, whose grammars share their words."""

from dataclasses import replace

from tracevet_astgrep.languages.model import Binding, Call, Flow, Language

_INPUTS = (
    r"(?i)\b(req|request|ctx|context|event|evt|e)\.(request\.)?(query|body|params|param|headers|header|cookies|files?|rawBody"
    r"|originalUrl|url|hostname|queryStringParameters|pathParameters|multiValueQueryStringParameters)\b"
    r"|\b(req|request)\.(get|param|input|all)\(|\bctx\.(params|query|request)\b"
    r"|\b(window\.|document\.|self\.)?location\.(hash|search|href|pathname)\b|\bdocument\.(referrer|cookie|URL|documentURI)\b"
    r"|\bwindow\.name\b|\bprocess\.argv\b|\bsearchParams\b|\bURLSearchParams\b|\b(event|evt|e|msg|message)\.data\b"
    r"|\b(useParams|useSearchParams|useLocation|prompt)\(|@(Query|Body|Param|Headers|Req)\(|\brouter\.query\b"
    r"|\.val\(\)|\.value\b|\blocalStorage\.getItem|\bsessionStorage\.getItem"
)
_FLOW = Flow(
    names=frozenset({"identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern"}),
    strings=frozenset({"string", "template_string"}),
    literals=frozenset(
        {"number", "true", "false", "null", "undefined", "regex", "property_identifier", "type_annotation"}
    ),
    opaque=frozenset({"arrow_function", "function_expression", "function", "function_declaration", "class"}),
    members=frozenset({"member_expression", "subscript_expression"}),
    choices=frozenset({"ternary_expression"}),
    bindings=(
        Binding(kind="variable_declarator", target="name", value="value", type="type"),
        Binding(kind="assignment_expression", target="left", value="right"),
        Binding(kind="augmented_assignment_expression", target="left", value="right"),
        Binding(kind="for_in_statement", target="left", value="right"),
    ),
    parameters=(
        Binding(kind="formal_parameters"),
        Binding(kind="arrow_function", target="parameter"),
    ),
    calls=(
        Call(kind="call_expression", callee=("function",)),
        Call(kind="new_expression", callee=("constructor",)),
    ),
    functions=frozenset(
        {
            "function_declaration",
            "function_expression",
            "arrow_function",
            "method_definition",
            "generator_function_declaration",
        }
    ),
    blocks=frozenset({"statement_block", "program", "switch_case", "switch_default"}),
    inputs=_INPUTS,
    formats=r"(^|\.)(format|sprintf|vsprintf|concat|join|replace|replaceAll)$",
    appends=r"\.(push|append|unshift)$",
    cleaners=(
        r"^(parseInt|parseFloat|Number|Boolean|BigInt|isNaN|encodeURIComponent|encodeURI|escapeHtml|escapeHTML|htmlEscape)$"
        r"|^Number\.\w+$|^Math\.\w+$|^Date\.now$"
        r"|(?i)(^|\.)_?(escape|escapeId|escapeLiteral|escapeIdentifier|sanitize\w*|purify\w*|escape\w*|encode\w*html\w*|shellescape"
        r"|quote|validate\w*|indexOf|test|basename|toFixed|getTime|hash\w*)$"
    ),
    numeric=r"^:?\s*(number|boolean|bigint|Date)$",
)
_TYPED = replace(
    _FLOW,
    parameters=(
        Binding(kind="required_parameter", target="pattern", type="type"),
        Binding(kind="optional_parameter", target="pattern", type="type"),
        Binding(kind="arrow_function", target="parameter"),
    ),
)
_WRAPPERS = (("async function _() {\n", "\n}"), ("const _ = {\n", "\n}"), ("class _ {\n", "\n}"), ("_(", ")"))


def _language(name: str, flow: Flow) -> Language:
    return Language(name=name, grammar=name, wrappers=_WRAPPERS, quotes="\"'`", flow=flow)


JAVASCRIPT = _language("javascript", _FLOW)
TYPESCRIPT = _language("typescript", _TYPED)
TSX = _language("tsx", _TYPED)

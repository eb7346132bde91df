"""C: the standard library, POSIX, and the usual libraries for TLS and databases."""

from tracevet_astgrep.languages.model import Binding, Call, Flow, Frame, Language

_INPUTS = (
    r"^argv\b|\bargv\[|^(std::)?getenv\(|^secure_getenv\(|^(std::)?getc(har)?\(|^fgetc\(|\bchar\s*\*\s*(const\s*)?(user_?input|input|query_string|cmdline|untrusted)$"
    r"|^(user_?input|userInput|input_?(buf|buffer|str|string|data)?|query_string)$|^(ntohl|ntohs)\($"
)
_FILLS = (
    (r"^(std::)?(fgets|gets|gets_s|getline|getdelim|fread|getnstr|getstr)$", 0),
    (r"^(recv|recvfrom|read|pread|SSL_read|BIO_read|WSARecv|ReadFile|recvmsg)$", 1),
    *((r"^(std::)?w?scanf(_s)?$", n) for n in (1, 2, 3)),
    *((r"^(std::)?[fs]w?scanf(_s)?$", n) for n in (2, 3, 4)),
)
_BUILDS = (
    (
        r"^(std::)?(v?sn?printf|v?asprintf|strn?cpy|strn?cat|strlcpy|strlcat|stpcpy|g_snprintf|wsprintf[AW]?|_snprintf|(str|wcs)(cat|cpy)_s)$",
        0,
    ),
)
C_FLOW = Flow(
    strings=frozenset({"string_literal", "concatenated_string", "char_literal"}),
    fragments=frozenset({"string_content", "escape_sequence", "character", "string_literal"}),
    literals=frozenset(
        {
            "number_literal",
            "null",
            "true",
            "false",
            "sizeof_expression",
            "primitive_type",
            "type_identifier",
            "type_descriptor",
            "sized_type_specifier",
            "field_identifier",
            "offsetof_expression",
        }
    ),
    members=frozenset({"field_expression", "subscript_expression"}),
    choices=frozenset({"conditional_expression"}),
    bindings=(
        Binding(kind="init_declarator", target="declarator", value="value"),
        Binding(kind="assignment_expression", target="left", value="right"),
    ),
    parameters=(Binding(kind="parameter_declaration", target="declarator", type="type"),),
    calls=(Call(kind="call_expression", callee=("function",)),),
    functions=frozenset({"function_definition"}),
    blocks=frozenset({"compound_statement", "translation_unit", "case_statement"}),
    inputs=_INPUTS,
    formats=r"^(g_strdup_printf|g_strconcat|xasprintf|mysprintf|curl_m?aprintf|sqlite3_mprintf|strcat|strncat)$",
    cleaners=r"^(strn?cmp|strcasecmp|memcmp|isalnum|isdigit|isalpha|isspace|time|getpid|shell_quote|g_shell_quote"
    r"|mysql_real_escape_string\w*|PQescape\w*|basename|sqlite3_mprintf|EVP_sha\w+|SSL_CTX_new)$",
    numeric="",
    fills=_FILLS,
    builds=_BUILDS,
)
FRAMES = (
    Frame(shape=r"[\w.$:>-]+\(.*\)", head="void _() { ", tail="; }", selector="call_expression"),
    Frame(shape=r"[\w$]+\[[\w$]+\]", head="void _() { _ = ", tail="; }", selector="subscript_expression"),
)
C = Language(
    name="c",
    grammar="c",
    piece=8_000,
    wrappers=(("void _() {\n", "\n}"), ("void _() { do {\n", "\n} while (0); }"), ("struct _ {\n", "\n};")),
    frames=FRAMES,
    flow=C_FLOW,
)

"""Go: net/http and the usual routers, database/sql, os/exec."""

from tracevet_astgrep.languages.model import Binding, Call, Flow, Frame, Language

_INPUTS = (
    r"\b(r|req|request|c\.Request)\.(URL|FormValue|PostFormValue|Form|PostForm|Header|Body|Cookies?|Host|RequestURI|MultipartForm"
    r"|PathValue|Referer|UserAgent|FormFile)\b"
    r"|\b(c|ctx|context)\.(Query|DefaultQuery|Param|Params|PostForm|DefaultPostForm|FormValue|QueryParam|GetHeader|GetQuery|Cookie"
    r"|ShouldBind\w*|Bind\w*|BodyParser|FormParams|PathParam|GetRawData|URLParam)\("
    r"|\bmux\.Vars\(|\bchi\.URLParam\(|\bos\.Args\b|\bflag\.(Arg|Args|String)\(|\bos\.Getenv\(|\bscanner\.Text\(|\breader\.ReadString\("
    r"|\bvars\[\"|\b(header|file|fileHeader|handler|fh)\.Filename\b"
)
GO = Language(
    name="go",
    grammar="go",
    wrappers=(
        ("package _\nfunc _() {\n", "\n}"),
        ("package _\nvar _ = _{\n", "\n}"),
        ("package _\ntype _ struct {\n", "\n}"),
    ),
    # Alone, a call is read as a conversion of types.
    frames=(Frame(shape=r"[\w.$]+\(.*\)", head="package _\nfunc _() { ", tail=" }", selector="call_expression"),),
    quotes="\"'`",
    flow=Flow(
        names=frozenset({"identifier", "field_identifier"}),
        strings=frozenset({"interpreted_string_literal", "raw_string_literal", "rune_literal"}),
        fragments=frozenset({"interpreted_string_literal_content", "raw_string_literal_content", "escape_sequence"}),
        literals=frozenset(
            {
                "int_literal",
                "float_literal",
                "imaginary_literal",
                "true",
                "false",
                "nil",
                "iota",
                "type_identifier",
                "pointer_type",
                "slice_type",
                "qualified_type",
                "map_type",
                "package_identifier",
            }
        ),
        opaque=frozenset({"func_literal"}),
        members=frozenset({"selector_expression", "index_expression", "slice_expression"}),
        bindings=(
            Binding(kind="short_var_declaration", target="left", value="right"),
            Binding(kind="assignment_statement", target="left", value="right"),
            Binding(kind="var_spec", target="name", value="value", type="type"),
            Binding(kind="const_spec", target="name", value="value"),
            Binding(kind="range_clause", target="left", value="right"),
        ),
        parameters=(
            Binding(kind="parameter_declaration", target="name", type="type"),
            Binding(kind="variadic_parameter_declaration", target="name", type="type"),
        ),
        calls=(Call(kind="call_expression", callee=("function",)),),
        functions=frozenset({"function_declaration", "method_declaration", "func_literal"}),
        blocks=frozenset({"block", "source_file", "expression_case", "default_case", "communication_case"}),
        inputs=_INPUTS,
        formats=r"^fmt\.(Sprintf|Sprint|Sprintln|Appendf|Fprintf)$|^strings\.(Join|Replace|ReplaceAll|Concat)$|^errors\.Wrapf$",
        appends=r"\.(WriteString|WriteByte|Write|WriteRune)$",
        cleaners=(
            r"^(len|cap|int|int32|int64|uint|uint32|uint64|float64|make)$"
            r"|^strconv\.(Atoi|ParseInt|ParseUint|ParseFloat|ParseBool|Itoa|FormatInt|Quote)$"
            r"|^(url\.(QueryEscape|PathEscape)|html\.EscapeString|template\.(HTMLEscapeString|JSEscapeString|URLQueryEscaper)"
            r"|filepath\.Base|path\.Base|shellescape\.Quote|pq\.Quote\w+|uuid\.\w+|time\.\w+|regexp\.QuoteMeta|hex\.\w+)$"
            r"|(?i)(sanitize|escape|validate|quoteident)\w*$|\.Sanitize$"
        ),
        numeric=r"^\*?(u?int(8|16|32|64)?|float(32|64)|bool|byte|rune|time\.(Time|Duration)|uuid\.UUID)$",
        fills=(
            (r"\.(Decode|ShouldBindJSON|BindJSON|ShouldBind|Bind|BodyParser)$", 0),
            (r"^fmt\.(Scan|Scanln|Scanf)$", 0),
        ),
    ),
)

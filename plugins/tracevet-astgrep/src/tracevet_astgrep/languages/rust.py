"""Rust: the standard library, the usual web frameworks and database drivers."""

from tracevet_astgrep.languages.model import Binding, Call, Flow, Frame, Language

_INPUTS = (
    r"\benv::(args|var|args_os|vars)\(|\b(io::)?stdin\(\)|^(query|form|path|params|payload|info|req|request|body)\b(\.into_inner\(\)|\.0\b|\[|\.get\(|\.param\(|\.query\b|\.match_info|\.uri|\.headers|\.json\()"
    r"|\b(Query|Path|Form|Json|Bytes|web::Bytes|Multipart|HttpRequest|RawQuery|String\s*,\s*Path)<|\bRequest<|#\[(get|post)\("
    r"|^(user_?input|untrusted|input|query_params)$"
)
RUST = Language(
    name="rust",
    grammar="rust",
    wrappers=(
        ("fn _() {\n", "\n}"),
        ("impl _ {\n", "\n}"),
        ("fn _() { let _ = _ {\n", "\n}; }"),
        ("fn _() { match _ {\n", "\n} }"),
        ("fn _() { self\n", "\n; }"),
    ),
    comment_kinds=frozenset({"line_comment", "block_comment"}),
    frames=(Frame(shape=r"[\w.$:]+\(.*\)", head="fn _() { ", tail="; }", selector="call_expression"),),
    quotes='"',
    dialect="rust",
    flow=Flow(
        strings=frozenset({"string_literal", "raw_string_literal", "char_literal"}),
        literals=frozenset(
            {
                "integer_literal",
                "float_literal",
                "boolean_literal",
                "primitive_type",
                "type_identifier",
                "type_arguments",
                "scoped_type_identifier",
                "reference_type",
                "generic_type",
                "pointer_type",
                "lifetime",
                "field_identifier",
            }
        ),
        opaque=frozenset({"closure_expression"}),
        members=frozenset({"field_expression", "index_expression"}),
        bindings=(
            Binding(kind="let_declaration", target="pattern", value="value", type="type"),
            Binding(kind="assignment_expression", target="left", value="right"),
            Binding(kind="compound_assignment_expr", target="left", value="right"),
            Binding(kind="for_expression", target="pattern", value="value"),
            Binding(kind="let_condition", target="pattern", value="value"),
        ),
        parameters=(Binding(kind="parameter", target="pattern", type="type"), Binding(kind="closure_parameters")),
        calls=(Call(kind="call_expression", callee=("function",)),),
        functions=frozenset({"function_item", "closure_expression"}),
        blocks=frozenset({"block", "source_file"}),
        inputs=_INPUTS,
        formats=r"^(std::)?(format|concat|format_args)$|\.(concat|join|replace)$",
        appends=r"\.(push_str|push|append|insert_str|extend|write_str)$",
        fills=((r"\.(read_line|read_to_string|read_to_end|read|read_exact)$", 0),),
        builds=((r"^write(ln)?$", 0),),
        holes=r"\{([a-z_][a-z0-9_]*)(?::[^{}]*)?\}",
        cleaners=(
            r"\.(len|count|is_empty|contains|starts_with|ends_with|capacity|is_some|is_none|is_ok|file_name|extension|as_millis|checked_\w+)$"
            r"|(?i)\b(escape|sanitize|encode|quote|encode_text|encode_safe|html_escape)\w*$|\.parse::<[ui]\w+>$|^(Uuid|Instant|Utc|Duration)::"
        ),
        numeric=r"^&?(mut )?([ui](8|16|32|64|128)|usize|isize|f32|f64|bool|char|Uuid|Duration"
        r"|(Option<)?[ui](8|16|32|64|size)>?|(web::)?Path<[ui]\w+>)$",
    ),
)

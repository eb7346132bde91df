"""Kotlin: Android, JDBC, Spring and Ktor."""

from tracevet_astgrep.languages.model import Binding, Call, Flow, Language

_INPUTS = (
    r"(?i)\b\w*(req|request)\w*\.(getParameter\w*|getHeader\w*|parameterMap|queryParams?|queryParameters|params)\b|\bcall\.(parameters|request|receive\w*)\b"
    r"|@(RequestParam|PathVariable|RequestBody|RequestHeader|CookieValue)\b|\breadLine\(|\breadln\(|\bargs\[|\bintent\??\.(get\w+Extra|data|extras)\b"
    r"|\.text\.toString\(|\beditText\b"
)
KOTLIN = Language(
    name="kotlin",
    grammar="kotlin",
    wrappers=(("fun _f() {\n", "\n}"), ("class Q {\n", "\n}"), ("fun _f() { try {\n", "\n} finally {} }")),
    comment_kinds=frozenset({"line_comment", "multiline_comment"}),
    flow=Flow(
        names=frozenset({"simple_identifier", "interpolated_identifier"}),
        # A sum counts as a text with holes, as the grammar names no operator.
        strings=frozenset({"string_literal", "character_literal", "additive_expression"}),
        fragments=frozenset(
            {
                "string_content",
                "interpolation_identifier_start",
                "interpolation_expression_start",
                "interpolation_expression_end",
                "character_escape_seq",
            }
        ),
        literals=frozenset(
            {
                "integer_literal",
                "real_literal",
                "boolean_literal",
                "null_literal",
                "type_identifier",
                "user_type",
                "binding_pattern_kind",
                "navigation_suffix",
            }
        ),
        opaque=frozenset({"lambda_literal", "annotated_lambda"}),
        members=frozenset({"navigation_expression", "indexing_expression"}),
        joins=frozenset(),
        choices=frozenset({"if_expression"}),
        bindings=(Binding(kind="property_declaration"), Binding(kind="assignment")),
        parameters=(Binding(kind="parameter"),),
        calls=(Call(kind="call_expression", callee=()),),
        functions=frozenset({"function_declaration"}),
        blocks=frozenset({"statements", "source_file", "class_body"}),
        inputs=_INPUTS,
        formats=r"(^|\.)(format|concat|joinToString|replace|plus)$",
        appends=r"\.(append|insert)$",
        cleaners=r"\.(toInt|toLong|toIntOrNull|toLongOrNull|toDouble|length|size|isEmpty|contains|startsWith|escapeHtml|htmlEncode|hashCode)$",
    ),
)

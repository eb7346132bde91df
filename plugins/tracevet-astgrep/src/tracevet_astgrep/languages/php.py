"""PHP: superglobals, Laravel and Symfony requests, mysqli and PDO."""

from tracevet_astgrep.languages.model import Binding, Call, Flow, Language

_INPUTS = (
    r"\$_(GET|POST|REQUEST|COOKIE|FILES|SERVER)\b|\$HTTP_(GET|POST)_VARS\b|\$HTTP_RAW_POST_DATA\b|php://input|\$argv\b"
    r"|(?i)\$(this->)?_?(request|req)->(get|post|input|query|all|request|cookie|cookies|header|headers|file|files|getParam|getParams|getQuery"
    r"|getPost|getVar|getBody|getParsedBody|getQueryParams|getContent|only|route|attributes|getCookie|json|string|path|url)\b"
    r"|(?i)\brequest\(\)?->?|\brequest\(['\"]|\bInput::(get|all)\(|\bRequest::(get|input|query|all)\(|\bfilter_input\("
    r"|(?i)\$this->input->(get|post|get_post|cookie|server)\(|\bgetallheaders\(|\bgetenv\(['\"](QUERY|HTTP)|\bget_query_var\("
)
PHP = Language(
    name="php",
    grammar="php",
    wrappers=(("class _ {\n", "\n}"), ("function _() {\n", "\n}"), ("$_ = array(\n", "\n);")),
    line_comments=("//", "#"),
    quotes="\"'`",
    dialect="php",
    flow=Flow(
        names=frozenset({"variable_name"}),
        strings=frozenset({"string", "encapsed_string", "heredoc", "heredoc_body", "nowdoc"}),
        fragments=frozenset(
            {
                "string_content",
                "escape_sequence",
                "string_value",
                "heredoc_start",
                "heredoc_end",
                "nowdoc_string",
                "nowdoc_body",
            }
        ),
        literals=frozenset(
            {"integer", "float", "boolean", "null", "name", "class_constant_access_expression", "cast_type"}
        ),
        opaque=frozenset({"anonymous_function", "anonymous_function_creation_expression", "arrow_function"}),
        members=frozenset(
            {
                "subscript_expression",
                "member_access_expression",
                "nullsafe_member_access_expression",
                "scoped_property_access_expression",
            }
        ),
        operators=frozenset({".", ".="}),
        choices=frozenset({"conditional_expression"}),
        bindings=(
            Binding(kind="assignment_expression", target="left", value="right"),
            Binding(kind="augmented_assignment_expression", target="left", value="right"),
            Binding(kind="reference_assignment_expression", target="left", value="right"),
            Binding(kind="property_element"),
            Binding(kind="foreach_statement"),
        ),
        parameters=(
            Binding(kind="simple_parameter", target="name", type="type"),
            Binding(kind="property_promotion_parameter", target="name", type="type"),
        ),
        calls=(
            Call(kind="function_call_expression", callee=("function",)),
            Call(kind="member_call_expression", callee=("object", "name")),
            Call(kind="nullsafe_member_call_expression", callee=("object", "name")),
            Call(kind="scoped_call_expression", callee=("scope", "name")),
            Call(kind="object_creation_expression", callee=()),
        ),
        functions=frozenset(
            {
                "function_definition",
                "method_declaration",
                "anonymous_function",
                "arrow_function",
                "anonymous_function_creation_expression",
            }
        ),
        blocks=frozenset({"compound_statement", "program", "declaration_list", "case_statement", "default_statement"}),
        inputs=_INPUTS,
        formats=r"(?i)^(sprintf|vsprintf|implode|join|str_replace|strtr|preg_replace|trim|rtrim|ltrim|stripslashes|strtolower|strtoupper|urldecode|base64_decode)$",
        cleaners=(
            r"(?i)^(intval|floatval|boolval|doubleval|is_\w+|count|strlen|sizeof|md5|sha1|hash|password_hash|crc32|time|date|rand|mt_rand"
            r"|random_int|random_bytes|uniqid|bin2hex|htmlspecialchars|htmlentities|strip_tags|esc_\w+|sanitize_\w+|wp_kses\w*|e|h|html_escape"
            r"|mysqli?_real_escape_string|pg_escape_\w+|addslashes|escapeshellarg|escapeshellcmd|urlencode|rawurlencode|json_encode"
            r"|http_build_query|basename|abs|round|floor|ceil|array_key_exists|in_array|isset|empty|filter_var|filter_input|number_format|ctype_\w+|preg_match"
            r"|absint|checkdate|strtotime|nl2br|http_response_code|array_fill|str_repeat)$"
            r"|(?i)(\.|->|::)(quote|real_escape_string|escape\w*|prepare|quoteIdentifier|sanitize\w*|purify|integer|boolean|getClientOriginalExtension|hashName|count|esc\w*)$"
            r"|(?i)^\w*(sanitize|escape|purify)\w*$"
        ),
        numeric=r"(?i)^\(?\s*\??(int|integer|float|double|bool|boolean|DateTime\w*)\s*\)?$",
    ),
)

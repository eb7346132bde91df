"""Java: servlets, Spring and JAX-RS, JDBC."""

from tracevet_astgrep.languages.model import Binding, Call, Flow, Language

_INPUTS = (
    r"(?i)\b\w*(req|request)\w*\.(getParameter\w*|getHeaders?|getCookies|getQueryString|getInputStream|getReader|getPathInfo"
    r"|getRequestURI|getRequestURL|getPart|getParts|getServletPath|params|queryParams|body|raw|cookie|headers)\b"
    r"|@(RequestParam|PathVariable|RequestBody|RequestHeader|CookieValue|ModelAttribute|QueryParam|PathParam|FormParam"
    r"|HeaderParam|CookieParam|MatrixParam|RequestPart)\b"
    r"|\b(scanner|sc|scan|in|input|br|reader|bufferedReader|stdin|console)\.(nextLine|next|readLine)\("
    r"|\bargs\[|\bcookie\.getValue\(|\bgetOriginalFilename\(|\bgetSubmittedFileName\(|\bSystem\.getenv\(|\bctx\.(queryParam|formParam|pathParam|body)\("
)
JAVA = Language(
    name="java",
    grammar="java",
    wrappers=(
        ("class Q {\n", "\n}"),
        ("class Q { void m() throws Exception {\n", "\n}}"),
        ("class Q { void m() { try {\n", "\n} finally {} }}"),
    ),
    comment_kinds=frozenset({"line_comment", "block_comment"}),
    flow=Flow(
        strings=frozenset({"string_literal", "character_literal"}),
        fragments=frozenset({"string_fragment", "multiline_string_fragment", "escape_sequence"}),
        literals=frozenset(
            {
                "decimal_integer_literal",
                "hex_integer_literal",
                "octal_integer_literal",
                "binary_integer_literal",
                "decimal_floating_point_literal",
                "hex_floating_point_literal",
                "true",
                "false",
                "null_literal",
                "class_literal",
                "type_identifier",
                "scoped_type_identifier",
                "integral_type",
                "floating_point_type",
                "boolean_type",
                "void_type",
                "generic_type",
                "array_type",
                "dimensions",
            }
        ),
        opaque=frozenset({"lambda_expression", "class_body"}),
        members=frozenset({"field_access", "array_access"}),
        choices=frozenset({"ternary_expression"}),
        bindings=(
            Binding(kind="variable_declarator", target="name", value="value", type="^type"),
            Binding(kind="assignment_expression", target="left", value="right"),
            Binding(kind="enhanced_for_statement", target="name", value="value", type="type"),
            Binding(kind="resource", target="name", value="value", type="type"),
        ),
        parameters=(
            Binding(kind="formal_parameter", target="name", type="type"),
            Binding(kind="inferred_parameters"),
            Binding(kind="lambda_expression", target="parameters"),
        ),
        calls=(
            Call(kind="method_invocation", callee=("object", "name")),
            Call(kind="object_creation_expression", callee=("type",)),
        ),
        functions=frozenset({"method_declaration", "constructor_declaration", "lambda_expression"}),
        blocks=frozenset({"block", "constructor_body", "program", "class_body", "switch_block_statement_group"}),
        inputs=_INPUTS,
        formats=r"(^|\.)(format|formatted|concat|join|replace|replaceAll)$|^MessageFormat\.format$",
        appends=r"\.(append|insert)$",
        cleaners=(
            r"^(Integer|Long|Short|Byte|Double|Float|Boolean|UUID|BigInteger|BigDecimal|LocalDate|LocalDateTime|Instant)\."
            r"|^(Math|Objects\.(hash|equals))"
            r"|(?i)(^|\.)(length|size|hashCode|equals|equalsIgnoreCase|contains|startsWith|endsWith|indexOf|matches|compareTo|isEmpty"
            r"|encodeFor\w+|forHtml\w*|forJavaScript\w*|escapeHtml\w*|htmlEscape|escapeXml\w*|escapeEcmaScript|escapeSql"
            r"|sanitize\w*|escape\w*|encodeForHTML|encode|intValue|longValue|ordinal|getId|nextInt|currentTimeMillis)$"
            r"|^(URLEncoder|Encode|Jsoup|HtmlUtils|StringEscapeUtils|ESAPI)\.|^FilenameUtils\.getName$"
        ),
        numeric=r"^(int|long|short|byte|double|float|boolean|Integer|Long|Short|Byte|Double|Float|Boolean|UUID|BigDecimal|BigInteger"
        r"|LocalDate|LocalDateTime|Instant|Date|Timestamp)$",
    ),
)

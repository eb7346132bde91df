"""C#: ASP.NET old and new, ADO.NET, Entity Framework."""

from tracevet_astgrep.languages.model import Binding, Call, Flow, Frame, Language

_INPUTS = (
    r"\b(Request|request|req|httpRequest|HttpContext\.Request|context\.Request|Context\.Request|ctx\.Request)"
    r"(\.(QueryString|Query|Form|Params|Headers|Cookies|Body|Path|Files|RouteValues|InputStream|Url|RawUrl|UserAgent|Item)\b|\[)"
    r"|\[(FromQuery|FromBody|FromRoute|FromForm|FromHeader|Bind)\b|\bConsole\.ReadLine\(|\bargs\[|\bRouteData\.Values\b"
    r"|\b\w*([tT]ext[bB]ox|txt|Txt|tb)\w*\.Text\b|\b\w*[tT]ext[bB]ox\w*\.Value\b|\.FileName\b|\bNavigationManager\.Uri\b"
)
CSHARP = Language(
    name="csharp",
    grammar="csharp",
    wrappers=(
        ("class _ { void _() {\n", "\n}}"),
        ("class _ { void _() { var _ = new _ {\n", "\n};}}"),
        ("class _ {\n", "\n}"),
        ("class _ { void _() { try {\n", "\n} finally {} }}"),
    ),
    # Alone, an assignment is read as a declaration.
    frames=(
        Frame(
            shape=r"[\w.$]+ \+?= .*[^;]",
            head="class Q { void M() { ",
            tail="; } }",
            selector="assignment_expression",
        ),
    ),
    flow=Flow(
        strings=frozenset(
            {
                "string_literal",
                "verbatim_string_literal",
                "raw_string_literal",
                "character_literal",
                "interpolated_string_expression",
            }
        ),
        fragments=frozenset(
            {
                "string_literal_content",
                "string_content",
                "escape_sequence",
                "raw_string_content",
                "interpolation_start",
                "interpolation_quote",
                "raw_string_start",
                "raw_string_end",
                "character_literal_content",
                "string_literal_encoding",
            }
        ),
        literals=frozenset(
            {
                "integer_literal",
                "real_literal",
                "boolean_literal",
                "null_literal",
                "predefined_type",
                "generic_name",
                "qualified_name",
                "nullable_type",
                "array_type",
                "typeof_expression",
                "sizeof_expression",
                "interpolation_format_clause",
                "interpolation_brace",
            }
        ),
        opaque=frozenset({"lambda_expression", "anonymous_method_expression"}),
        members=frozenset({"member_access_expression", "element_access_expression", "conditional_access_expression"}),
        choices=frozenset({"conditional_expression"}),
        bindings=(
            Binding(kind="variable_declarator", target="name", type="^type"),
            Binding(kind="assignment_expression", target="left", value="right"),
            Binding(kind="foreach_statement", target="left", value="right", type="type"),
        ),
        parameters=(Binding(kind="parameter", target="name", type="type"), Binding(kind="implicit_parameter")),
        calls=(
            Call(kind="invocation_expression", callee=("function",)),
            Call(kind="object_creation_expression", callee=("type",)),
        ),
        functions=frozenset(
            {"method_declaration", "constructor_declaration", "local_function_statement", "lambda_expression"}
        ),
        blocks=frozenset({"block", "compilation_unit", "declaration_list", "switch_section"}),
        inputs=_INPUTS,
        formats=r"(?i)(^|\.)string\.(Format|Concat|Join)$|\.(Replace|FormatWith)$",
        appends=r"\.(Append|AppendFormat|AppendLine|Insert)$",
        cleaners=(
            r"(?i)^(int|long|guid|double|decimal|bool|datetime|short|byte|int32|int64|enum|Convert)\.(try)?(parse\w*|to(int|double|decimal|boolean|datetime)\w*)$"
            r"|^(HttpUtility|WebUtility|Server|HtmlEncoder\.Default|UrlEncoder\.Default|JavaScriptEncoder\.Default|AntiXssEncoder|Encoder"
            r"|Uri|SecurityElement|Regex)\.(\w*Encode\w*|Escape\w*)$|^Path\.(GetFileName|GetRandomFileName|GetExtension)$"
            r"|(?i)(\.|^)(_?sanitiz\w*|escape\w*|equals|contains|startswith|endswith|indexof|gethashcode|count|isnullorempty|encode|htmlencode)$"
        ),
        numeric=r"(?i)^(s?byte|u?short|u?int|u?long|float|double|decimal|bool|int32|int64|guid|datetime|timespan)\??$",
    ),
)

"""Ruby: Rails, Sinatra and the standard library."""

from tracevet_astgrep.languages.model import Binding, Call, Flow, Language

_INPUTS = (
    r"^@?(params|cookies|session_params)\b(\[|\.|$)|\w_params(\(|$)|\brequest\.(params|query_string|body|headers|referer|referrer|path|fullpath|url|env|raw_post"
    r"|user_agent|host|GET|POST|cookies|original_url)\b|^request\[|^ARGV\b|^\$stdin\b|^STDIN\b|^gets(\(|$|\.)|^ENV\[.(QUERY|HTTP)|\boriginal_filename$"
    r"|^(user_?input|untrusted|env\[)"
)
RUBY = Language(
    name="ruby",
    grammar="ruby",
    wrappers=(("def _()\n", "\nend"), ("class A\n", "\nend"), ("begin\n", "\nend"), ("x = {\n", "\n}")),
    line_comments=("#",),
    block_comments=(("=begin", "=end"),),
    quotes="\"'`",
    flow=Flow(
        names=frozenset({"identifier", "instance_variable", "class_variable", "global_variable"}),
        strings=frozenset({"string", "subshell", "heredoc_body", "chained_string", "delimited_symbol", "regex"}),
        fragments=frozenset({"string_content", "escape_sequence", "heredoc_content", "heredoc_end"}),
        literals=frozenset(
            {
                "integer",
                "float",
                "true",
                "false",
                "nil",
                "simple_symbol",
                "hash_key_symbol",
                "constant",
                "scope_resolution",
                "rational",
                "complex",
                "file",
                "line",
            }
        ),
        opaque=frozenset({"block", "do_block", "lambda"}),
        members=frozenset({"element_reference"}),
        joins=frozenset({"binary"}),
        operators=frozenset({"+", "+=", "<<", "%"}),
        choices=frozenset({"conditional"}),
        bindings=(
            Binding(kind="assignment", target="left", value="right"),
            Binding(kind="operator_assignment", target="left", value="right"),
        ),
        parameters=(Binding(kind="method_parameters"), Binding(kind="block_parameters")),
        calls=(Call(kind="call", callee=("receiver", "method")),),
        functions=frozenset({"method", "singleton_method", "block", "do_block", "lambda"}),
        blocks=frozenset({"body_statement", "program", "then", "else", "block_body", "when"}),
        inputs=_INPUTS,
        formats=r"(^|\.)(format|sprintf|join|concat|gsub|sub|tr|prepend)$",
        appends=r"\.(concat|push|append|insert|prepend)$",
        cleaners=(
            r"\.(to_i|to_f|to_sym|length|size|count|present|blank|nil|empty|include|key|id|ids|pluck|to_date|to_time|hash|bytesize|any|exist|is_a|match)\??$"
            r"|(^|\.)(shellescape|escape|escape_html|html_escape|escapeHTML|h|sanitize\w*|quote|quote_\w+|encode_www_form_component|url_encode|strip_tags"
            r"|url_encode|uri_escape|shelljoin|basename|Integer|Float|hexdigest|uuid|urlsafe_base64|hex|random_bytes|escape_javascript|j|l|t|now|current|extname|parameterize)$"
        ),
        numeric="",
    ),
)

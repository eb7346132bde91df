"""C++: what C has, with strings, streams and containers."""

from dataclasses import replace

from tracevet_astgrep.languages.c import C_FLOW, FRAMES, C
from tracevet_astgrep.languages.model import Call, Language

CPP = Language(
    name="cpp",
    grammar="cpp",
    piece=8_000,
    wrappers=(*C.wrappers[:2], ("class _ {\n", "\n};"), ("void _() { try {\n", "\n} catch (...) {} }")),
    frames=FRAMES,
    flow=replace(
        C_FLOW,
        strings=C_FLOW.strings | {"raw_string_literal"},
        fragments=C_FLOW.fragments | {"raw_string_content", "raw_string_delimiter"},
        literals=C_FLOW.literals | {"auto", "namespace_identifier", "template_type", "this"},
        opaque=frozenset({"lambda_expression"}),
        parameters=(*C_FLOW.parameters, replace(C_FLOW.parameters[0], kind="optional_parameter_declaration")),
        calls=(*C_FLOW.calls, Call(kind="new_expression", callee=("type",))),
        functions=C_FLOW.functions | {"lambda_expression"},
        inputs=C_FLOW.inputs
        + r"|^(std::)?cin\b|\breq(uest)?(\.|->)(body|get_param_value|url_params|params|path|matches|header)\b"
        r"|\.toStdString\(|\.text\(\)",
        formats=C_FLOW.formats
        + r"|^(std::|fmt::|absl::)(format|vformat|StrCat|Substitute)$|\.(append|insert|replace|arg)$",
        appends=r"\.(append|push_back|insert)$",
        cleaners=C_FLOW.cleaners
        + r"|^(std::)?(stoi|stol|stoul|stoll|stod|to_string|isalnum|quoted)$|\.(size|length|empty|count|find|compare)$"
        r"|::(filename|escape\w*|quote\w*)$|\.filename$",
    ),
)

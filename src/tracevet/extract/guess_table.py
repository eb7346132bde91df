"""What speaks for which language: words, marks and shapes of lines, each with a weight.

A weight of 1 is a hint shared by several languages, 3 is good evidence, 5 and more is hardly ever wrong. Shapes of
lines are `^first`, `…last` and `^first…last`: the first word of a line with the signs before it, and its last sign
("a" for a letter or digit). `$v` and `.v` stand for any word after that sign.
"""

WORDS: dict[str, dict[int, str]] = {
    "python": {
        3: "__init__ __name__ isinstance kwargs pytest numpy pandas elif",
        2: "None self except",
        1: "True False lambda def import len with print yield",
    },
    "javascript": {
        4: "addEventListener innerHTML useState useEffect",
        2: "undefined console exports React express typeof",
        1: "const let async await function Promise JSON document window require",
    },
    "typescript": {2: "readonly keyof", 1: "interface enum namespace declare"},
    "java": {
        4: "throws PreparedStatement HttpServletRequest ArrayList",
        2: "final implements instanceof boolean Integer HashMap",
        1: "public private protected static void extends String package class",
    },
    "csharp": {
        4: "IActionResult SqlCommand SqlConnection IEnumerable HttpGet HttpPost StringBuilder",
        2: "Console foreach sealed internal",
        1: "public private protected static void string var using namespace override bool class",
    },
    "php": {4: "isset mysqli_query htmlspecialchars mysqli PDO", 1: "function foreach array public private echo"},
    "ruby": {
        4: "attr_accessor attr_reader before_action ActiveRecord require_relative",
        3: "elsif",
        2: "puts unless nil end",
        1: "def module self",
    },
    "go": {3: "defer fmt", 2: "nil err chan", 1: "func struct range package string"},
    "c": {
        4: "malloc strcpy memcpy strcat sprintf stdio",
        2: "printf NULL sizeof size_t unsigned typedef uint8_t uint32_t",
        1: "int char void struct static const",
    },
    "cpp": {4: "nullptr cout iostream unique_ptr", 2: "virtual template std", 1: "class auto operator public private"},
    "rust": {3: "impl crate unwrap", 2: "fn mut usize u8 u32 i32 i64 u64", 1: "match unsafe pub use self String"},
    "kotlin": {4: "suspend lateinit companion", 2: "fun val", 1: "when override String var data"},
    "swift": {4: "UIKit SwiftUI guard", 3: "Foundation", 1: "func let nil var String inout"},
    "scala": {2: "val trait implicit", 1: "object extends def case"},
    "shell": {4: "esac", 2: "fi", 1: "done then sudo local"},
    "perl": {3: "elsif", 1: "my sub shift use"},
    "powershell": {3: "ErrorAction PSCustomObject"},
    "sql": {
        4: "VARCHAR varchar PLPGSQL plpgsql",
        2: "SELECT WHERE INSERT JOIN VALUES PRIMARY INTEGER",
        1: "FROM TABLE NULL INTO SET INDEX REFERENCES",
    },
    "terraform": {},
    "css": {},
    "text": {1: "the to is and of you this that are for it was will have be can not"},
}

MARKS: dict[str, dict[int, tuple[str, ...]]] = {
    "python": {
        2: ("):\n", " in range(", '"""', " import ", " not in "),
        1: ("print(", ' f"', '(f"', "(f'", ".format(", "os.", "):", "]:"),
    },
    "javascript": {
        5: ("className=",),
        3: ("===", "!==", "console.log", "document.", "module.exports"),
        2: (") => ", "=> {", "});", "require("),
        1: ("${", "`", "||"),
    },
    "typescript": {
        4: ("import type", "Promise<", ": Promise<"),
        3: (": string", ": number", ": boolean", "Record<"),
        2: (": any", ": void", "?: ", "Array<", " as const", "[];"),
    },
    "java": {5: ("System.out", "import java", "@Override", "@Autowired"), 3: ("Exception e",), 1: ("String ", "new ")},
    "csharp": {5: ("Console.Write", "{ get; ", "async Task", "using System"), 3: ('$@"', "foreach (var"), 1: ("new ",)},
    "php": {
        12: ("<?php", "<?="),
        5: ("$_GET", "$_POST", "$_REQUEST", "$_SERVER", "$_SESSION", "$_COOKIE", "$_FILES", "$this->"),
        1: ("->", "===", "array("),
    },
    "ruby": {4: (" do |", "params[:", "#{", ".each do"), 2: (".each", " => :", "? do"), 1: (" @",)},
    "go": {
        5: ("map[string]", "interface{}", "go func", "package main"),
        4: ("!= nil", "[]byte", "[]string", "fmt.", "http.ResponseWriter"),
        3: (" := ",),
        1: ("http.",),
    },
    "c": {6: ("<stdio.h>",), 4: ("<stdlib.h>", "<string.h>"), 3: ("char *", "int main("), 1: ("->", "*)", " *")},
    "cpp": {
        6: ("std::", "<iostream>", "using namespace "),
        4: ("public:", "private:", "<string>", "<vector>"),
        1: ("::",),
    },
    "rust": {
        5: ("let mut ", "println!", "#[derive", "vec!", "format!", "#[tokio", "&mut "),
        4: ("&str", "&self", ".unwrap()", "async fn", "-> Result<"),
        3: ("Result<", "Option<", "Vec<", "Some(", "Ok("),
        1: ("::", "->", "=>"),
    },
    "kotlin": {
        5: ("data class", "override fun", "companion object", "fun main"),
        4: ("?.let",),
        1: ("println(", ": String"),
    },
    "swift": {5: ("guard let",), 3: ("try?", "@State", "if let "), 1: (": String", "-> ")},
    "scala": {5: ("case class", "sealed trait", ": Unit"), 3: ("Seq[", "List[", "Option["), 1: ("=> ",)},
    "shell": {
        5: ("; then", "2>&1"),
        4: ("; do\n", "| grep", "| xargs", "<<'EOF'", "<<EOF", "<< 'EOF'", "| head", "| tail"),
        3: ("$(", "[[ ", "/dev/null"),
        2: ("[ -", '"$', " \\\n", "$1"),
        1: (" | ", " && ", " --", "${"),
    },
    "perl": {6: ("use strict", "use warnings"), 5: ("my $", "my (", "@_"), 2: (" =~ ",)},
    "powershell": {
        5: ("New-Object", "Write-Host", "$env:", "Write-Output", "Invoke-"),
        3: ("Get-", "Set-", "[string]", "| Where-"),
        1: (" -eq ",),
    },
    "sql": {3: ("NOT NULL", "INNER JOIN", "LEFT JOIN", "CREATE TABLE", "INSERT INTO", "not null", "VALUES (")},
    "terraform": {3: ("aws_", "azurerm_", "google_"), 2: ("var.",), 1: (" = {",)},
    "html": {
        6: ("<html", "<!DOCTYPE html", "<!doctype html"),
        4: ("<div", "</div>", "<script", "<form", "<body"),
        2: ("<p>", "<input", "</a>", "href=", "<h1", "<span", "<button", "<head", "<table", "</li>"),
    },
    "css": {4: ("@media", "px;", "rem;"), 3: ("padding:", "display:", "margin:"), 2: ("color:", "font-", "width:")},
    "xml": {12: ("<?xml",), 5: ("xmlns",)},
    "markdown": {5: ("\n```",), 3: ("](http", "\n|--", "\n| --", "\n|:-"), 2: ("**",), 1: ("](",)},
    "yaml": {5: ("runs-on:", "apiVersion:"), 3: ("uses: ", "\nservices:", "\njobs:", "\nsteps:", "image: ")},
    "text": {9: ("Traceback (most recent call last)", "├──", "└──", "│"), 2: (", and ", ". The ", "n't "), 1: (". ",)},
}

_COMMANDS = """
    apt apt-get pip pip3 npm npx yarn pnpm cd curl wget git docker docker-compose mkdir chmod chown grep kubectl helm
    terraform aws gcloud az brew cargo pytest python3 export alias systemctl ssh scp rsync tar unzip
"""

LINES: dict[str, dict[int, str]] = {
    "python": {
        4: "^def…: ^with…: ^elif…: ^except…: ^async…:",
        3: "^class…: ^try…: ^finally…: ^from…a ^from…(",
        2: "^if…: ^for…: ^while…: ^else…: ^raise ^for…] ^def…( ^print",
        1: "^import ^assert ^from ^return ^@v ^def …)",
    },
    "javascript": {
        4: "^const…{",
        3: "^const ^function…{ ^}) ^});",
        2: "^let ^var ^async…{ ^export ^import…; …;",
        1: "^function ^return…; ^// ^await ^const…;",
    },
    "typescript": {3: "^interface…{ ^type…{ ^type…;", 1: "^export ^import…;"},
    "java": {
        5: "^@Override",
        3: "^package…; ^public…{ ^private…;",
        2: "^import…; ^try…{ ^}…{ ^protected…{",
        1: "…; ^@v ^//",
    },
    "csharp": {
        5: "^[HttpGet ^[HttpPost ^[ApiController",
        4: "^using…;",
        2: "^namespace ^public…) ^public…a",
        1: "…; ^{",
    },
    "php": {5: "^$v…;", 3: "^echo…;", 2: "^function…{ ^function…) ^$v", 1: "…; ^use…;"},
    "ruby": {
        4: "^end ^puts ^def…a",
        3: "^def…) ^require…' ^require…\" ^class…a",
        2: "^require ^@v ^validates ^if…a ^module…a",
    },
    "go": {5: "^import…( ^type…{", 4: "^func…{ ^package…a", 2: "^defer ^if…{ ^for…{ ^return…a ^var…a", 1: "^// ^}"},
    "c": {
        5: "^#include…>",
        4: "^#include",
        3: "^#define ^#ifdef ^#ifndef ^#endif ^int…{ ^char…; ^void…{",
        1: "…; ^int ^char ^int…;",
    },
    "cpp": {4: "^template…> ^using…;", 2: "^class…{ ^auto…; ^#include…>", 1: "^#include …;"},
    "rust": {
        6: "^fn…{",
        5: "^impl…{ ^pub…{",
        4: "^pub",
        3: "^use…; ^let…;",
        2: "^match…{ ^let…{ ^mod…;",
        1: "…; ^#[v ^//",
    },
    "kotlin": {6: "^fun…{", 4: "^fun ^when…{", 3: "^val", 2: "^package…a ^import…a ^var…a", 1: "^}"},
    "swift": {3: '^guard ^let…a ^let…) ^let…"', 2: "^func…{ ^import…a ^var…{", 1: "^let ^}"},
    "scala": {4: "^def…= ^object…{ ^trait…{", 3: "^val", 2: "^def…{ ^import…a ^case", 1: "^}"},
    "shell": {
        5: "^fi ^done ^esac ^$ " + " ".join(f"^{name}" for name in _COMMANDS.split()),
        3: "^echo ^sudo ^source ^then ^rm ^cp ^mv ^python ^node ^if…] ^./v",
        2: "^cat ^ls ^find ^sed ^awk ^make ^go ^set ^uv ^kill ^touch ^test",
    },
    "perl": {4: "^my…; ^sub…{", 2: "^$v…;"},
    "powershell": {2: "^param ^$v…a ^$v…)", 1: "^$v"},
    "sql": {
        6: "^SELECT ^INSERT ^CREATE ^ALTER ^GRANT ^DROP ^WHERE",
        4: "^select ^UPDATE ^DELETE ^ORDER ^GROUP ^LEFT ^INNER ^JOIN",
        3: "^insert ^where ^WITH ^VALUES ^AND ^create ^alter ^drop",
        2: "^FROM ^-- ^BEGIN ^COMMIT ^update ^delete ^SET",
        1: "…; ^from",
    },
    "dockerfile": {
        6: "^RUN ^WORKDIR ^ENTRYPOINT ^CMD",
        4: "^FROM ^COPY ^EXPOSE ^ENV ^HEALTHCHECK",
        3: "^ARG ^USER ^LABEL ^VOLUME ^ADD",
    },
    "terraform": {7: "^resource…{ ^variable…{ ^provider…{ ^terraform…{", 5: "^output…{ ^locals…{ ^data…{ ^module…{"},
    "css": {3: "^.v…{ ^body…{ ^:root…{ ^@media…{ ^a…{ ^*…{", 1: "…; ^#v…{"},
    "html": {3: "^<v…> ^</v…>", 1: "^<v"},
    "xml": {3: "^<v…> ^</v…>", 1: "^<v"},
    "markdown": {4: "^## ^### ^####", 3: "^> ^** ^[v…)", 2: "^-…: ^-…. ^*…. ^#", 1: "^- ^*"},
    "text": {2: "….", 1: "…, ^-"},
}

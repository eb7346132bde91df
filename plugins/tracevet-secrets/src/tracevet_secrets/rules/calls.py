"""Secrets as bare arguments: of a login, of a cryptographic function, of an SQL statement."""

from tracevet_secrets.checks import grade_password, grade_salt
from tracevet_secrets.rule import Rule

RULES = (
    Rule(
        id="login-call",
        title="Password in the arguments of a login",
        source="https://requests.readthedocs.io/en/latest/user/authentication/, "
        "https://docs.python.org/3/library/smtplib.html#smtplib.SMTP.login",
        keywords=(
            "auth=(",
            "auth = (",
            "BasicAuth(",
            "basicauth(",
            "basic_auth(",
            "NetworkCredential(",
            "UsernamePasswordCredentials(",
            "PasswordAuthentication(",
            "BasicAuthentication(",
            ".login(",
            "mysqli(",
            "mysqli_connect(",
            "mysql_connect(",
            "getConnection(",
            "PDO(",
            "Sequelize(",
            "MySQLdb.connect(",
            "pymysql.connect(",
            "pymssql.connect(",
            "Credentials.new(",
        ),
        joined=True,
        pattern=r"(?:(?:auth ?= ?|\w*(?i:basic_?auth)|\w*Credentials?(?:\.new)?|\w+Authentication|\.login)\(\s?"
        r"|(?:mysqli|mysqli_connect|mysql_connect|getConnection|PDO|Sequelize|(?:MySQLdb|pymysql|pymssql)\.connect)\(\s?(?:[\"'][^\"'\n]{0,200}[\"']"
        r"|[\w$.]{1,60})\s?,\s?)"
        r"[\"'][^\"'\n]{1,80}[\"']\s?,\s?[\"']([^\"'\n]{2,100})[\"']",
        reach=500,
        grade=grade_password,
        cwe="CWE-259",
        rank=1,
        examples=(
            'requests.get(url, auth=("ci", "⟦«password»⟧"))',
            'smtp.login("bot", "⟦«password»⟧")',
            'DriverManager.getConnection(url, "sa", "⟦«password»⟧")',
            'new Sequelize("shop", "root", "⟦«password»⟧", {})',
        ),
        counterexamples=('auth=("user", "password")', 'smtp.login("bot", password)', 'page.login("user", "")'),
    ),
    Rule(
        id="crypto-key-literal",
        title="Hard-coded key in a call of a cryptographic library",
        source="https://docs.oracle.com/en/java/javase/21/docs/api/java.base/javax/crypto/spec/SecretKeySpec.html, "
        "https://docs.python.org/3/library/hmac.html, "
        "https://nodejs.org/api/crypto.html, https://pyjwt.readthedocs.io",
        keywords=(
            "SecretKeySpec(",
            "hmac.new(",
            "AES.new(",
            "DES3.new(",
            "Fernet(",
            "createHmac(",
            "createCipheriv(",
            "SecurityKey(",
            "jwt.sign(",
            "jwt.verify(",
            "jwt.encode(",
            "jwt.decode(",
            "signWith(",
            "hmac.New(",
            "aes.NewCipher(",
            "HMACSHA256(",
        ),
        joined=True,
        pattern=r"(?:SecretKeySpec|(?:hmac|AES|DES3)\.new|Fernet|SecurityKey|aes\.NewCipher|HMACSHA256"
        r"|signWith)\(\s?(?:new )?(?:[\w.]{0,40}(?:GetBytes|\[\]byte)\()?b?[\"']([^\"'\n]{6,100})[\"']"
        r"|(?:createHmac|createCipheriv)\(\s?[\"'][\w-]{1,40}[\"']\s?,\s?[\"']([^\"'\n]{6,100})[\"']"
        r"|jwt\.(?:sign|verify|encode|decode)\([^\"'\n]{1,120},\s?[\"']([^\"'\n]{6,100})[\"']"
        r"|(?:hmac\.New\([\w.]{1,20},\s?|signWith\([\w.]{1,40},\s?|NewCipher\()\[\]byte\(\"([^\"\n]{6,100})\"",
        grade=grade_password,
        cwe="CWE-321",
        rank=1,
        examples=(
            'new SecretKeySpec("⟦«base62:16»⟧".getBytes(), "AES")',
            "crypto.createHmac('sha256', '⟦«base62:32»⟧')",
            'hmac.new(b"⟦«base62:32»⟧", data)',
        ),
        counterexamples=('hmac.new(key, b"payload-17x", sha256)', "jwt.sign(payload, process.env.SECRET)"),
    ),
    Rule(
        id="wordpress-salt",
        title="WordPress key or salt",
        source="https://developer.wordpress.org/advanced-administration/security/logging-in/#security-keys",
        keywords=("AUTH_KEY", "AUTH_SALT", "LOGGED_IN_KEY", "LOGGED_IN_SALT", "NONCE_KEY", "NONCE_SALT"),
        joined=True,
        pattern=r"[A-Z_]{5,20}['\"]\s?,\s{0,10}['\"]([^'\n]{60,70})['\"]\s?\)",
        grade=grade_salt,
        cwe="CWE-321",
        examples=("define('AUTH_KEY', '⟦«base64:32» {/:«base64:28»⟧');",),
        counterexamples=("define('AUTH_KEY', 'put your unique phrase here');",),
    ),
    Rule(
        id="sql-password",
        title="Password in an SQL statement",
        source="https://dev.mysql.com/doc/refman/en/create-user.html, "
        "https://www.postgresql.org/docs/current/sql-createrole.html",
        keywords=(
            "identified by",
            "identified with",
            "with password",
            "encrypted password",
            "set password",
            "login password",
        ),
        fold=True,
        pattern=r"(?i:identified\s{1,3}(?:with\s{1,3}\w{1,40}\s{1,3})?by(?:\s{1,3}password)?|(?:with|set"
        r"|login)\s{1,3}(?:encrypted\s{1,3}|login\s{1,3})?password|encrypted\s{1,3}password)"
        r"(?i:\s{1,3}for\s{1,3}[^=\s]{1,60})?\s{0,3}=?\s{0,3}(?i:password)?\(?\s{0,2}\\?['\"]([^'\"\n\\]{2,100})['\"\\]",
        grade=grade_password,
        rank=1,
        examples=(
            "CREATE USER app IDENTIFIED BY '⟦«password»⟧';",
            "ALTER ROLE app WITH PASSWORD '⟦«password»⟧'",
            "SET PASSWORD FOR app = PASSWORD('⟦«password»⟧')",
        ),
        counterexamples=("CREATE USER app IDENTIFIED BY 'password';", "ALTER ROLE app WITH PASSWORD '${pw}'"),
    ),
)

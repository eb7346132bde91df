"""Passwords on command lines, where every process of the machine can read them."""

from tracevet_secrets.checks import grade_password
from tracevet_secrets.rule import Rule

_WORD = r"(?:\"([^\"\n]{2,100})\"|'([^'\n]{2,100})'|([^\s\"'<>|;&$(){}\\]{2,100}))"


def _command(
    id_: str,
    title: str,
    source: str,
    keywords: tuple[str, ...],
    pattern: str,
    examples: tuple[str, ...],
    wrong: tuple[str, ...],
) -> Rule:
    return Rule(
        id=id_,
        title=title,
        source=source,
        keywords=keywords,
        pattern=pattern,
        grade=grade_password,
        cwe="CWE-214",
        rank=1,
        examples=examples,
        counterexamples=wrong,
    )


RULES = (
    _command(
        "curl-login",
        "Password on a curl command line",
        "https://curl.se/docs/manpage.html#-u",
        ("curl ", "CURLOPT_"),
        r"(?:curl [^\n|;]{0,250}?(?:-u|--user|--proxy-user|-U)[ =]?[\"']?"
        r"|CURLOPT_(?:PROXY)?USERPWD[ ,=>]{1,5}[\"'])[^\s:\"'$]{1,80}:([^\s\"'$<>{}]{2,100})",
        ("curl -u admin:⟦«password»⟧ https://host", "curl -s --user 'ci:⟦«password»⟧' https://host"),
        ("curl -u user:password https://host", "curl -u $USER:$PASS https://host", "curl -u admin https://host:8443"),
    ),
    _command(
        "mysql-password",
        "Password on a MySQL command line",
        "https://dev.mysql.com/doc/refman/en/password-security-user.html",
        ("mysql", "mariadb"),
        rf"(?:mysql|mariadb)[a-z-]{{0,12}} [^\n|;]{{0,200}}? -p{_WORD}",
        ("mysql -u root -p⟦«password»⟧ app", "mysqldump -uroot -p'⟦«password»⟧' app > dump.sql"),
        ("mysql -u root -p app", "mysql -u root -p$PASS", "mysql -uroot --port 3306"),
    ),
    _command(
        "sshpass-password",
        "Password on an sshpass command line",
        "https://manpages.debian.org/sshpass.1",
        ("sshpass ",),
        rf"sshpass {{1,3}}-p ?{_WORD}",
        ("sshpass -p ⟦«password»⟧ ssh root@host", 'sshpass -p "⟦«password»⟧" scp x host:'),
        ("sshpass -p $PW ssh host", "sshpass -e ssh host"),
    ),
    _command(
        "database-client-password",
        "Password on a database client's command line",
        "https://redis.io/docs/latest/develop/tools/cli/, "
        "https://www.mongodb.com/docs/mongodb-shell/reference/options/",
        ("redis-cli ", "mongo ", "mongosh ", "mongodump ", "mongorestore ", "sqlcmd ", "clickhouse-client "),
        rf"(?:redis-cli [^\n|;]{{0,150}}? -a|mongo(?:sh|dump|restore)? [^\n|;]{{0,150}}? -p|sqlcmd [^\n"
        rf"|;]{{0,150}}? -P) ?{_WORD}",
        (
            "redis-cli -h cache -a ⟦«password»⟧ ping",
            "mongosh -u root -p ⟦«password»⟧",
            "sqlcmd -S db -U sa -P '⟦«password»⟧'",
        ),
        ("redis-cli -h cache -p 6379", "mongosh -u root -p"),
    ),
    _command(
        "registry-login",
        "Password on a login command line",
        "https://docs.docker.com/reference/cli/docker/login/",
        ("docker login", "podman login", "helm registry login", "az login", "oc login", "cf login"),
        rf"(?:docker|podman|helm registry|az|oc|cf) login [^\n|;]{{0,150}}?(?:-p|--password)[ =]{_WORD}",
        (
            "docker login -u ci -p ⟦«password»⟧ registry.corp.internal",
            "az login --service-principal -u id -p ⟦«password»⟧ --tenant t",
        ),
        ("docker login -u ci --password-stdin", "docker login -u ci -p $CI_TOKEN"),
    ),
    _command(
        "directory-client-password",
        "Password on an LDAP, SMB or Windows network command line",
        "https://www.openldap.org/software/man.cgi?query=ldapsearch, "
        "https://www.samba.org/samba/docs/current/man-html/smbclient.1.html",
        ("ldapsearch ", "ldapadd ", "ldapmodify ", "smbclient ", "rpcclient ", "net use", "net user"),
        rf"(?:ldap(?:search|add|modify) [^\n|;]{{0,150}}?-w ?|(?:smb|rpc)client [^\n"
        rf"|;]{{0,150}}?-U ?[\"']?[^\s%]{{1,60}}%|net use[^\n|]{{0,150}}? /user:[^\s]{{1,60}} "
        rf"|net user \w{{1,40}} ){_WORD}",
        (
            "ldapsearch -D cn=admin -w ⟦«password»⟧ -b dc=corp",
            "smbclient //h/s -U joe%⟦«password»⟧",
            "net user joe ⟦«password»⟧ /add",
        ),
        ("ldapsearch -D cn=admin -W -b dc=corp", "net user administrator"),
    ),
    _command(
        "archive-password",
        "Password for a key or an archive on a command line",
        "https://docs.openssl.org/master/man1/openssl-passphrase-options/, "
        "https://docs.oracle.com/en/java/javase/21/docs/specs/man/keytool.html",
        ("openssl ", "keytool ", "unzip ", "zip ", "jarsigner ", "gpg "),
        rf"(?:openssl [^\n|;]{{0,250}}?pass:|(?:keytool|jarsigner) [^\n|;]{{0,250}}?-(?:store|key"
        rf"|srcstore|deststore)pass |(?:un)?zip [^\n|;]{{0,100}}?-P ?|gpg [^\n"
        rf"|;]{{0,150}}?--passphrase[ =]){_WORD}",
        (
            "openssl enc -aes-256-cbc -pass pass:⟦«password»⟧ -in a",
            "keytool -genkey -alias a -storepass ⟦«password»⟧",
            "unzip -P ⟦«password»⟧ a.zip",
        ),
        ("openssl enc -pass env:PW", "keytool -list -storepass changeit", "unzip a.zip -d out"),
    ),
    _command(
        "account-password",
        "Password of an account on a command line",
        "https://man7.org/linux/man-pages/man8/chpasswd.8.html, "
        "https://httpd.apache.org/docs/current/programs/htpasswd.html",
        ("echo ", "htpasswd ", "rabbitmqctl add_user", "rabbitmqctl change_password"),
        rf"(?:echo (?:-[ne] )?[\"']?[\w.-]{{1,40}}:([^\s\"'|$]{{2,100}})[\"']? ?\| ?(?:sudo )?chpasswd"
        rf"|echo (?:-[ne] )?[\"']?([^\s\"'|$]{{2,100}})[\"']? ?\| ?(?:sudo (?:-\w )?-S|passwd"
        rf"|\w+ [^\n]{{0,80}}--password-stdin)"
        rf"|htpasswd -[a-zA-Z]{{0,3}}b[a-zA-Z]{{0,3}} [^\s]{{1,100}} [^\s]{{1,60}} {_WORD}"
        rf"|rabbitmqctl (?:add_user|change_password) [^\s]{{1,60}} {_WORD})",
        (
            'echo "deploy:⟦«password»⟧" | chpasswd',
            "echo ⟦«password»⟧ | sudo -S apt update",
            "htpasswd -bc .htpasswd admin ⟦«password»⟧",
        ),
        ("echo hello | grep x", "echo $PW | sudo -S ls", "htpasswd -c .htpasswd admin"),
    ),
)

"""Names of variables, keys and options: whether one promises a secret, and of which kind."""

import re
from enum import Enum
from functools import lru_cache

from tracevet_secrets.words import words


class Kind(Enum):
    """What a name promises its value to be."""

    PASSWORD = "password"  # noqa: S105  a kind, not a password
    SECRET = "secret"  # noqa: S105  likewise
    TOKEN = "token"  # noqa: S105  likewise
    KEY = "key"
    SALT = "salt"
    VAGUE = "vague"  # may be a secret: "key", "auth", "signature"


# What a name must hold to be looked at, as an RE2 alternation in lower case.
STEMS = "pass|pw|secret|token|key|auth|cred|salt|nonce|seed|clave|senha|kennwort|geheim|contrase|bearer|signature|psk"

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_WIDEST = 80  # characters of a name that are looked at, from its end

# Words at a name's end that say nothing of the value.
_TRAILING = words(
    """
    value val string str text txt plain plaintext clear default raw base64 b64 hex encoded dev development prod
    production test testing qa uat ci stage staging local live sandbox demo old new current previous prev
    confirm confirmation confirmed repeat again verify admin root user db database main primary secondary master
    backup of for env const literal example sample two one first second third bytes encrypted enc prd stg tmp
    temp base
    """
)

_PASSWORD = words(
    """
    password passwd passwort passphrase passcode pwd pass pswd psw pw passw pword passwrd senha clave kennwort
    contrasena contrase contraseña psk psswd pasword passord pswrd
    """
)
_PASSWORD_ENDS = ("password", "passwd", "passwort", "passphrase", "pwd", "pswd", "pass", "pw")
_NOT_PASS = words(
    """
    bypass surrogatepass compass surpass encompass overpass underpass trespass onepass multipass subpass
    """
)
_SECRET = words("secret secrets geheim")
_TOKEN = words("token tokens bearer jwt pat accesstoken authtoken apitoken")
_SALT = words("salt nonce seed")
_CREDENTIAL = words("credential credentials cred creds")
_KEYS = words(
    """
    api access secret private encryption encrypt encrypted decryption decrypt crypto cipher signing sign auth
    authentication authorization account storage license licence app application consumer client shared service
    subscription jwt hmac aes des rsa ssh ssl tls security webhook google aws azure stripe sendgrid mailgun
    twilio server admin write user deploy deployment integration instrumentation ingest ingestion django flask
    rails laravel session cookie csrf master root maps firebase gcp openai anthropic github gitlab slack s3
    recaptcha captcha site pass base hash hashing live prod validation machine activation dev sk ak mapbox
    algolia datadog licensing host
    """
)
_OPEN = words("csrf xsrf public publishable")  # meant to be seen
_VAGUE = _CREDENTIAL | {"key", "keys", "auth", "authorization", "signature"}
_ANIMALS = words("monkey turkey donkey hockey hotkey whiskey jockey")
_KEY_WORDS = frozenset(f"{word}key" for word in _KEYS) | {"apikeys", "skey"}
_NOT_KEYS = words(
    """
    public primary foreign cache sort partition row column hash map dict object index registry translation i18n
    lang language message event lookup group data item field option config setting settings header param json
    meta keyboard hot arrow press routing route redis topic queue join unique composite natural surrogate
    partial parent child node gpg pgp context props state query model table record attr attribute property xml
    yaml format error sorted test
    """
)
# Words at a name's end that make the value something about a secret.
_ABOUT = words(
    """
    field fields name names label labels placeholder url uri urls uris path paths file files filename dir
    directory type types id ids uid uuid identifier length len size min max minimum maximum regex regexp pattern
    patterns policy policies hint hints prompt message messages msg error errors column columns header headers
    param params parameter parameters selector input inputs form page screen view template class timeout
    color colour width height timeouts expiry expires expiration expired exp ttl age lifetime count counter total
    index idx limit limits
    env var variable manager service services provider providers store storage algorithm algo alg method methods
    mode scheme schemes strategy strength score validator validation validators rule rules required enabled
    disabled visible show hide hidden icon button link title text description desc help info format encoding
    charset prefix suffix separator delimiter endpoint issuer audience scope scopes role roles group groups
    status state step flow action actions event events handler callback hook listener option options config
    configuration settings setting list map set dict array fetcher getter loader parser reader generator factory
    builder helper utils util middleware guard filter ref reference arn version rotation reset recovery change
    update expression position kind usage source sources target owner author authors authority alias domain host
    hostname port server address startswith endswith contains icontains isnull regex encryption hash hashed
    hashes hasher hashers digest cipher history days lock locked lockout attempts attempt retry retries check
    checks checker verifier kdf bits quality decode encode span spans stream table pair pairs code codes
    """
)


def _split(name: str) -> list[str]:
    parts = [part.lower() for part in _PARTS.findall(name)]
    while len(parts) > 1 and (len(parts[-1]) == 1 or parts[-1].isdigit() or parts[-1] in _TRAILING):
        parts.pop()
    return parts


def _is_password(last: str, before: str) -> bool:
    if last in _PASSWORD:
        return last != "pw" or before != "h"
    if last in {"word", "phrase", "code", "wd"} and before == "pass":
        return True
    return last.endswith(_PASSWORD_ENDS) and last not in _NOT_PASS


def _is_key(last: str, before: str) -> bool:
    return (last in {"key", "keys"} and before in _KEYS) or last in _KEY_WORDS


@lru_cache(maxsize=8192)
def kind_of(name: str) -> Kind | None:
    """Tell what a name promises; None where it promises no secret, as `token_type` or `public_key` do."""
    parts = _split(name[-_WIDEST:])
    if not parts:
        return None
    last, before = parts[-1], parts[-2] if len(parts) > 1 else ""
    if last in _ABOUT and not (last == "code" and before == "pass"):
        return None
    return _kind(last, before, parts) or _kind_of_any(_split(name[-_WIDEST:].rsplit(".", 1)[-1]))


def _kind(last: str, before: str, parts: list[str]) -> Kind | None:  # noqa: PLR0911  a table of cases reads best flat
    if _is_password(last, before):
        return Kind.PASSWORD
    if last in _SECRET or last.endswith("secret"):
        return Kind.SECRET
    if _OPEN.intersection(parts):
        return None
    if last in _TOKEN or last.endswith("token"):
        return None if before in {"next", "page", "continuation", "sync", "cancellation"} else Kind.TOKEN
    if _is_key(last, before):
        return Kind.KEY
    if last in _SALT:
        return Kind.SALT
    if last in _VAGUE:
        return None if before in _NOT_KEYS else Kind.VAGUE
    if last.endswith("key") and last not in _ANIMALS:
        return Kind.VAGUE
    return None


def _kind_of_any(parts: list[str]) -> Kind | None:
    """Tell the kind of a name that goes on after its secret-like word, as `PASSWORD_MYSQL` or `tokenSlack`."""
    if not _PASSWORD.isdisjoint(parts):
        return Kind.PASSWORD
    return None if _OPEN.intersection(parts) or (_SECRET | _TOKEN).isdisjoint(parts) else Kind.VAGUE

"""Weak whatever the data: broken hash functions and ciphers, short and fixed keys, unchecked tokens."""

import re
from collections.abc import Iterator

from tracevet_python.flow.calling import Call
from tracevet_python.flow.checks import PASSWORD, fixed, names_in, off, on
from tracevet_python.flow.machine import Hit
from tracevet_python.flow.values import elements

_HARMLESS_USE = re.compile(
    r"etag|cache|checksum|fingerprint|dedup|file_hash|digest_of|bucket|shard|uuid|color|gravatar|content_md5", re.I
)


@on(
    "md5",
    "sha1",
    "sha224",
    "sha256",
    "sha384",
    "sha512",
    "md4",
    "new",
    "MD5",
    "SHA1",
    "MD4",
    "MD2",
    "SHA",
    "ripemd160",
    "blake2b",
    "sha3_256",
)
def _hash(call: Call) -> Iterator[Hit]:
    algorithm = _algorithm(call)
    if not algorithm or call.const(None, "usedforsecurity") is False:
        return
    weak = algorithm in {"md5", "sha1", "md4", "md2", "sha", "ripemd160", "mdc2"}
    given = " ".join(names_in(each) for each in call.node.args[:2])
    if PASSWORD.search(given):
        yield Hit("password-hash", call.node, lower=0 if weak else 1)
    if weak:
        yield Hit("weak-hash", call.node, lower=2 if _HARMLESS_USE.search(given) else 1 if call.last == "sha1" else 0)


def _algorithm(call: Call) -> str:
    """Name the hash function of a call; "" if it is none."""
    module = call.name.rpartition(".")[0]
    if call.name == "hashlib.new":
        name = call.const(0, "name")
        return name.lower().replace("-", "") if isinstance(name, str) else ""
    if module == "hashlib" or (not module and call.last in {"md5", "sha1"}):
        return call.last.lower()
    found = re.search(r"(?:Crypto|Cryptodome)\.Hash\.(\w+)$", module) or re.match(r"^(MD5|MD4|MD2|SHA1|SHA)$", module)
    if found and call.last == "new":
        return found[1].lower()
    return call.last.lower() if module.endswith("hashes") else ""


@on("pbkdf2_hmac", "PBKDF2HMAC", "PBKDF2")
def _iterations(call: Call) -> Iterator[Hit]:
    count = call.const(3, "iterations", "count")
    if isinstance(count, int) and count < 10_000:  # noqa: PLR2004  # OWASP asks for far more; below this none argues
        yield Hit("password-hash", call.node, lower=0)
    salt = call.get(2 if call.last == "pbkdf2_hmac" else 1, "salt")
    if salt is not None and salt.known and isinstance(salt.const, str | bytes):
        yield Hit("static-iv", call.node, cwe=("CWE-760", "CWE-329"))


@on("update")
def _hash_update(call: Call) -> Iterator[Hit]:
    if re.match(r"hashlib\.(?:md5|sha1|sha224|sha256|sha384|sha512|new)\(\)\.update$", call.name) and any(
        PASSWORD.search(names_in(each)) for each in call.node.args
    ):
        yield Hit("password-hash", call.node, lower=1)


_BROKEN = {"DES", "DES3", "ARC4", "ARC2", "Blowfish", "CAST", "XOR", "RC4", "pyDes"}


@on("new")
def _cipher(call: Call) -> Iterator[Hit]:
    module = call.name.split(".")[-2] if "." in call.name else ""
    full = "Cipher" in call.name
    if module in _BROKEN and (full or module in {"DES", "DES3", "ARC4", "Blowfish", "ARC2"}):
        yield Hit("weak-cipher", call.node)
    if module not in _BROKEN and module != "AES" and not full:
        return
    mode = call.get(1, "mode")
    if (mode is not None and mode.name.endswith("MODE_ECB")) or (
        module == "AES" and mode is not None and mode.const == 1
    ):
        yield Hit("weak-cipher", call.node)
    yield from fixed(call, call.get(0, "key"), "hardcoded-key", call.node_of(0, "key"))
    yield from fixed(call, call.get(2, "iv", "IV", "nonce"), "static-iv", None)


@on("ECB", "TripleDES", "ARC4", "Blowfish", "IDEA", "CAST5", "SEED", "RC2", "des")
def _primitives(call: Call) -> Iterator[Hit]:
    if "modes" in call.name or "algorithms" in call.name or call.name.startswith("pyDes"):
        yield Hit("weak-cipher", call.node)


@on("CBC", "CTR", "GCM", "CFB", "OFB")
def _modes(call: Call) -> Iterator[Hit]:
    if "modes" in call.name:
        yield from fixed(call, call.get(0, "initialization_vector", "nonce"), "static-iv", None)


@on("Fernet", "AESGCM", "ChaCha20Poly1305", "SigningKey", "AES")
def _keys(call: Call) -> Iterator[Hit]:
    if "cryptography" in call.name or call.name in {"Fernet", "AESGCM"}:
        yield from fixed(call, call.get(0, "key"), "hardcoded-key", call.node_of(0, "key"))


@on("generate_private_key", "generate", "generate_parameters")
def _size(call: Call) -> Iterator[Hit]:
    place = 0 if call.last == "generate" or call.name.endswith("dsa.generate_private_key") else 1
    size = call.const(place, "key_size", "bits")
    asymmetric = re.search(r"\b(?:rsa|RSA|dsa|DSA|dh|ElGamal)\.", call.name)
    if asymmetric and isinstance(size, int) and 0 < size < 2048:  # noqa: PLR2004  # NIST SP 800-131A
        yield Hit("short-key", call.node)
    curve = call.get(0, "curve")
    if curve is not None and re.search(r"SECP192|SECT163|SECP160|BrainpoolP160|SECT193", curve.name):
        yield Hit("short-key", call.node)


@on("decode", "process_jwt", "get_unverified_claims")
def _jwt(call: Call) -> Iterator[Hit]:
    if not re.search(r"(?:^|\.)(?:jwt|PyJWT\(\)|python_jwt|jose\.jwt|jws)\.", call.name):
        return
    options = call.named.get("options")
    unsigned = options is not None and off(options.fields.get("verify_signature"))
    algorithms = call.get(2, "algorithms")
    none = algorithms is not None and any(
        str(each.const).lower() == "none"
        for each in [algorithms, *elements(algorithms)]
        if each.known and each.const is not None
    )
    if unsigned or off(call.named.get("verify")) or none or call.last == "get_unverified_claims":
        yield Hit("jwt-unverified", call.node)
    yield from fixed(call, call.get(1, "key"), "hardcoded-key", call.node_of(1, "key"))


@on("encode", "URLSafeTimedSerializer", "URLSafeSerializer", "TimedJSONWebSignatureSerializer", "JWTManager")
def _signed(call: Call) -> Iterator[Hit]:
    if call.last == "encode" and not re.search(r"(?:^|\.)(?:jwt|jose\.jwt)\.encode$", call.name):
        return
    if call.last == "encode":
        if str(call.const(2, "algorithm")).lower() == "none":
            yield Hit("jwt-unverified", call.node)
        yield from fixed(call, call.get(1, "key"), "hardcoded-key", call.node_of(1, "key"))
    else:
        yield from fixed(call, call.get(0, "secret_key"), "hardcoded-key", call.node_of(0, "secret_key"))


@on("new")
def _mac(call: Call) -> Iterator[Hit]:
    if call.name == "hmac.new":
        yield from fixed(call, call.get(0, "key"), "hardcoded-key", call.node_of(0, "key"))

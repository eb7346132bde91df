"""What bandit says by a name alone counts less where the value, or the code around, speaks against it."""

import pytest

from tracevet import Finding, Snippet, Surface
from tracevet_python.bandit import BanditDetector


@pytest.fixture(scope="module")
def detector() -> BanditDetector:
    return BanditDetector()


def doubted(detector: BanditDetector, text: str) -> bool:
    """Tell whether all that bandit finds is doubted; it must find something."""
    snippet = Snippet(text=text, surface=Surface.APPLIED, language="python", span="", pointer="")
    found = [each for each in detector.scan([snippet]) if isinstance(each, Finding)]
    told = [each for each in found if not each.refutes]
    assert told, text
    proofs = {(each.region.start, each.region.end, each.refutes[0]) for each in found if each.refutes}
    return all((each.region.start, each.region.end, f"bandit:{each.rule}") in proofs for each in told)


@pytest.mark.parametrize(
    "text",
    [
        "if token == 'if':\n    pass\n",
        "token_type = 'quoted-string'\n",
        "self.token = ''\n",
        "fields = {'pass': 'password', 'input_token': 'next_token'}\n",
        "password_field = 'login_password'\n",
        "token_url = 'https://example.com/oauth/token'\n",
        "password = '${DB_PASSWORD}'\n",
        "secret = '***'\n",
        "password_file = '/run/secrets/db'\n",
        "def ask(password_prompt='Your password, please: '):\n    pass\n",
        "connect(password='<your password>')\n",
        "import random\n\n\ndef wait():\n    return 1 + random.random()\n",
        "import random\nprint(random.choice(['red', 'green']))\n",
    ],
)
def test_words_names_and_dice_are_doubted(detector: BanditDetector, text: str) -> None:
    assert doubted(detector, text)


@pytest.mark.parametrize(
    "text",
    [
        "password = 'secret'\n",
        "password = 'correct horse battery'\n",
        "PASSWORD = 'hunter2'\n",
        "db_pwd = 'Admin123!'\n",
        "token = 'eyJhbGciOi1234567890'\n",
        "token = 'abcdefghijklmnopqrstuvwxyz'\n",
        "config['secret'] = 's3cr3t'\n",
        "if password == 'admin':\n    login()\n",
        "def connect(user, password='letmein'):\n    pass\n",
        "connect(user='kim', password='tiger')\n",
        "connect(password='tiger', token_type='bearer')\n",
        "import random\n\n\ndef make_token():\n    return random.getrandbits(64)\n",
        "import random\nimport string\nname = ''.join(random.choices(string.ascii_letters, k=9))\n",
        "import random\notp = random.randint(1000, 9999)\n",
    ],
)
def test_what_may_be_a_password_or_a_secret_is_not(detector: BanditDetector, text: str) -> None:
    assert not doubted(detector, text)

"""The detector keeps every detector's promises, and tells card data from what only looks like it."""

import pytest
from acme_card_logging import CardLoggingDetector

from tracevet import Snippet
from tracevet.testing import DetectorSuite, snippet

BAD = [
    "log.info('paid with %s', card_number)\n",
    "logger.debug(f'charge {amount} on {card.card_number}')\n",
    "print('cvv', request.cvv)\n",
    "logging.error('declined: ' + str(customer_pan))\n",
    "    self.log.warning('retry %s',\n        payment['id'], card_number\n",  # cut off
    "log.info('x', mask(name), card_number)\n",
]
GOOD = [
    "log.info('paid with %s', last4(card_number))\n",
    "logger.debug(f'charge {amount} on {mask(card.card_number)}')\n",
    "log.info('card_number is missing')\n",
    "charge(card_number)\nlog.info('done')\n",
    "log.info('company %s', company)\n",
    "log.info('expanded %s', span)  # not card_number\n",
]


class TestCardLogging(DetectorSuite):
    @pytest.fixture
    def detector(self) -> CardLoggingDetector:
        return CardLoggingDetector()

    @pytest.fixture
    def bad(self) -> list[Snippet]:
        return [snippet(text) for text in BAD]

    @pytest.fixture
    def good(self) -> list[Snippet]:
        return [snippet(text) for text in GOOD]


def test_words_of_ones_own_count() -> None:
    iban = snippet("log.info(iban)")
    assert not list(CardLoggingDetector().scan([iban]))
    assert list(CardLoggingDetector(words=("iban",)).scan([iban]))

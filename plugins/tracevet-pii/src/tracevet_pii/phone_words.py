"""The words around digits that say whether they are a phone number."""

import re
from functools import cached_property

from tracevet_pii.view import View

_NAMES = (
    r"(?<!micro)(?<!head)(?<!smart)phones?(?:[ _-]?(?:number|no))?|telephone|cell(?:ular|"
    r" ?phone)?(?= ?(?:number|no\b|:|is|\"|'|#|\())|mobile|(?<![a-z])fax|whats ?app|msisdn|hotline|"
    r"landline|voicemail|"
    r"(?<![a-z])sms(?![a-z])|telefono|teléfono|telefon|telefax|telefone|móvil|movil|celular|téléphone|(?<![a-z])portable|rufnummer|handynummer|puhelin|"
    r"(?<![a-z])(?:tlf|cep)(?![a-z])|телефон|тел|电话|手机|電話|携帯|전화|טלפון|هاتف|mobil(?:nummer|e|)|"
    r"contact (?:number|no)"
)
_STRONG = re.compile(
    rf"(?:{_NAMES}|(?<![a-z])(?:tel|ph|mob|call (?:me|us|him|her|them)? ?(?:at|on|back)|(?:text|sms|reach|ring|dial) "
    r"(?:me|us|him|her|them) ?(?:at|on)?)(?![a-z]))(?:[^0-9\n]{0,26}|[^0-9]{0,8})\+?\(?\Z"
)
_WEAK = re.compile(
    r"(?<![a-z])(?:call(?:ed|ing|er|s)?|text(?:ed)?|dial(?:ed|led)?|reach(?:ed)?|ring|contact|number|appel\w{0,4}|anruf\w{0,3}|"
    r"llam\w{1,4}|numéro|nummer|at work|at home)(?![a-z])[^0-9]{0,30}\Z"
)
_NEAR = re.compile(r"(?<![a-z])(?:call|text|dial|ring|contact|reach)(?:ed)?(?: (?:me|us|him|her|them|at|on))*:? \Z")
_OTHER = re.compile(
    r"(?:(?<![a-z])(?:order|invoice|ticket|tracking|isbn|issn|sku|serial|parts?|build|version|ref(?:erence)?|case|issue|id|"
    r"uuid|hash|commit|rev(?:ision)?|port|pid|timestamp|asin|ean|upc|imei|model|account|acct|policy|invoices?|po|item|zip|"
    r"date|range|lines?|pages?|offset|error|code|ssn|nhs|sin|tfn|npi)(?![a-z])[\W_]{0,6}(?:no|num|number|"
    r"id|code|is)?\W{0,4}|#|№|[$€£] ?)\Z"
)
_BRACKETED = re.compile(
    r"[\s,;–-]{0,3}(?:[(\[](?:mobile|cell|fax|home|work|office|tel|phone|direct|landline|m|h|w|o)[)\]]|(?:mobile|cell|fax|phone)\b)"
)
_SERIES = re.compile(r"[0-9][0-9a-f]{0,7}[ ,]{1,2}\Z")


class Words:
    """What stands around the digits that begin at a place."""

    def __init__(self, view: View, start: int) -> None:
        self._view = view
        self._start = start

    @cached_property
    def _before(self) -> str:
        return self._view.before(self._start)

    @cached_property
    def is_strong(self) -> bool:
        """Whether the words right before say that a phone number comes."""
        return bool(_STRONG.search(self._before)) and not self.is_other

    @cached_property
    def is_any(self) -> bool:
        """Whether the words before at least let one expect a phone number."""
        return self.is_strong or (not self._view.is_code and not self.is_other and bool(_WEAK.search(self._before)))

    @cached_property
    def is_near(self) -> bool:
        """Whether what stands directly before lets even bare digits be a phone number."""
        return self.is_strong or (self.is_any and bool(_NEAR.search(self._before)))

    @cached_property
    def is_other(self) -> bool:
        """Whether the word right before names a number of another kind."""
        return bool(_OTHER.search(self._before))

    @cached_property
    def is_series(self) -> bool:
        """Whether digits stand right before, as in a dump or a list of numbers."""
        return bool(_SERIES.search(self._before))

    @cached_property
    def is_quoted(self) -> bool:
        """Whether the digits begin a string."""
        return self._before.endswith(("'", '"', "`"))

    def follow(self, end: int) -> bool:
        """Tell whether the word right after a place says what stood before it."""
        return bool(_BRACKETED.match(self._view.after(end)))

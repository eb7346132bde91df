"""Dates of birth, by the words before them."""

import re
from collections.abc import Iterator

from tracevet_pii.rule import Hit, grade
from tracevet_pii.table import BIRTH_DATE
from tracevet_pii.view import View

_WORDS = (
    r"date[ _-]?of[ _-]?birth|birth[ _-]?date|birth[ _-]?day|(?<![a-z])d\.?o\.?b\.?(?![a-z])|"
    r"(?<![a-z])born(?: on)?(?: the)?(?![a-z])|geburtsdatum|geboren(?: am)?|"
    r"(?<![a-z])geb\.|née? le|date de naissance|fecha de nacimiento|nacid[oa] el|data di nascita|"
    r"nat[oa] il|data de nascimento|"
    r"geboortedatum|f[öø]d(?:else|sels)dat(?:um|o)|data urodzenia|ur\. |дата рождения|出生日期|生年月日|"
    r"dateofbirth|birthdate"
)
_MONTH = (
    r"(?:jan|feb|mar|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez|janv|févr|mars|avr|juin|juil|août)[a-zé]{0,9}\.?"
)
_YEAR = r"(?:19[0-9]{2}|20[0-2][0-9])"
_DAY, _NUMBER = r"(?:0?[1-9]|[12][0-9]|3[01])(?:st|nd|rd|th|\.)?", r"(?:0?[1-9]|1[0-2])"
_FOUND = re.compile(
    rf"(?:{_WORDS})(?P<gap>[^0-9\n]{{0,24}}?|[^0-9]{{0,6}})(?P<date>{_YEAR}[-/.年]{_NUMBER}[-/.月](?:0?[1-9]|[12][0-9]|3[01])日?|"
    rf"(?:0?[1-9]|[12][0-9]|3[01])([-/. ]){_NUMBER}\3{_YEAR}|{_NUMBER}([-/.])(?:0?[1-9]|[12][0-9]|"
    rf"3[01])\4(?:{_YEAR}|[0-9]{{2}})|"
    rf"(?:0?[1-9]|[12][0-9]|3[01])([-/.]){_NUMBER}\5[0-9]{{2}}|"
    rf"{_DAY} (?:of |de )?{_MONTH}(?: de)?,? {_YEAR}|{_MONTH} {_DAY},? {_YEAR}|{_DAY}-{_MONTH}-{_YEAR}|"
    rf"{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))"
    r"(?![0-9])",
    re.IGNORECASE,
)
_MARKS = (
    "birth",
    "dob",
    "d.o.b",
    "born",
    "gebo",
    "geburt",
    "geb.",
    "né le",
    "née le",
    "naissance",
    "nacim",
    "nacid",
    "nascit",
    "nato il",
    "nata il",
    "nascim",
    "födelse",
    "fødsels",
    "urodz",
    "рожд",
    "出生",
    "生年",
)


def find_birth_dates(view: View) -> Iterator[Hit]:
    """Yield the dates that words call someone's birth."""
    if not any(mark in view.lower for mark in _MARKS):
        return
    for found in _FOUND.finditer(view.text):
        start, end = found.span("date")
        reserved = found["date"] in ("1970-01-01", "1900-01-01", "2000-01-01", "01/01/1970", "01/01/1900", "01/01/2000")
        yield Hit(start, end, BIRTH_DATE, grade(2 - view.is_code - view.is_sample(start, end)), reserved)

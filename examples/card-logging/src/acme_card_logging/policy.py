"""The rule, as the organisation writes it down."""

from tracevet import Policy, Severity

POLICY = Policy(
    id="card-logging",
    title="No card numbers in logs",
    category="payment",
    severity=Severity.CRITICAL,
    cwe=(),
    rules=("card-logging:*",),
    recommendation="Log the payment's token, or the last four digits: log.info('paid with %s', last4(card_number)).",
    references=("https://www.pcisecuritystandards.org/",),
)

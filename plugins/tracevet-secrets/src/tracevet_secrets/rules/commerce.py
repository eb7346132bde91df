"""Payment, shops and office services."""

from tracevet import Severity
from tracevet_secrets.checks import grade_context, grade_random
from tracevet_secrets.rule import Rule

END = r"(?:[^\w-]|\z)"
IS = r"[\"'\]]{0,2}\s{0,3}(?:=>|[:=,(])\s{0,3}[\"'`]?"  # between a name and its value

RULES = (
    Rule(
        id="stripe-live-key",
        title="Stripe live secret key",
        source="https://docs.stripe.com/keys",
        keywords=("sk_live_", "rk_live_"),
        pattern=rf"([sr]k_live_[A-Za-z0-9]{{16,247}}){END}",
        grade=grade_random,
        severity=Severity.CRITICAL,
        examples=("sk_live_«base62:24»", "rk_live_«base62:99»"),
        counterexamples=("sk_live_...", "sk_live_xxxxxxxxxxxxxxxxxxxxxxxx"),
    ),
    Rule(
        id="stripe-test-key",
        title="Stripe test secret key",
        source="https://docs.stripe.com/keys",
        keywords=("sk_test_", "rk_test_"),
        pattern=rf"([sr]k_test_[A-Za-z0-9]{{16,247}}){END}",
        grade=grade_random,
        severity=Severity.MEDIUM,
        examples=("sk_test_«base62:24»",),
        counterexamples=("sk_test_key", "sk_test_xxxxxxxxxxxxxxxxxxxxxxxx"),
    ),
    Rule(
        id="stripe-webhook-secret",
        title="Stripe webhook signing secret",
        source="https://docs.stripe.com/webhooks/signature",
        keywords=("whsec_",),
        pattern=r"(whsec_[A-Za-z0-9+/]{24,64}={0,2})(?:[^\w]|\z)",
        grade=grade_random,
        examples=("whsec_«base62:32»",),
        counterexamples=("whsec_...", "whsec_secret"),
    ),
    Rule(
        id="square-token",
        title="Square access token or secret",
        source="https://developer.squareup.com/docs/build-basics/access-tokens",
        keywords=("sq0atp-", "sq0csp-", "sq0idp-", "EAAA"),
        pattern=rf"(sq0atp-[\w-]{{22}}|sq0csp-[\w-]{{43}}|EAAA[\w-]{{60}}){END}",
        grade=grade_random,
        examples=("sq0atp-«base64url:22»", "sq0csp-«base64url:43»", "EAAA«base64url:60»"),
        counterexamples=("sq0atp-«base62:4»", "sq0idp-«base64url:22»"),
    ),
    Rule(
        id="shopify-token",
        title="Shopify access token or secret",
        source="https://shopify.dev/docs/apps/build/authentication-authorization",
        keywords=("shpat_", "shpca_", "shppa_", "shpss_", "shptka_"),
        pattern=rf"(shp(?:at|ca|pa|ss|tka)_[a-fA-F0-9]{{32}}){END}",
        examples=("shpat_«hex:32»", "shpss_«hex:32»"),
        counterexamples=("shpat_«hex:8»", "shpat_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
    ),
    Rule(
        id="braintree-token",
        title="PayPal Braintree access token",
        source="https://developer.paypal.com/braintree/docs/guides/authorization/tokenization-key",
        keywords=("access_token$production$",),
        pattern=rf"(access_token\$production\$[a-z0-9]{{16}}\$[a-f0-9]{{32}}){END}",
        examples=("access_token$production$«lower:16»$«hex:32»",),
        counterexamples=("access_token$production$",),
    ),
    Rule(
        id="payment-key",
        title="Secret key of a payment service",
        source="https://razorpay.com/docs/api/authentication, "
        "https://developer.flutterwave.com/docs/authentication, https://docs.easypost.com, "
        "https://goshippo.com/docs, https://docs.duffel.com",
        keywords=("rzp_live_", "FLWSECK-", "FLWSECK_", "EZAK", "EZTK", "shippo_live_", "duffel_live_"),
        pattern=rf"(rzp_live_[A-Za-z0-9]{{14}}|FLWSECK(?:_TEST)?-[a-zA-Z0-9]{{12,40}}-X"
        rf"|EZ[AT]K[A-Za-z0-9]{{54}}|shippo_live_[a-f0-9]{{40}}"
        rf"|duffel_live_[\w-]{{43}}){END}",
        grade=grade_random,
        examples=("FLWSECK-«hex:32»-X", "EZAK«base62:54»", "shippo_live_«hex:40»", "rzp_live_«base62:14»"),
        counterexamples=("EZAK«base62:4»",),
    ),
    Rule(
        id="plaid-secret",
        title="Plaid secret or access token",
        source="https://plaid.com/docs/api/",
        keywords=("access-production-", "access-development-", "access-sandbox-", "plaid"),
        fold=True,
        pattern=rf"((?i:access-(?:production|development"
        rf"|sandbox))-[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}){END}"
        rf"|(?i:plaid)[\w.-]{{0,20}}(?i:secret){IS}([0-9a-f]{{30}}){END}",
        examples=("access-production-«uuid»", "PLAID_SECRET=⟦«hex:30»⟧"),
        counterexamples=("access-production-server",),
    ),
    Rule(
        id="office-token",
        title="Token of an office service",
        source="https://developers.notion.com/docs/authorization, "
        "https://linear.app/developers/graphql, https://www.figma.com/developers/api#access-tokens, "
        "https://www.dropbox.com/developers/documentation",
        keywords=("ntn_", "secret_", "lin_api_", "lin_oauth_", "figd_", "sl.", "tfp_", "CFPAT-"),
        pattern=rf"(ntn_[A-Za-z0-9]{{46}}|secret_[A-Za-z0-9]{{43}}|lin_(?:api|oauth)_[A-Za-z0-9]{{40,64}}"
        rf"|figd_[\w-]{{40,44}}"
        rf"|sl\.(?:u\.)?[\w-]{{130,}}|tfp_[\w-]{{40,60}}|CFPAT-[\w-]{{43}}){END}",
        reach=1400,
        grade=grade_random,
        examples=(
            "ntn_«base62:46»",
            "secret_«base62:43»",
            "lin_api_«base62:40»",
            "figd_«base64url:40»",
            "CFPAT-«base64url:43»",
        ),
        counterexamples=("secret_key_for_the_application_in_production_xx", "sl.split"),
    ),
    Rule(
        id="airtable-token",
        title="Airtable personal access token",
        source="https://airtable.com/developers/web/guides/personal-access-tokens",
        keywords=("airtable", "bearer pat"),
        fold=True,
        pattern=rf"(?i:airtable[^\n]{{0,60}}?|bearer )\b(pat[A-Za-z0-9]{{14}}\.[a-f0-9]{{64}}){END}",
        examples=("AIRTABLE_TOKEN=⟦pat«base62:14».«hex:64»⟧", "Bearer ⟦pat«base62:14».«hex:64»⟧"),
        counterexamples=("airtable pattern.match",),
    ),
    Rule(
        id="hubspot-token",
        title="HubSpot private app token",
        source="https://developers.hubspot.com/docs/guides/apps/private-apps/overview",
        keywords=("pat-na", "pat-eu", "pat-ap"),
        pattern=rf"(pat-(?:na|eu|ap)\d-[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}){END}",
        examples=("pat-na1-«uuid»",),
        counterexamples=("pat-na1-«hex:8»",),
    ),
    Rule(
        id="postman-key",
        title="Postman API key",
        source="https://learning.postman.com/docs/developer/postman-api/authentication/",
        keywords=("PMAK-",),
        pattern=rf"(PMAK-[a-f0-9]{{24}}-[a-f0-9]{{34}}){END}",
        examples=("PMAK-«hex:24»-«hex:34»",),
        counterexamples=("PMAK-«hex:24»",),
    ),
    Rule(
        id="mapbox-secret-token",
        title="Mapbox secret token",
        source="https://docs.mapbox.com/help/glossary/access-token/",
        keywords=("sk.eyJ",),
        pattern=rf"(sk\.eyJ[\w-]{{40,200}}\.[\w-]{{16,30}}){END}",
        rank=3,
        examples=("sk.eyJ«base64url:80».«base64url:22»",),
        counterexamples=("sk.eyJ«base62:5»",),
    ),
    Rule(
        id="context-service-key",
        title="Key of an online service, beside its name",
        source="https://www.algolia.com/doc/guides/security/api-keys, "
        "https://developer.okta.com/docs/guides/create-an-api-token, https://auth0.com/docs, "
        "https://developers.google.com/recaptcha",
        keywords=(
            "algolia",
            "okta",
            "auth0",
            "recaptcha",
            "paypal",
            "adyen",
            "asana",
            "trello",
            "intercom",
            "zendesk",
            "mixpanel",
            "segment",
        ),
        fold=True,
        pattern=rf"(?i:algolia|okta|auth0|recaptcha|paypal|adyen|asana|trello|intercom|zendesk|mixpanel"
        rf"|segment)[\w.-]{{0,20}}(?i:secret|token|key){IS}"
        rf"([\w-]{{20,80}}){END}",
        grade=grade_context,
        rank=1,
        severity=Severity.MEDIUM,
        examples=(
            "ALGOLIA_ADMIN_KEY=⟦«hex:32»⟧",
            'okta_api_token = "⟦00«base64url:40»⟧"',
            "recaptchaSecretKey: '⟦6L«base64url:38»⟧'",
        ),
        counterexamples=("paypal_secret = settings_paypal_secret_value",),
    ),
)

"""Running things: monitoring, secret stores, flags and networks."""

from tracevet import Severity
from tracevet_secrets.checks import grade_context, grade_random
from tracevet_secrets.rule import Rule

END = r"(?:[^\w-]|\z)"
IS = r"[\"'\]]{0,2}\s{0,3}(?:=>|[:=,(])\s{0,3}[\"'`]?"  # between a name and its value

RULES = (
    Rule(
        id="datadog-key",
        title="Datadog API or application key",
        source="https://docs.datadoghq.com/account_management/api-app-keys/",
        keywords=("datadog", "dd_api_key", "dd_app_key", "dd-api-key", "dd-application-key", "ddapp_", "ddpat_"),
        fold=True,
        pattern=rf"(?i:datadog|dd)[\w.-]{{0,20}}(?i:key){IS}([a-f0-9]{{32}}|[a-f0-9]{{40}}){END}|((?i:ddapp"
        rf"|ddpat)_[A-Za-z0-9]{{34,40}}){END}",
        examples=("DD_API_KEY=⟦«hex:32»⟧", "datadog_app_key: ⟦«hex:40»⟧"),
        counterexamples=("DD_API_KEY=«hex:10»",),
    ),
    Rule(
        id="new-relic-key",
        title="New Relic key",
        source="https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/",
        keywords=("NRAK-", "NRII-", "NRAA-", "NRRA-"),
        pattern=rf"(NR(?:AK|AA|RA)-[A-Z0-9]{{27}}|NRII-[\w-]{{32}}|NRAA-[a-f0-9]{{27}}|NRRA-[a-f0-9]{{42}}){END}",
        examples=("NRAK-«upper:27»", "NRII-«base64url:32»"),
        counterexamples=("NRAK-«upper:5»",),
    ),
    Rule(
        id="new-relic-license-key",
        title="New Relic license key",
        source="https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/#license-key",
        keywords=("NRAL",),
        joined=True,
        back=36,
        pattern=rf"([a-f0-9]{{36}}NRAL){END}",
        examples=("«hex:36»NRAL",),
        counterexamples=("«hex:6»NRAL",),
    ),
    Rule(
        id="sentry-dsn",
        title="Sentry DSN with its key",
        source="https://docs.sentry.io/concepts/key-terms/dsn-explainer/",
        keywords=("ingest.sentry.io/", "ingest.us.sentry.io/", "ingest.de.sentry.io/", "@sentry.io/"),
        joined=True,
        back=110,
        pattern=rf"://([a-f0-9]{{32}}(?::[a-f0-9]{{32}})?)@(?:o\d+\.)?(?:ingest\.)?(?:(?:us|de)\.)?sentry\.io/\d+{END}",
        severity=Severity.LOW,
        rank=3,
        examples=(
            "https://⟦«hex:32»⟧@o«digits:6».ingest.sentry.io/«digits:7»",
            "https://⟦«hex:32»:«hex:32»⟧@sentry.io/«digits:7»",
        ),
        counterexamples=("https://public@o1.ingest.sentry.io/1",),
    ),
    Rule(
        id="sentry-token",
        title="Sentry auth token",
        source="https://docs.sentry.io/account/auth-tokens/",
        keywords=("sntrys_", "sntryu_", "sntrya_"),
        pattern=r"(sntrys_eyJ[\w+/=-]{80,}|sntry[ua]_[a-f0-9]{64})(?:[^\w]|\z)",
        reach=500,
        examples=("sntrys_eyJ«base64url:160»", "sntryu_«hex:64»"),
        counterexamples=("sntrys_«base62:5»",),
    ),
    Rule(
        id="grafana-token",
        title="Grafana token",
        source="https://grafana.com/docs/grafana/latest/administration/service-accounts/",
        keywords=("glsa_", "glc_"),
        pattern=r"(glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}|glc_eyJ[A-Za-z0-9+/=]{32,})(?:[^\w]|\z)",
        reach=500,
        examples=("glsa_«base62:32»_«hex:8»", "glc_eyJ«base64:100»"),
        counterexamples=("glsa_«base62:8»",),
    ),
    Rule(
        id="dynatrace-token",
        title="Dynatrace token",
        source="https://docs.dynatrace.com/docs/dynatrace-api/basics/dynatrace-api-authentication",
        keywords=("dt0c01.", "dt0s01.", "dt0s16."),
        pattern=rf"(dt0[cs]\d\d\.[A-Z2-7]{{8,24}}\.[A-Z2-7]{{64}}){END}",
        examples=("dt0c01.«base32:24».«base32:64»",),
        counterexamples=("dt0c01.«base32:4»",),
    ),
    Rule(
        id="monitoring-key",
        title="Key of a monitoring or analytics service",
        source="https://docs.honeycomb.io/configure/environments/manage-api-keys, "
        "https://posthog.com/docs/api, https://launchdarkly.com/docs/home/account/api",
        keywords=("hcaik_", "hcxik_", "phx_", "sdk-", "api-"),
        pattern=rf"(hc[abcdefghx]ik_[a-z0-9]{{58}}|phx_[A-Za-z0-9]{{40,48}}|(?:sdk"
        rf"|api)-[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}){END}",
        examples=("hcaik_«lower:58»", "phx_«base62:43»", "sdk-«uuid»"),
        counterexamples=("sdk-version", "api-gateway-for-all-our-customers"),
    ),
    Rule(
        id="vault-token",
        title="HashiCorp Vault token",
        source="https://developer.hashicorp.com/vault/docs/concepts/tokens#token-prefixes",
        keywords=("hvs.", "hvb.", "hvr.", "vault_token", "x-vault-token"),
        fold=True,
        pattern=rf"((?i:hv[sbr])\.[\w-]{{24,250}}){END}|(?i:vault[_-]token){IS}([sbr]\.[A-Za-z0-9]{{24}}){END}",
        grade=grade_random,
        examples=("hvs.«base64url:90»", "hvs.«base62:24»", "VAULT_TOKEN=⟦s.«base62:24»⟧"),
        counterexamples=("hvs.«base62:4»", "VAULT_TOKEN=myroot"),
    ),
    Rule(
        id="secret-store-token",
        title="Token of a secret store",
        source="https://docs.doppler.com/reference/auth-token-formats, "
        "https://developer.1password.com/docs/service-accounts",
        keywords=("dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit.", "ops_eyJ"),
        pattern=r"(dp\.(?:pt|ct|sa|scim|audit|st(?:\.[a-z0-9_-]{2,35})?)\.[A-Za-z0-9]{40,44}"
        r"|ops_eyJ[\w+/=-]{250,})(?:[^\w]|\z)",
        reach=1100,
        examples=("dp.pt.«base62:43»", "dp.st.prd.«base62:43»", "ops_eyJ«base64:600»"),
        counterexamples=("dp.pt.«base62:4»", "dp.st"),
    ),
    Rule(
        id="age-secret-key",
        title="age secret key",
        source="https://age-encryption.org/v1",
        keywords=("AGE-SECRET-KEY-1",),
        pattern=rf"(AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{{58}}){END}",
        cwe="CWE-321",
        severity=Severity.CRITICAL,
        examples=("AGE-SECRET-KEY-1«bech32:58»",),
        counterexamples=("AGE-SECRET-KEY-1...",),
    ),
    Rule(
        id="network-key",
        title="Key of a network service",
        source="https://tailscale.com/kb/1085/auth-keys, https://ngrok.com/docs/agent/config",
        keywords=("tskey-", "ngrok"),
        pattern=rf"(tskey-(?:auth|api|client|scim|webhook)-[A-Za-z0-9]{{8,20}}-[A-Za-z0-9]{{20,40}}){END}"
        rf"|ngrok[\w -]{{0,30}}(?:authtoken|auth_token)[ :=\"']{{1,4}}(2[\w]{{26,54}}){END}",
        grade=grade_random,
        examples=("tskey-auth-k«base62:11»CNTRL-«base62:32»", "ngrok config add-authtoken ⟦2«base62:48»⟧"),
        counterexamples=("tskey-auth-xxxx",),
    ),
    Rule(
        id="mongodb-atlas-key",
        title="MongoDB Atlas service account secret",
        source="https://www.mongodb.com/docs/atlas/api/service-accounts-overview/",
        keywords=("mdb_sa_sk_",),
        pattern=rf"(mdb_sa_sk_[\w-]{{40}}){END}",
        examples=("mdb_sa_sk_«base64url:40»",),
        counterexamples=("mdb_sa_sk_«base62:4»",),
    ),
    Rule(
        id="context-operations-key",
        title="Key of a service for operations, beside its name",
        source="https://docs.splunk.com/Documentation/Splunk/latest/Data/UsetheHTTPEventCollector, "
        "https://developer.pagerduty.com, https://docs.rollbar.com, "
        "https://docs.fastly.com, https://docs.codecov.com, https://docs.snyk.io",
        keywords=(
            "splunk",
            "pagerduty",
            "opsgenie",
            "rollbar",
            "fastly",
            "codecov",
            "snyk",
            "bugsnag",
            "loggly",
            "travis",
            "jenkins",
            "confluent",
            "wandb",
        ),
        fold=True,
        pattern=rf"(?i:splunk|pagerduty|opsgenie|rollbar|fastly|codecov|snyk|bugsnag|loggly|travis|jenkins"
        rf"|confluent|wandb)[\w.-]{{0,20}}(?i:secret|token|key){IS}"
        rf"([\w+/-]{{20,80}}){END}",
        grade=grade_context,
        rank=1,
        severity=Severity.MEDIUM,
        examples=("SPLUNK_HEC_TOKEN=⟦«uuid»⟧", 'rollbar_access_token: "⟦«hex:32»⟧"', "WANDB_API_KEY=⟦«hex:40»⟧"),
        counterexamples=("jenkins_token = get_credentials_from_store",),
    ),
)

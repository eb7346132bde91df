"""Messages: chat, mail, telephony and social networks."""

from tracevet import Severity
from tracevet_secrets.checks import grade_context, grade_random
from tracevet_secrets.rule import Rule

END = r"(?:[^\w-]|\z)"
IS = r"[\"'\]]{0,2}\s{0,3}(?:=>|[:=,(])\s{0,3}[\"'`]?"  # between a name and its value

RULES = (
    Rule(
        id="slack-token",
        title="Slack token",
        source="https://api.slack.com/concepts/token-types",
        keywords=(
            "xoxb-",
            "xoxp-",
            "xoxa-",
            "xoxr-",
            "xoxs-",
            "xoxo-",
            "xoxe-",
            "xoxe.",
            "xoxc-",
            "xoxd-",
            "xapp-",
            "xwfp-",
        ),
        pattern=rf"(xox[abprso]-(?:\d-)?[A-Za-z0-9]{{8,16}}-[A-Za-z0-9-]{{10,120}}"
        rf"|xoxe(?:\.xox[bp])?-\d-[A-Za-z0-9]{{80,220}}|xox[cd]-[\w%+/=-]{{40,250}}"
        rf"|xapp-\d-[A-Z0-9]{{8,14}}-\d{{8,15}}-[a-f0-9]{{64}}|xwfp-[A-Za-z0-9-]{{30,120}}){END}",
        grade=grade_random,
        examples=(
            "xoxb-«digits:12»-«digits:13»-«base62:24»",
            "xoxp-«digits:11»-«digits:11»-«digits:12»-«hex:32»",
            "xapp-1-A«upper:10»-«digits:13»-«hex:64»",
        ),
        counterexamples=("xoxb-your-token-here", "xoxb-xxxxxxxxxxxx-xxxxxxxxxxxx", "xoxp-123"),
    ),
    Rule(
        id="slack-webhook",
        title="Slack webhook address",
        source="https://api.slack.com/messaging/webhooks",
        keywords=("hooks.slack.com/",),
        pattern=rf"hooks\.slack\.com/((?:services|workflows"
        rf"|triggers)/[A-Z0-9]{{8,14}}/[A-Z0-9]{{8,20}}/[A-Za-z0-9]{{16,32}}(?:/[A-Za-z0-9]{{10,32}})?){END}",
        examples=("https://hooks.slack.com/⟦services/T«upper:10»/B«upper:10»/«base62:24»⟧",),
        counterexamples=(
            "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
            "https://hooks.slack.com/services/",
        ),
    ),
    Rule(
        id="discord-token",
        title="Discord bot token",
        source="https://discord.com/developers/docs/reference#authentication",
        keywords=("discord", "bot_token", "bottoken", "client.login(", "bot.run(", "bot "),
        fold=True,
        joined=True,
        pattern=rf"(?i:discord|bot_?token|client\.login\(|bot\.run\("
        rf"|bot )[^\n]{{0,40}}?[\"'`=: (]([MNO][\w-]{{23,25}}\.[\w-]{{6}}\.[\w-]{{27,38}}){END}",
        examples=(
            'bot.run("⟦M«base64url:23».«base64url:6».«base64url:27»⟧")',
            "DISCORD_TOKEN=⟦N«base64url:25».G«base64url:5».«base64url:38»⟧",
        ),
        counterexamples=('bot.run("Module.method.call")',),
    ),
    Rule(
        id="discord-webhook",
        title="Discord webhook address",
        source="https://discord.com/developers/docs/resources/webhook",
        keywords=("discord.com/api/webhooks/", "discordapp.com/api/webhooks/"),
        pattern=rf"discord(?:app)?\.com/api/webhooks/(\d{{17,20}}/[\w-]{{60,72}}){END}",
        examples=("https://discord.com/api/webhooks/⟦«digits:18»/«base64url:68»⟧",),
        counterexamples=("https://discord.com/api/webhooks/«digits:18»/...",),
    ),
    Rule(
        id="telegram-token",
        title="Telegram bot token",
        source="https://core.telegram.org/bots/api#authorizing-your-bot",
        keywords=(":AA",),
        joined=True,
        back=11,
        pattern=rf"(?:^|[^\d])(\d{{8,10}}:AA[\w-]{{33}}){END}",
        examples=("«digits:9»:AA«base64url:33»", "https://api.telegram.org/bot⟦«digits:10»:AA«base64url:33»⟧/getMe"),
        counterexamples=("12:AA:BB:CC:DD:EE", "«digits:9»:AA«base62:6»"),
    ),
    Rule(
        id="teams-webhook",
        title="Microsoft Teams webhook address",
        source="https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook",
        keywords=(".webhook.office.com/webhookb2/",),
        joined=True,
        pattern=rf"\.webhook\.office\.com/webhookb2/([0-9a-f-]{{36}}@[0-9a-f-]{{36}}/IncomingWebhook/[0-9a-f]{{32}}/[0-9a-f-]{{36}}){END}",
        examples=("https://corp.webhook.office.com/webhookb2/⟦«uuid»@«uuid»/IncomingWebhook/«hex:32»/«uuid»⟧",),
        counterexamples=("https://corp.webhook.office.com/webhookb2/",),
    ),
    Rule(
        id="twilio-key",
        title="Twilio API key or auth token",
        source="https://www.twilio.com/docs/iam/api-keys",
        keywords=("SK", "twilio", "TWILIO", "Twilio"),
        pattern=rf"(SK[0-9a-f]{{32}}){END}|(?i:twilio)[\w.-]{{0,20}}(?i:token|secret|key){IS}([0-9a-f]{{32}}){END}",
        examples=("SK«hex:32»", 'TWILIO_AUTH_TOKEN = "⟦«hex:32»⟧"'),
        counterexamples=("SKU«digits:10»", "twilio_sid = «hex:10»"),
    ),
    Rule(
        id="sendgrid-key",
        title="SendGrid API key",
        source="https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys",
        keywords=("SG.",),
        pattern=rf"(SG\.[\w-]{{16,32}}\.[\w-]{{16,64}}){END}",
        grade=grade_random,
        examples=("SG.«base64url:22».«base64url:43»",),
        counterexamples=("SG.Module.function", "SG.xxxxxxxxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxx"),
    ),
    Rule(
        id="mailgun-key",
        title="Mailgun API key",
        source="https://documentation.mailgun.com/docs/mailgun/api-reference/mg-auth",
        keywords=("key-", "mailgun"),
        fold=True,
        pattern=rf"((?i:key)-[0-9a-f]{{32}}){END}"
        rf"|(?i:mailgun)[\w.-]{{0,20}}{IS}([0-9a-f]{{32}}-[0-9a-f]{{8}}-[0-9a-f]{{8}}){END}",
        examples=("key-«hex:32»", 'MAILGUN_API_KEY="⟦«hex:32»-«hex:8»-«hex:8»⟧"'),
        counterexamples=("key-value-store", "key-«hex:10»"),
    ),
    Rule(
        id="mailchimp-key",
        title="Mailchimp API key",
        source="https://mailchimp.com/developer/marketing/docs/fundamentals/#api-structure",
        keywords=("-us",),
        joined=True,
        back=33,
        pattern=rf"(?:^|[^0-9a-f])([0-9a-f]{{32}}-us\d{{1,2}}){END}",
        examples=("«hex:32»-us12",),
        counterexamples=("«hex:10»-us1", "en-us"),
    ),
    Rule(
        id="mail-service-key",
        title="API key of a mail service",
        source="https://developers.brevo.com, https://resend.com/docs, https://postmarkapp.com/developer",
        keywords=("xkeysib-", "xsmtpsib-", "re_"),
        pattern=rf"(x(?:key|smtp)sib-[a-f0-9]{{64}}-[A-Za-z0-9]{{16}}|re_[A-Za-z0-9]{{8}}_[A-Za-z0-9]{{24}}){END}",
        grade=grade_random,
        examples=("xkeysib-«hex:64»-«base62:16»", "re_«base62:8»_«base62:24»"),
        counterexamples=("re_compile", "re_patterns_for_matching_all_words_x"),
    ),
    Rule(
        id="facebook-token",
        title="Facebook or Instagram access token",
        source="https://developers.facebook.com/docs/facebook-login/guides/access-tokens",
        keywords=("EAA", "IGQV"),
        pattern=rf"(EAA[A-Za-z0-9]{{90,}}|IGQV[\w-]{{100,}}){END}",
        reach=500,
        grade=grade_random,
        examples=("EAA«base62:120»",),
        counterexamples=("EAA«base62:20»",),
    ),
    Rule(
        id="twitter-bearer",
        title="Twitter (X) bearer token",
        source="https://docs.x.com/resources/fundamentals/authentication/oauth-2-0/bearer-tokens",
        keywords=("AAAAAAAAAAAAAAAAAAAAA",),
        pattern=r"(A{21,24}[A-Za-z0-9%]{60,120})(?:[^\w%]|\z)",
        examples=("AAAAAAAAAAAAAAAAAAAAA«base62:60»%3D«base62:30»",),
        counterexamples=("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",),
    ),
    Rule(
        id="context-message-key",
        title="Key of a social network or messaging service, beside its name",
        source="https://developer.x.com, "
        "https://learn.microsoft.com/linkedin/shared/authentication/authentication, "
        "https://developers.facebook.com",
        keywords=("twitter", "linkedin", "facebook", "fb_", "vonage", "nexmo", "pusher", "postmark"),
        fold=True,
        pattern=rf"(?i:twitter|linkedin|facebook|fb|vonage|nexmo|pusher|postmark)[\w.-]{{0,20}}(?i:secret|token"
        rf"|key){IS}([A-Za-z0-9]{{16,50}}|[0-9a-f-]{{36}}){END}",
        grade=grade_context,
        rank=1,
        severity=Severity.MEDIUM,
        examples=('TWITTER_CONSUMER_SECRET = "⟦«base62:50»⟧"', "facebook_app_secret: ⟦«hex:32»⟧"),
        counterexamples=("twitter_token = get_token_from_vault", "facebook_key = name"),
    ),
)

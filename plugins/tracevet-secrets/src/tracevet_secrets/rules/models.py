"""Model providers and the tools around them."""

from tracevet import Severity
from tracevet_secrets.checks import grade_random
from tracevet_secrets.rule import Rule

END = r"(?:[^\w-]|\z)"

RULES = (
    Rule(
        id="openai-key",
        title="OpenAI API key",
        source="https://platform.openai.com/docs/api-reference/authentication",
        keywords=("sk-",),
        pattern=rf"(sk-(?:(?:proj|svcacct|admin|service|None)-)?[\w-]{{16,120}}T3BlbkFJ[\w-]{{16,120}}"
        rf"|sk-[A-Za-z0-9]{{48}}"
        rf"|sk-(?:proj|svcacct|admin)-[\w-]{{40,180}}){END}",
        grade=grade_random,
        severity=Severity.HIGH,
        examples=(
            "sk-«base62:20»T3BlbkFJ«base62:20»",
            "sk-proj-«base64url:74»T3BlbkFJ«base64url:74»",
            "sk-«base62:48»",
        ),
        counterexamples=(
            "sk-learn-is-a-package-for-python",
            "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "task-«base62:48»",
        ),
    ),
    Rule(
        id="anthropic-key",
        title="Anthropic API key",
        source="https://docs.anthropic.com/en/api/overview#authentication",
        keywords=("sk-ant-",),
        pattern=rf"(sk-ant-(?:api|admin|sid|oat|ort)\d\d-[\w-]{{60,120}}){END}",
        rank=3,
        examples=("sk-ant-api03-«base64url:93»AA", "sk-ant-admin01-«base64url:93»AA", "sk-ant-oat01-«base64url:93»AA"),
        counterexamples=("sk-ant-api03-...", "sk-ant-«base62:6»"),
    ),
    Rule(
        id="other-sk-key",
        title="API key of a model provider",
        source="https://openrouter.ai/docs/api-reference/authentication, https://api-docs.deepseek.com, "
        "https://docs.litellm.ai/docs/proxy/virtual_keys",
        keywords=("sk-",),
        pattern=rf"(sk-or-v1-[a-f0-9]{{64}}|sk-[a-f0-9]{{32}}|sk-[A-Za-z0-9]{{20,64}}){END}",
        grade=grade_random,
        rank=1,
        examples=("sk-or-v1-«hex:64»", "sk-«hex:32»", "sk-«base62:22»"),
        counterexamples=("sk-proj", "sk-1234"),
    ),
    Rule(
        id="hugging-face-token",
        title="Hugging Face token",
        source="https://huggingface.co/docs/hub/security-tokens",
        keywords=("hf_", "api_org_"),
        pattern=rf"((?:hf|api_org)_[A-Za-z]{{34}}|hf_[A-Za-z0-9]{{34,37}}){END}",
        examples=("hf_«letters:34»", "api_org_«letters:34»"),
        counterexamples=("hf_hub_download", "hf_«letters:10»"),
    ),
    Rule(
        id="langfuse-secret-key",
        title="Langfuse secret key",
        source="https://langfuse.com/docs/api-and-data-platform/features/public-api",
        keywords=("sk-lf-",),
        pattern=rf"(sk-lf-[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}){END}",
        rank=3,
        examples=("sk-lf-«uuid»",),
        counterexamples=("sk-lf-...", "sk-lf-«hex:8»"),
    ),
    Rule(
        id="langfuse-public-key",
        title="Langfuse public key: names the project; its secret is usually near",
        source="https://langfuse.com/docs/api-and-data-platform/features/public-api",
        keywords=("pk-lf-",),
        pattern=rf"(pk-lf-[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}){END}",
        cwe="CWE-200",
        severity=Severity.LOW,
        rank=3,
        examples=("pk-lf-«uuid»",),
        counterexamples=("pk-lf-...",),
    ),
    Rule(
        id="langsmith-key",
        title="LangSmith API key",
        source="https://docs.langchain.com/langsmith/create-account-api-key",
        keywords=("lsv2_", "ls__"),
        pattern=rf"(lsv2_(?:pt|sk)_[a-f0-9]{{32}}_[a-f0-9]{{10}}|ls__[a-f0-9]{{32}}){END}",
        examples=("lsv2_pt_«hex:32»_«hex:10»", "lsv2_sk_«hex:32»_«hex:10»", "ls__«hex:32»"),
        counterexamples=("lsv2_pt_«hex:8»", "ls__init__"),
    ),
    Rule(
        id="databricks-token",
        title="Databricks access token",
        source="https://docs.databricks.com/en/dev-tools/auth/pat.html",
        keywords=("dapi", "dkea"),
        pattern=rf"(d(?:api|kea)[a-f0-9]{{32}}(?:-\d)?){END}",
        examples=("dapi«hex:32»", "dapi«hex:32»-2"),
        counterexamples=("dapi_version",),
    ),
    Rule(
        id="inference-key",
        title="API key of an inference service",
        source="https://console.groq.com/docs, https://replicate.com/docs/topics/security/api-tokens, "
        "https://docs.perplexity.ai, https://docs.x.ai, "
        "https://build.nvidia.com, https://inference-docs.cerebras.ai, https://docs.fireworks.ai",
        keywords=("gsk_", "r8_", "pplx-", "xai-", "nvapi-", "csk-", "fw_"),
        pattern=rf"(gsk_[A-Za-z0-9]{{52}}|r8_[A-Za-z0-9]{{37}}|pplx-[A-Za-z0-9]{{48}}|xai-[A-Za-z0-9]{{80}}"
        rf"|nvapi-[\w-]{{60,70}}"
        rf"|csk-[a-z0-9]{{48}}|fw_[A-Za-z0-9]{{22,24}}){END}",
        grade=grade_random,
        examples=("gsk_«base62:52»", "r8_«base62:37»", "pplx-«base62:48»", "xai-«base62:80»", "nvapi-«base64url:64»"),
        counterexamples=("gsk_version", "fw_download_firmware_image_x", "r8_«base62:5»"),
    ),
    Rule(
        id="agent-tool-key",
        title="API key of a tool for agents (search, vectors, sandboxes, speech)",
        source="https://docs.pinecone.io/guides/get-started/authentication, https://docs.tavily.com, "
        "https://e2b.dev/docs, https://docs.firecrawl.dev, "
        "https://jina.ai, https://elevenlabs.io/docs/api-reference/authentication",
        keywords=("pcsk_", "tvly-", "e2b_", "fc-", "jina_", "sk_"),
        pattern=rf"(pcsk_[A-Za-z0-9]{{5,6}}_[A-Za-z0-9]{{60,66}}|tvly-(?:dev-|prod-)?[A-Za-z0-9]{{32}}"
        rf"|e2b_[a-f0-9]{{40}}|fc-[a-f0-9]{{32}}"
        rf"|jina_[\w]{{60}}|sk_[a-f0-9]{{48}}){END}",
        grade=grade_random,
        examples=("pcsk_«base62:6»_«base62:62»", "tvly-«base62:32»", "e2b_«hex:40»", "fc-«hex:32»", "sk_«hex:48»"),
        counterexamples=("fc-«hex:4»", "sk_buff_head"),
    ),
)

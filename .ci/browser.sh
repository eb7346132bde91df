# Sourced by .ci/run: Debian's Chromium, for the tests that open reports in a browser.
# Sets TRACEVET_TEST_CHROMIUM for them; keeps one that is set already.

if [ -z "${TRACEVET_TEST_CHROMIUM:-}" ]; then
    if ! command -v chromium >/dev/null 2>&1; then
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
    fi
    TRACEVET_TEST_CHROMIUM=$(command -v chromium)
    export TRACEVET_TEST_CHROMIUM
fi

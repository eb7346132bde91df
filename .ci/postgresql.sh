# Sourced by .ci/run: a throw-away PostgreSQL server from Debian's packages, on loopback and a free port.
# Sets TRACEVET_TEST_POSTGRESQL for the tests that need a server; keeps one that is set already.

if [ -z "${TRACEVET_TEST_POSTGRESQL:-}" ]; then
    if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
        apt-get update -qq
        # the server is started below, on a port of its own; the package need not start one
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null
    fi
    pg_bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)")
    pg_dir=$(mktemp -d)
    pg_port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    pg_as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
    [ "$(id -u)" != 0 ] || chown postgres "$pg_dir"
    pg_stop() { pg_as "$pg_bin/pg_ctl" -D "$pg_dir/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$pg_dir"; }
    trap pg_stop EXIT
    (
        cd "$pg_dir"
        printf tracevet >"$pg_dir/password"
        chmod 644 "$pg_dir/password"
        pg_as "$pg_bin/initdb" -D "$pg_dir/data" -U tracevet --pwfile="$pg_dir/password" \
            --auth=scram-sha-256 --encoding=UTF8 >/dev/null
        pg_as "$pg_bin/pg_ctl" -D "$pg_dir/data" -w -l "$pg_dir/log" \
            -o "-p $pg_port -k $pg_dir -c listen_addresses=127.0.0.1 -c fsync=off" start >/dev/null
    )
    export TRACEVET_TEST_POSTGRESQL="postgresql://tracevet:tracevet@127.0.0.1:$pg_port/postgres"
fi

#!/bin/sh
# Starts the sample edge, visitors, Prometheus, and Grafana where it is installed. `make observe` calls it.
set -eu
cirque=$1
samples=$(cd "$(dirname "$0")" && pwd)
repository=$(dirname "$samples")
export PORT="${PORT:-8080}" OPS_PORT="${OPS_PORT:-9090}" API_PORT="${API_PORT:-9080}"
# What workers log would hide what is said below.
export CIRQUE_LOG__LEVEL="${CIRQUE_LOG__LEVEL:-warn}"
prometheus_port=${PROMETHEUS_PORT:-9091}
grafana_port=${GRAFANA_PORT:-3000}
grafana_home=${GRAFANA_HOME:-/usr/share/grafana}
work=$(mktemp -d)
groups=""

# Each process has a group of its own, which ends with all that it started.
start() {
    setsid "$@" &
    groups="$groups $!"
}

end() {
    trap "" INT TERM
    for group in $groups; do kill -TERM "-$group" 2>/dev/null || true; done
    wait
    rm -rf "$work"
}
trap end EXIT
trap "exit 0" INT TERM

start sh "$samples/run.sh" "$cirque"
edge=$!

sed -e "s#127.0.0.1:9090#127.0.0.1:$OPS_PORT#" -e "s#\.\./grafana#$repository/grafana#" -e "s/scrape_interval: .*/scrape_interval: 5s\n  evaluation_interval: 5s/" \
    "$repository/conf/prometheus.yml" >"$work/prometheus.yml"
start prometheus --config.file="$work/prometheus.yml" --web.listen-address="127.0.0.1:$prometheus_port" \
    --storage.tsdb.path="$work/prometheus" --log.level=error
prometheus=$!

if command -v grafana-server >/dev/null; then
    cp -r "$repository/grafana/provisioning" "$work/provisioning"
    sed -i "s#/etc/grafana/cirque/dashboards#$repository/grafana/dashboards#" "$work"/provisioning/dashboards/*.yaml
    sed -i "s#127.0.0.1:9091#127.0.0.1:$prometheus_port#" "$work"/provisioning/datasources/*.yaml
    start env GF_PATHS_PROVISIONING="$work/provisioning" GF_PATHS_DATA="$work/grafana" GF_PATHS_LOGS="$work/grafana" \
        GF_SERVER_HTTP_ADDR=127.0.0.1 GF_SERVER_HTTP_PORT="$grafana_port" GF_LOG_LEVEL=error GF_ANALYTICS_REPORTING_ENABLED=false \
        GF_ANALYTICS_CHECK_FOR_UPDATES=false GF_AUTH_ANONYMOUS_ENABLED=true GF_AUTH_ANONYMOUS_ORG_ROLE=Admin \
        grafana-server --homepath "$grafana_home"
fi

# Until both can be asked, or one of them has ended.
for address in "127.0.0.1:$OPS_PORT/readyz" "127.0.0.1:$prometheus_port/-/ready"; do
    until curl -sf -o /dev/null "http://$address"; do
        kill -0 "$edge" 2>/dev/null || { echo "the edge has ended" >&2; exit 1; }
        kill -0 "$prometheus" 2>/dev/null || { echo "Prometheus has ended; is port $prometheus_port in use? PROMETHEUS_PORT=... make observe" >&2; exit 1; }
        sleep 0.5
    done
done

echo
echo "Visitors come, some of them for errors and limits. Where to look:"
echo
echo "  http://127.0.0.1:$prometheus_port/alerts      alerts, whose pages are in docs/runbooks/"
echo "  http://127.0.0.1:$prometheus_port/graph       Prometheus"
if command -v grafana-server >/dev/null; then
    echo "  http://127.0.0.1:$grafana_port/d/cirque-fleet     Grafana; the other dashboards are linked at its top"
else
    echo
    echo "There is no grafana-server here. https://grafana.com/docs/grafana/latest/setup-grafana/installation/debian/ has the package;"
    echo "started again, this finds it. A Grafana elsewhere imports the files of grafana/dashboards/."
fi
echo
echo "Ctrl-C ends all of it."

while kill -0 "$edge" 2>/dev/null; do
    python3 "$repository/benches/load/visitors.py" --port "$PORT" --rate 20 --count 60 --connections 4 --seed "$$" \
        --host hello.localhost --host greet.localhost --host echo.localhost --host origin.localhost --host fetch.localhost \
        --host shop.platform.localhost >"$work/visitors" 2>&1 || true
    for url in blog.platform.localhost/loop blog.platform.localhost/throw shop.platform.localhost/stock shop.platform.localhost/forbidden \
        nobody.platform.localhost/ unknown.localhost/; do
        curl -s -o "$work/answer" --max-time 10 -H "Host: ${url%%/*}" "http://127.0.0.1:$PORT/${url#*/}" || true
    done
done

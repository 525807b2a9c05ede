#!/bin/sh
# Starts an edge with the sample tenants, and prints what to try. `make run` calls it.
set -eu
cirque=$1
samples=$(dirname "$0")
data=${CIRQUE_STORE__DATA_DIR:-data}
config="$samples/../conf/development.toml"
port=${PORT:-8080}
ops=${OPS_PORT:-9090}
api=${API_PORT:-9080}

run() { "$cirque" --config "$config" --set "store.data_dir=$data" "$@"; }

for sample in hello echo fetch; do
    run deploy "samples/$sample" "$samples/$sample/$sample.wasm" --metadata "$samples/$sample/metadata.json" >/dev/null
    run route "$sample.localhost" "samples/$sample" >/dev/null
done

run deploy samples/greet "$samples/greet/greet.js" --metadata "$samples/greet/metadata.json" >/dev/null
run route greet.localhost samples/greet >/dev/null

# A platform: a dispatcher, the outbound worker that its customers' requests pass, and two customers.
platform="$samples/platform"
for worker in outbound dispatcher; do
    run deploy "$worker" "$platform/$worker/index.js" --metadata "$platform/$worker/metadata.json" >/dev/null
done
for customer in shop blog; do
    run deploy "customers/$customer" "$platform/tenants/$customer.js" --metadata "$platform/tenants/metadata.json" >/dev/null
done
run route '*.platform.localhost' dispatcher >/dev/null

# A plain origin, which the fetching worker asks too.
python3 "$samples/origin.py" 8090 &
origin=$!
trap 'kill $origin 2>/dev/null || true' EXIT
run route origin.localhost http://127.0.0.1:8090 >/dev/null

cat <<END
The edge starts on port $port. In another terminal, try:

  curl http://hello.localhost:$port/                                  a worker that greets
  curl http://greet.localhost:$port/a/path?name=Ada                    one in JavaScript: samples/greet/greet.js
  curl http://echo.localhost:$port/ --data-binary @Cargo.lock | cmp - Cargo.lock    one that streams a body both ways
  curl -i http://fetch.localhost:$port/                               one that calls fetch
  curl http://origin.localhost:$port/some/path                        a route to a plain origin
  curl http://127.0.0.1:$ops/metrics                                  what operators count

A platform: samples/platform/dispatcher decides who answers, samples/platform/outbound what customers' code may reach.

  curl -i http://shop.platform.localhost:$port/                       the dispatcher calls the customer's worker
  curl http://shop.platform.localhost:$port/stock                     whose fetch passes the outbound worker
  curl http://shop.platform.localhost:$port/forbidden                 which refuses this one
  curl http://blog.platform.localhost:$port/loop                      a limit that the dispatcher set
  curl http://blog.platform.localhost:$port/throw                     an exception that it caught
  curl http://nobody.platform.localhost:$port/                        a customer that there is not

The control API answers on port $api; point wrangler and the cloudflare package at it, or ask it yourself:

  $cirque --config $config --set listen.api=127.0.0.1:$api init && . ./.env
  curl -H "Authorization: Bearer \$CLOUDFLARE_API_TOKEN" \$CLOUDFLARE_BASE_URL/accounts/\$CLOUDFLARE_ACCOUNT_ID/workers/dispatch/namespaces

samples/platform/routing is a dispatcher that asks a key-value namespace whose worker answers. With .env, wrangler deploys it:

  npx wrangler kv namespace create routes                             its id belongs into samples/platform/routing/wrangler.json
  (cd samples/platform/routing && npx wrangler deploy)
  npx wrangler kv key put /store shop --namespace-id ID --remote
  $cirque --config $config route routing.localhost routing && curl http://routing.localhost:$port/store

A customer's own domain, claimed in one call; its worker finds what you say of it. The second one you vouch for, so it is served at once:

  $cirque --config $config hostname add app.customer.localhost --metadata '{"plan":"pro"}' && $cirque --config $config hostname show app.customer.localhost
  $cirque --config $config hostname add own.localhost --worker customers/shop --trusted && curl http://own.localhost:$port/stock

Change something while it runs:

  $cirque --config $config list
  $cirque --config $config route hi.localhost samples/hello && curl http://hi.localhost:$port/

Ctrl-C ends it; started again, it finds everything.
END
# Ctrl-C reaches the edge too; this shell only waits for it to end.
trap : INT TERM
"$cirque" --config "$config" --set "store.data_dir=$data" \
    --set "listen.http=127.0.0.1:$port" --set "listen.ops=127.0.0.1:$ops" \
    --set "listen.api=127.0.0.1:$api" run

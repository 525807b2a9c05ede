# Two commands matter: `make run` and `make test`. Both set up what is missing.

CARGO ?= cargo
APT ?= apt-get
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
CIRQUE := target/debug/cirque
# Debian's own, which Debian's packages are for.
PYTHON := $(firstword $(wildcard /usr/bin/python3) python3)
# The compiler fails now and then on what it kept of an earlier build of this crate ("unstable fingerprints").
export CARGO_INCREMENTAL ?= 0

.PHONY: run observe test build lint deny audit bench microbench clients guests engine setup setup-node setup-prometheus setup-test setup-bench setup-engine clean

## Builds and starts the edge with the embedded store and the sample tenants
run: build
	@sh samples/run.sh $(CIRQUE)

## The same with a load, Prometheus, and Grafana where it is installed
observe: build setup-prometheus
	@sh samples/observe.sh $(CIRQUE)

## Everything that has to pass: formatting, lints, licences, tests
test: setup-test lint deny
	RUST_BACKTRACE=0 $(CARGO) nextest run --locked --no-fail-fast

build: setup
	$(CARGO) build --locked

lint: setup
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings

deny:
	@command -v cargo-deny >/dev/null || $(CARGO) install --locked cargo-deny
	$(CARGO) deny --locked --offline check licenses bans sources

## Known vulnerabilities; needs the advisory database from the network
audit:
	@command -v cargo-deny >/dev/null || $(CARGO) install --locked cargo-deny
	$(CARGO) deny --locked check advisories

## Measures the edge beside its peers on this machine; benches/README.md says how to read it. BENCH=--quick for a short run
bench: setup-bench
	$(CARGO) build --release --locked
	$(PYTHON) benches/load/run.py $(BENCH)

## Measures parts of the edge in process
microbench: setup
	$(CARGO) bench --locked

## Runs Cloudflare's older clients against the control API, beside those that `make test` runs
clients: setup-test
	@bash tests/clients/fetch.sh matrix
	CLIENTS=matrix $(CARGO) nextest run --locked -E 'test(/^clients::/)'

## Rebuilds the guests of samples and tests from their sources
guests:
	bash tests/workers/build.sh

## Rebuilds the JavaScript engine from its sources; see engine/README.md
engine: setup-engine
	bash engine/build.sh

# Packages by their Debian names; only what is not there is installed.
define install
	@missing=""; for package in $(1); do dpkg -s $$package >/dev/null 2>&1 || missing="$$missing $$package"; done; \
	if [ -n "$$missing" ]; then echo "installing$$missing"; $(SUDO) $(APT) update -qq && \
	DEBIAN_FRONTEND=noninteractive $(SUDO) $(APT) install -y -qq $$missing >/dev/null; fi
endef

setup:
	$(call install,cmake gcc g++ make curl python3)
	@command -v $(CARGO) >/dev/null || { echo "a Rust toolchain is missing: install rustup, then run make again"; exit 1; }

# Node.js with npm, from wherever the machine has it already.
setup-node:
	@command -v npm >/dev/null || { $(SUDO) $(APT) update -qq && DEBIAN_FRONTEND=noninteractive $(SUDO) $(APT) install -y -qq nodejs npm >/dev/null; }

# Debian starts a Prometheus of its own, at the port of the edge's operators. Where it comes with this it is ended; the
# one that somebody had before is left alone.
setup-prometheus:
	@if ! dpkg -s prometheus >/dev/null 2>&1; then echo "installing prometheus"; $(SUDO) $(APT) update -qq && \
	DEBIAN_FRONTEND=noninteractive $(SUDO) $(APT) install -y -qq --no-install-recommends prometheus >/dev/null && \
	if [ -d /run/systemd/system ]; then $(SUDO) systemctl disable --now --quiet prometheus; \
	else $(SUDO) service prometheus stop >/dev/null 2>&1 || true; $(SUDO) update-rc.d prometheus disable >/dev/null 2>&1 || true; fi; fi

setup-test: setup setup-node setup-prometheus
	$(call install,redis-server xz-utils python3-venv pebble openssl testssl.sh chromium libnss3-tools)
	@bash tests/javascript/fetch.sh
	@bash tests/clients/fetch.sh
	@$(CARGO) nextest --version >/dev/null 2>&1 || $(CARGO) install --locked cargo-nextest

setup-engine: setup setup-node
	$(call install,clang-19 lld-19 llvm-19)
	@rustup target list --installed | grep -q wasm32-unknown-unknown || rustup target add wasm32-unknown-unknown

setup-bench: setup setup-node
	$(call install,$(if $(wildcard /usr/sbin/nginx),,nginx-light) nghttp2-client redis-server python3-cryptography)
	@$(PYTHON) benches/load/run.py --fetch

clean:
	$(CARGO) clean

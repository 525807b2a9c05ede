//! Dashboards, alerts, runbooks and README agree with the metrics that the code has, and with each other.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::time::Instant;

use cirque::metrics::Metrics;
use cirque::model::TenantId;
use serde_json::{Value, json};

use super::harness::origin::Origin;
use super::harness::prometheus::Prometheus;
use super::harness::{Edge, PATIENCE, free_port, kv, repository};

const ALERTS: &str = "grafana/alerts/cirque.yaml";

/// Grafana's names of units that panels here use; it shows a name that it does not know as text behind each number.
const UNITS: &[&str] = &[
    "bool_yes_no",
    "bytes",
    "cps",
    "none",
    "ops",
    "percentunit",
    "reqps",
    "s",
    "short",
    "suffix: cores",
];

/// Panels without data where nothing is wrong and nobody uses TLS or custom hostnames: dashboard, title, and why.
const WITHOUT_DATA: &[(&str, &str, &str)] = &[
    ("hostnames", "Handshakes that fail", NO_TLS),
    ("hostnames", "How many visitors resume?", NO_TLS),
    ("hostnames", "Where do handshakes fail?", NO_TLS),
    ("hostnames", "Can checks find out anything?", NO_HOSTNAMES),
    ("hostnames", "Does the authority answer?", NO_HOSTNAMES),
];
const NO_TLS: &str = "a share of handshakes, and the edge of the test has no TLS";
const NO_HOSTNAMES: &str = "a share of steps, and the edge of the test has no custom hostnames";

/// One panel that shows something.
struct Panel {
    dashboard: String,
    title: String,
    json: Value,
}

impl Panel {
    /// Its queries.
    fn queries(&self) -> Vec<&str> {
        let targets = self.json["targets"].as_array().expect("targets");
        targets
            .iter()
            .map(|target| target["expr"].as_str().expect("a query"))
            .collect()
    }
}

fn file(path: &str) -> String {
    std::fs::read_to_string(repository().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Files of a folder by name without ending.
fn folder(path: &str, ending: &str) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(repository().join(path)).expect("a folder");
    let names = entries.flatten().filter_map(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        name.strip_suffix(ending).map(str::to_owned)
    });
    names
        .map(|name| {
            let text = file(&format!("{path}/{name}{ending}"));
            (name, text)
        })
        .collect()
}

fn dashboards() -> BTreeMap<String, Value> {
    let read = |(name, text): (String, String)| {
        let json: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        (name, json)
    };
    folder("grafana/dashboards", ".json")
        .into_iter()
        .map(read)
        .collect()
}

/// All panels but the rows that stand between them.
fn panels() -> Vec<Panel> {
    let mut found = Vec::new();
    for (name, dashboard) in dashboards() {
        for panel in dashboard["panels"].as_array().expect("panels") {
            if panel["type"] != "row" {
                found.push(Panel {
                    dashboard: name.clone(),
                    title: panel["title"].as_str().unwrap_or_default().to_owned(),
                    json: panel.clone(),
                });
            }
        }
    }
    found
}

/// Whether a word begins like one of our metrics, or of those that every process has.
fn is_metric(word: &str) -> bool {
    word.starts_with("cirque_") || word.starts_with("process_")
}

/// Every word that begins like one of our metrics.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words
        .filter(|word| is_metric(word))
        .map(|word| word.trim_end_matches("_bucket").to_owned())
        .collect()
}

/// What the code registers, in Prometheus' text format; vectors without a series yet show nothing, so each gets one.
fn rendered() -> String {
    let metrics = Metrics::new(1);
    metrics.tenant(&TenantId::regular("a").expect("valid"));
    for vector in [
        &metrics.refused,
        &metrics.records_rejected,
        &metrics.egress_failed,
        &metrics.origin_failed,
    ] {
        vector.with_label_values(&["a"]);
    }
    String::from_utf8(metrics.render()).expect("text")
}

fn known() -> BTreeSet<String> {
    rendered()
        .lines()
        .filter_map(|line| line.strip_prefix("# HELP ")?.split(' ').next())
        .map(str::to_owned)
        .collect()
}

/// The names of all alerts, each with its rule's text.
fn alerts() -> BTreeMap<String, String> {
    let text = file(ALERTS);
    let rules = text.split("- alert: ").skip(1);
    rules
        .map(|rule| {
            let (name, rest) = rule.split_once('\n').expect("a rule");
            (name.to_owned(), rest.to_owned())
        })
        .collect()
}

#[test]
fn the_dashboards_show_every_metric_and_no_other() {
    let mut shown = BTreeSet::new();
    for panel in panels() {
        for query in panel.queries() {
            shown.append(&mut named(query));
        }
    }
    assert_eq!(shown, known());
    for (name, text) in folder("grafana/dashboards", ".json") {
        let unknown: Vec<String> = named(&text).difference(&known()).cloned().collect();
        assert!(unknown.is_empty(), "{name} names {unknown:?}");
    }
}

/// Every word that begins like one of our recorded series.
fn recorded(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'));
    words
        .filter(|word| word.starts_with("cirque:") && word.matches(':').count() == 2)
        .map(str::to_owned)
        .collect()
}

#[test]
fn what_is_recorded_is_asked_for_and_nothing_else() {
    let rules = file(ALERTS);
    let made: BTreeSet<String> = rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- record: "))
        .map(str::to_owned)
        .collect();
    assert!(recorded(&rules).is_subset(&made), "{made:?}");
    let mut shown = BTreeSet::new();
    for panel in panels() {
        for query in panel.queries() {
            shown.append(&mut recorded(query));
        }
    }
    assert_eq!(shown, made);
}

#[test]
fn alerts_runbooks_and_readme_name_metrics_that_exist() {
    let mut texts = folder("docs/runbooks", ".md");
    for path in [ALERTS, "README.md"] {
        texts.insert(path.to_owned(), file(path));
    }
    for (path, text) in texts {
        let unknown: Vec<String> = named(&text).difference(&known()).cloned().collect();
        assert!(unknown.is_empty(), "{path} names {unknown:?}");
    }
}

/// The table in README has a row for each metric, with its type, its labels and its HELP text.
#[test]
fn readme_lists_every_metric_as_it_is() {
    let text = rendered();
    let mut expected = Vec::new();
    for line in text.lines() {
        let Some((name, help)) = line
            .strip_prefix("# HELP ")
            .and_then(|line| line.split_once(' '))
        else {
            continue;
        };
        let kind = text
            .lines()
            .find_map(|line| line.strip_prefix(&format!("# TYPE {name} ")))
            .expect("a type");
        let labels: BTreeSet<&str> = text
            .lines()
            .filter_map(|line| {
                let rest = line.strip_prefix(name)?;
                let labels = rest.strip_prefix("_sum").unwrap_or(rest);
                labels.strip_prefix('{')?.split_once('}')
            })
            .flat_map(|(labels, _)| labels.split(','))
            .filter_map(|label| Some(label.split_once('=')?.0))
            .collect();
        let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
        let row = format!("| `{name}` | {kind} | {} | {help} |", labels.join(", "));
        expected.push((name, row));
    }
    expected.sort_unstable();
    let expected: Vec<String> = expected.into_iter().map(|(_, row)| row).collect();
    let readme = file("README.md");
    let found: Vec<&str> = readme
        .lines()
        .filter(|line| line.strip_prefix("| `").is_some_and(is_metric))
        .collect();
    assert_eq!(
        found,
        expected,
        "put these rows in:\n{}",
        expected.join("\n")
    );
}

#[test]
fn every_panel_says_what_it_shows_in_which_unit() {
    for Panel {
        dashboard,
        title,
        json,
    } in panels()
    {
        let place = format!("{dashboard}: {title}");
        assert!(!title.is_empty(), "{dashboard}: {}", json["id"]);
        let description = json["description"].as_str().unwrap_or_default();
        assert!(description.len() >= 60, "{place} has no description");
        let unit = json["fieldConfig"]["defaults"]["unit"]
            .as_str()
            .unwrap_or_default();
        assert!(UNITS.contains(&unit), "{place} has the unit {unit:?}");
    }
}

#[test]
fn panels_stand_beside_each_other() {
    for (name, dashboard) in dashboards() {
        let (mut ids, mut titles) = (BTreeSet::new(), BTreeSet::new());
        let mut taken = BTreeMap::new();
        for panel in dashboard["panels"].as_array().expect("panels") {
            let title = panel["title"].as_str().expect("a title");
            let id = panel["id"].as_u64().expect("an id");
            assert!(
                id > 0 && ids.insert(id),
                "{name}: {title} has no id of its own"
            );
            assert!(titles.insert(title), "{name} has two panels {title:?}");
            let side = |side: &str| panel["gridPos"][side].as_u64().expect("a number");
            let (x, y, w, h) = (side("x"), side("y"), side("w"), side("h"));
            // Grafana's grid has 24 columns.
            assert!(w > 0 && h > 0 && x + w <= 24, "{name}: {title} is too wide");
            for cell in (y..y + h).flat_map(|y| (x..x + w).map(move |x| (x, y))) {
                if let Some(other) = taken.insert(cell, title) {
                    panic!("{name}: {title:?} lies on {other:?}");
                }
            }
        }
    }
}

#[test]
fn panels_ask_the_chosen_prometheus_for_the_chosen_nodes() {
    let source = json!({ "type": "prometheus", "uid": "${datasource}" });
    for panel in panels() {
        let place = format!("{}: {}", panel.dashboard, panel.title);
        assert_eq!(panel.json["datasource"], source, "{place}");
        let mut ids = BTreeSet::new();
        for target in panel.json["targets"].as_array().expect("targets") {
            assert_eq!(target["datasource"], source, "{place}");
            let id = target["refId"].as_str().expect("an id");
            assert!(ids.insert(id), "{place} has two queries {id}");
        }
        let queries = panel.queries();
        assert!(!queries.is_empty(), "{place} asks nothing");
        for query in queries {
            let metrics = ["cirque_", "cirque:", "process_"];
            let metrics: usize = metrics.iter().map(|name| query.matches(name).count()).sum();
            let chosen = query.matches("{instance=~\"$instance\"").count();
            assert_eq!(metrics, chosen, "{place}: {query}");
        }
    }
}

#[test]
fn dashboards_lead_to_each_other_and_know_their_variables() {
    let all = dashboards();
    let addresses: BTreeSet<String> = all.keys().map(|name| format!("cirque-{name}")).collect();
    for (name, dashboard) in &all {
        assert_eq!(dashboard["uid"], format!("cirque-{name}"));
        assert_eq!(dashboard["tags"], json!(["cirque"]), "{name}");
        // The schema of Grafana 10; later ones read it.
        assert_eq!(dashboard["schemaVersion"], 39, "{name}");
        let link = &dashboard["links"][0];
        assert_eq!(link["type"], "dashboards", "{name}");
        assert_eq!(link["tags"], json!(["cirque"]), "{name}");
        assert_eq!(link["includeVars"], true, "{name}");

        let variables = dashboard["templating"]["list"]
            .as_array()
            .expect("variables");
        let mut known: BTreeSet<&str> = variables
            .iter()
            .map(|variable| variable["name"].as_str().expect("a name"))
            .collect();
        assert_eq!(known.len(), variables.len(), "{name}");
        assert!(known.contains("instance"), "{name}");
        let sources = variables.iter().filter(|v| v["type"] == "datasource");
        assert_eq!(sources.count(), 1, "{name}");
        known.extend(["__rate_interval", "__range", "__field", "__url_time_range"]);
        let text = dashboard.to_string();
        for used in text.split('$').skip(1) {
            let used = used.trim_start_matches('{');
            let end = used.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            let used = &used[..end.unwrap_or(used.len())];
            assert!(
                known.contains(used) || used == "__all",
                "{name} uses ${used}"
            );
        }
        for address in text.split("/d/").skip(1) {
            let address = address.split(['?', '"', '\\']).next().expect("an address");
            assert!(addresses.contains(address), "{name} leads to {address}");
        }
    }
    for (alert, rule) in alerts() {
        let address = rule
            .lines()
            .find_map(|line| line.trim().strip_prefix("dashboard: /d/"));
        assert!(
            address.is_some_and(|address| addresses.contains(address)),
            "{alert} leads to {address:?}"
        );
    }
}

#[test]
fn each_alert_has_its_runbook_and_its_tests() {
    let alerts = alerts();
    let mut runbooks = folder("docs/runbooks", ".md");
    let index = runbooks.remove("README").expect("a list of runbooks");
    let tests = folder("grafana/alerts/tests", ".yaml");
    let names: BTreeSet<&String> = alerts.keys().collect();
    assert_eq!(runbooks.keys().collect::<BTreeSet<_>>(), names);
    assert_eq!(tests.keys().collect::<BTreeSet<_>>(), names);
    let titles: BTreeSet<String> = panels().into_iter().map(|panel| panel.title).collect();
    for (name, rule) in &alerts {
        let severity = ["critical", "warning", "info"]
            .into_iter()
            .find(|severity| rule.contains(&format!("severity: {severity}")))
            .unwrap_or_else(|| panic!("{name} has no severity"));
        assert!(rule.contains("summary: "), "{name}");
        let page = format!("runbook: docs/runbooks/{name}.md\n");
        assert!(rule.contains(&page), "{name}");
        let row = format!("| [{name}]({name}.md) | {severity} | ");
        assert!(index.contains(&row), "the list of runbooks lacks {row}");

        let runbook = &runbooks[name];
        assert!(runbook.starts_with(&format!("# {name}\n")), "{name}");
        assert!(
            runbook.contains(&format!("Severity: {severity}.")),
            "{name}"
        );
        let parts = ["## What it means", "## How to see it", "## What to do"];
        let places = parts.map(|part| {
            runbook
                .find(part)
                .unwrap_or_else(|| panic!("{name}: {part}"))
        });
        assert!(places.is_sorted(), "{name}");
        for quoted in runbook.split('"').skip(1).step_by(2) {
            assert!(
                !quoted.ends_with('?') || titles.contains(quoted),
                "{name}: there is no panel {quoted:?}"
            );
        }
        for link in runbook.split("](").skip(1) {
            let link = link.split(')').next().expect("a link");
            let target = link.trim_end_matches(".md");
            assert!(alerts.contains_key(target), "{name} leads to {link}");
        }

        let cases: Vec<&str> = tests[name].split("  - name: ").skip(1).collect();
        assert!(
            cases.iter().any(|case| case.contains("exp_labels:")),
            "{name} has no case that fires"
        );
        assert!(
            cases.iter().any(|case| case.contains("exp_alerts: []")),
            "{name} has no case that stays quiet"
        );
        for case in cases {
            assert!(case.contains(&format!("alertname: {name}\n")), "{name}");
        }
    }
}

/// Runs Prometheus' own tool in the repository; fails the test when it finds something.
fn promtool(arguments: &[String]) {
    let output = Command::new("promtool")
        .args(arguments)
        .current_dir(repository())
        .output()
        .expect("promtool is installed: `make setup-test`");
    assert!(
        output.status.success(),
        "promtool {arguments:?}\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn prometheus_takes_the_configuration_and_the_rules_and_the_rules_hold_their_tests() {
    promtool(&["check", "config", "conf/prometheus.yml"].map(str::to_owned));
    promtool(&["check", "rules", ALERTS].map(str::to_owned));
    let mut command = ["test", "rules"].map(str::to_owned).to_vec();
    for name in folder("grafana/alerts/tests", ".yaml").into_keys() {
        command.push(format!("grafana/alerts/tests/{name}.yaml"));
    }
    promtool(&command);
}

/// A tenant's worker that answers, throws, and fetches what `x-url` says, from the cache if it can.
const PAGE: &str = "export default { async fetch(request) {
    if (new URL(request.url).pathname === '/throw') throw new Error('on purpose');
    const url = request.headers.get('x-url');
    if (!url) return new Response('a page');
    try { return await fetch(url, { cf: { cacheTtl: 60 } }) }
    catch (error) { return new Response(error.message) } } };";

const LOOP: &str = "export default { fetch() { for (;;); } };";

/// An edge that has everything the panels show, TLS and custom hostnames aside.
struct Shown {
    edge: Edge,
    origin: Origin,
    api: super::harness::api::Api,
    sent: u32,
}

impl Shown {
    async fn start() -> Self {
        let origin = Origin::answering(|_| {
            b"HTTP/1.1 200 OK\r\ncache-control: max-age=60\r\ncontent-length: 4\r\n\r\nkept"
                .to_vec()
        })
        .await;
        let edge = kv::edge(&[
            r#"egress.allow_addresses=["127.0.0.0/8"]"#,
            "cache.owner_entries=2",
            "api.failures_per_minute=1000000",
            // The last of the four workers below is counted as `other`.
            "log.tenants_max=3",
        ])
        .await;
        let api = edge.api().await;
        // A worker that came through the API is compiled by the edge itself, not by the command line.
        let namespace = api.kv_namespace("values").await;
        edge.shell(&api, "shell", &[("KV", &namespace)]).await;
        edge.serve_script("shop/page", PAGE).await;
        edge.serve_modules(
            "shop/loop",
            &[("worker.js", LOOP)],
            r#"{"limits":{"cpu_ms":20}}"#,
        )
        .await;
        edge.serve_modules(
            "shop/busy",
            &[("worker.js", PAGE)],
            r#"{"limits":{"requests_per_second":1}}"#,
        )
        .await;
        for (hostname, url) in [
            ("origin.test", origin.url()),
            ("gone.test", format!("http://127.0.0.1:{}", free_port())),
        ] {
            let record = json!({ "origin": url, "cache": true });
            edge.put_record(&format!("cirque:hostname:{hostname}"), &record.to_string());
            edge.until_routed(hostname).await;
        }
        edge.put_record("cirque:hostname:broken.test", "{");
        Self {
            edge,
            origin,
            api,
            sent: 0,
        }
    }

    /// What every kind of visitor does, once.
    async fn visit(&mut self) {
        let edge = &self.edge;
        self.sent += 1;
        for path in ["/", "/throw"] {
            edge.get("page.test", path).await;
        }
        // One is there from the first time on; the others make room for each other.
        let fresh = |n: u32| format!("{}/{}/{n}", self.origin.url(), self.sent);
        let urls = [
            format!("{}/same", self.origin.url()),
            format!("{}/same", self.origin.url()),
            fresh(1),
            fresh(2),
            fresh(3),
            "http://10.0.0.1/".to_owned(),
        ];
        for url in urls {
            edge.get_with("page.test", "/", &[("x-url", &url)]).await;
        }
        edge.get("loop.test", "/").await;
        for _ in 0..3 {
            edge.get("busy.test", "/").await;
        }
        edge.ask("shell", "KV", "put", json!(["key", "value"]))
            .await;
        for _ in 0..2 {
            edge.ask("shell", "KV", "get", json!(["key"])).await;
        }
        // A name that nobody has, a record that does not parse, a host that can be read in two ways, an origin that is gone.
        for hostname in [
            "origin.test",
            "gone.test",
            "nobody.test",
            "broken.test",
            "page.test:80:80",
        ] {
            edge.get(hostname, "/").await;
        }
        self.api.get("/client/v4/accounts").await;
        self.api.get("/client/v4/nothing").await;
        let wrong = [("authorization", "Bearer wrong")];
        let accounts = "/client/v4/accounts";
        self.api.raw("GET", accounts, &wrong, Vec::new()).await;
    }
}

/// A query as Grafana sends it.
fn filled(query: &str) -> String {
    let values = [
        ("$__rate_interval", "15s"),
        ("$__range", "15s"),
        ("$instance", ".*"),
        ("$tenant", "shop/page"),
        ("$top", "10"),
    ];
    values
        .into_iter()
        .fold(query.to_owned(), |query, (name, value)| {
            query.replace(name, value)
        })
}

#[tokio::test]
async fn every_panel_shows_something_of_a_real_edge_in_a_real_prometheus() {
    let mut shown = Shown::start().await;
    let prometheus = Prometheus::beside(&shown.edge).await;
    let panels = panels();
    for (dashboard, title, _) in WITHOUT_DATA {
        let mut all = panels.iter();
        assert!(
            all.any(
                |panel| (panel.dashboard.as_str(), panel.title.as_str()) == (*dashboard, *title)
            ),
            "there is no panel {title:?} on {dashboard}"
        );
    }
    let may_be_empty = |panel: &Panel| {
        let mut excepted = WITHOUT_DATA.iter();
        excepted.any(|(dashboard, title, _)| panel.dashboard == *dashboard && panel.title == *title)
    };
    let began = Instant::now();
    loop {
        shown.visit().await;
        let mut empty = Vec::new();
        for panel in &panels {
            for query in panel.queries() {
                let query = filled(query);
                let found = prometheus.ask(&query).await;
                let found = found.unwrap_or_else(|e| panic!("{}: {e}", panel.title));
                // Nothing divided by nothing shows nothing.
                if !found.iter().any(|(_, value)| value.is_finite()) && !may_be_empty(panel) {
                    empty.push(format!("{}: {}: {query}", panel.dashboard, panel.title));
                }
            }
        }
        if empty.is_empty() {
            break;
        }
        assert!(
            began.elapsed() < PATIENCE,
            "without data:\n{}",
            empty.join("\n")
        );
    }
    // The variables' own questions have answers, too.
    let tenants = prometheus
        .ask("group by (tenant) (cirque_requests_total)")
        .await;
    let tenants = tenants.expect("tenants");
    assert!(
        tenants
            .iter()
            .any(|(labels, _)| labels["tenant"] == "shop/page"),
        "{tenants:?}"
    );
    let alert = r#"ALERTS{alertname="CirqueRecordsRejected",alertstate="firing",kind="hostname"}"#;
    let firing = prometheus.ask(alert).await.expect("alerts");
    assert_eq!(firing.len(), 1, "the record that does not parse is told of");
}

//! The dashboard and the alerts name metrics that exist, and leave none out.

use std::collections::BTreeSet;

use cirque::metrics::Metrics;
use cirque::model::TenantId;

use super::harness::repository;

/// Every word that begins like one of our metrics.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words
        .filter(|word| word.starts_with("cirque_"))
        .map(|word| word.trim_end_matches("_bucket").to_owned())
        .collect()
}

/// The metrics that the code registers; vectors without a series yet show no HELP, so each gets one.
fn known() -> BTreeSet<String> {
    let metrics = Metrics::new(1);
    metrics.tenant(&TenantId::regular("a").expect("valid"));
    for vector in [
        &metrics.refused,
        &metrics.compilations,
        &metrics.records_rejected,
        &metrics.api_requests,
        &metrics.egress_failed,
        &metrics.origin_failed,
        &metrics.kv_reads,
    ] {
        vector.with_label_values(&["a"]);
    }
    let text = String::from_utf8(metrics.render()).expect("text");
    text.lines()
        .filter_map(|line| line.strip_prefix("# HELP ")?.split(' ').next())
        .map(str::to_owned)
        .collect()
}

fn file(path: &str) -> String {
    std::fs::read_to_string(repository().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

#[test]
fn the_dashboard_shows_every_metric_and_no_other() {
    let text = file("grafana/dashboards/cirque.json");
    serde_json::from_str::<serde_json::Value>(&text).expect("JSON");
    assert_eq!(named(&text), known());
}

#[test]
fn alerts_and_readme_name_metrics_that_exist() {
    for path in ["grafana/alerts/cirque.yaml", "README.md"] {
        let unknown: Vec<String> = named(&file(path)).difference(&known()).cloned().collect();
        assert!(unknown.is_empty(), "{path} names {unknown:?}");
    }
}

//! Many tenants on one edge: each answers for itself.

use super::harness::redis::Redis;
use super::harness::{Edge, request, until};

/// Writes workers with one code and a binding each, without a command for every one.
async fn write(redis: &Redis, script: &str, count: usize, word: &str) {
    let mut command = vec!["MSET".to_owned()];
    for n in 0..count {
        let bindings = format!(
            r#""bindings":[{{"type":"plain_text","name":"WHO","text":"{word} {n}"}}],"kind":"#
        );
        command.push(format!("cirque:script:{{many}}:t{n}"));
        command.push(script.replacen(r#""kind":"#, &bindings, 1));
        command.push(format!("cirque:hostname:t{n}.test"));
        command.push(format!(r#"{{"namespace":"many","worker":"t{n}"}}"#));
    }
    redis.run(&command).await;
}

async fn answer(port: u16, n: usize) -> String {
    let hostname = format!("t{n}.test");
    request(port, "GET", &hostname, "/", &[], Vec::new())
        .await
        .text()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_tenants_answer_for_themselves_and_never_for_another() {
    const TENANTS: usize = 1_000;
    let redis = Redis::start().await;
    let settings = [
        &redis.setting(),
        "runtime.instances=8",
        "log.tenants_max=100",
    ];
    let edge = Edge::with(&settings).await;
    edge.deploy("many/t0", "config");
    let script = redis.get("cirque:script:{many}:t0").await;
    let script = String::from_utf8(script).expect("JSON");
    write(&redis, &script, TENANTS, "first").await;

    for n in 0..TENANTS {
        assert_eq!(
            answer(edge.port, n).await,
            format!("{{\"WHO\":\"first {n}\"}}\n")
        );
    }
    // Side by side, so that sandboxes go from one to the other.
    let visitors = (0..4).map(|visitor| {
        let port = edge.port;
        tokio::spawn(async move {
            for n in 0..TENANTS {
                let n = (n * 7 + visitor * 251) % TENANTS;
                assert_eq!(
                    answer(port, n).await,
                    format!("{{\"WHO\":\"first {n}\"}}\n")
                );
            }
        })
    });
    for visitor in futures::future::join_all(visitors).await {
        visitor.expect("each answer was the tenant's own");
    }
    // One code for all of them is compiled once, and before that not at all here: the command did it.
    assert_eq!(
        edge.metric(r#"cirque_compilations_total{result="ok"}"#)
            .await,
        0.0
    );
    let misses = edge.metric("cirque_module_misses_total").await;
    assert!(misses >= 1.0, "{misses}");
    let metrics = edge.ops("/metrics").await.text();
    let series = metrics
        .lines()
        .filter(|line| line.starts_with("cirque_cpu_seconds_total{"));
    assert!(
        series.count() <= 103,
        "tenants have series of their own up to the bound"
    );

    write(&redis, &script, TENANTS, "second").await;
    until("the last change is seen", async || {
        answer(edge.port, TENANTS - 1).await.contains("second")
    })
    .await;
    for n in 0..TENANTS {
        until("the change is seen", async || {
            answer(edge.port, n).await == format!("{{\"WHO\":\"second {n}\"}}\n")
        })
        .await;
    }
}

#[tokio::test]
async fn namesakes_in_two_namespaces_are_two_tenants() {
    let edge = Edge::start().await;
    for (worker, word) in [("one/shop", "one"), ("two/shop", "two"), ("shop", "none")] {
        let metadata =
            format!(r#"{{"bindings":[{{"type":"plain_text","name":"WHO","text":"{word}"}}]}}"#);
        edge.deploy_with(worker, "config", &metadata);
        edge.cirque(&["route", &format!("{word}.test"), worker]);
    }
    edge.until_routed("none.test").await;
    for word in ["one", "two", "none"] {
        let text = edge.get(&format!("{word}.test"), "/").await.text();
        assert_eq!(text, format!("{{\"WHO\":\"{word}\"}}\n"));
    }
    edge.cirque(&["delete", "worker", "one/shop"]);
    until("the deleted worker is gone", async || {
        edge.get("one.test", "/").await.status == 404
    })
    .await;
    assert!(
        edge.get("one.test", "/")
            .await
            .text()
            .contains("Worker not found.")
    );
    assert_eq!(edge.get("two.test", "/").await.status, 200);
    assert_eq!(edge.get("none.test", "/").await.status, 200);
}

#[tokio::test]
async fn requests_see_the_old_version_or_the_new_one_while_a_worker_is_deployed() {
    let redis = Redis::start().await;
    let edge = Edge::with(&[&redis.setting()]).await;
    edge.serve("shop", "hello").await;
    let hello = redis.get("cirque:script:{_}:shop").await;
    edge.deploy("shop", "count");
    let count = redis.get("cirque:script:{_}:shop").await;
    for round in 0..100 {
        let record = if round % 2 == 0 { &hello } else { &count };
        redis.set("cirque:script:{_}:shop", record).await;
        let answer = edge.get("shop.test", "/").await;
        assert_eq!(answer.status, 200, "round {round}");
        assert!(
            matches!(answer.text().as_str(), "Hello, World!\n" | "1\n"),
            "{}",
            answer.text()
        );
    }
    until("the last version is there", async || {
        edge.get("shop.test", "/").await.text() == "1\n"
    })
    .await;
}

//! Cron triggers: workers that run at times.

use serde_json::json;

use super::harness::api::shared_key;
use super::harness::redis::Redis;
use super::harness::{Builder, Edge};

async fn node(redis: &Redis, key: &str) -> Edge {
    Builder::new(&[&redis.setting(), key, "limits.cpu_ms=1000"])
        .with_javascript()
        .with_api()
        .start()
        .await
}

#[tokio::test]
async fn a_worker_runs_at_its_times_on_one_node() {
    let redis = Redis::start().await;
    // Nodes on one store share the key of its secrets.
    let directory = tempfile::tempdir().expect("a directory");
    let setting = shared_key(directory.path());
    let (edge, other) = (node(&redis, &setting).await, node(&redis, &setting).await);
    let api = edge.api().await;
    let workers = [
        (
            "module",
            r#"{"main_module":"worker.js"}"#,
            "export default { async scheduled(controller, env, ctx) {
               ctx.waitUntil(Promise.resolve().then(() => console.log('module', controller.cron, controller.scheduledTime % 60000, env === undefined)));
             } }",
        ),
        (
            "service",
            r#"{"body_part":"worker.js"}"#,
            "addEventListener('scheduled', (event) => event.waitUntil(scheduler.wait(1).then(() => console.log('service', event.cron))))",
        ),
        (
            "fails",
            r#"{"main_module":"worker.js"}"#,
            "export default { scheduled() { throw new RangeError('not now') } }",
        ),
    ];
    for (name, metadata, code) in workers {
        let output = edge.deploy_modules(name, &[("worker.js", code)], metadata);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let path = api.workers(&format!("/scripts/{name}/schedules"));
        let set = api
            .json("PUT", &path, json!([{ "cron": "* * * * *" }]))
            .await
            .result();
        assert_eq!(set["schedules"][0]["cron"], "* * * * *");
        assert_eq!(api.get(&path).await.result(), set);
    }
    // The clock is the machine's own: a minute begins within a minute.
    let logged = |words: &[&str]| {
        let log = edge.log() + &other.log();
        let has_all = |line: &&str| words.iter().all(|word| line.contains(word));
        log.lines().filter(has_all).count()
    };
    let began = std::time::Instant::now();
    while logged(&["a worker failed that was run at its time"]) == 0
        || logged(&["a worker ran at its time"]) < 2
        || logged(&["service * * * * *"]) == 0
    {
        assert!(
            began.elapsed().as_secs() < 120,
            "{}{}",
            edge.log(),
            other.log()
        );
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    // A deployment keeps the times, and an empty list ends them.
    let (name, metadata, code) = workers[0];
    assert!(
        edge.deploy_modules(name, &[("worker.js", code)], metadata)
            .status
            .success()
    );
    let path = api.workers("/scripts/module/schedules");
    let kept = api.get(&path).await.result();
    assert_eq!(kept["schedules"][0]["cron"], "* * * * *");
    let none = api.json("PUT", &path, json!([])).await.result();
    assert_eq!(none, json!({ "schedules": [] }));
    // Each minute's run came from one of the two nodes.
    assert!(logged(&["module * * * * * 0 false"]) >= 1);
    let runs = logged(&["a worker failed that was run at its time"]) as u64;
    let minutes = began.elapsed().as_secs() / 60 + 1;
    assert!(runs <= minutes, "{runs} runs in {minutes} minutes");
}

#[tokio::test]
async fn what_is_no_time_is_refused() {
    let edge = Builder::new(&["limits.cpu_ms=1000"])
        .with_javascript()
        .with_api()
        .start()
        .await;
    let api = edge.api().await;
    let code = "export default { scheduled() {} }";
    for (name, code) in [("timed", code), ("plain", "export default { fetch() {} }")] {
        let output = edge.deploy_modules(
            name,
            &[("worker.js", code)],
            r#"{"main_module":"worker.js"}"#,
        );
        assert!(output.status.success());
    }
    let many: Vec<_> = (0..101).map(|_| json!({ "cron": "* * * * *" })).collect();
    for (name, body, word) in [
        ("timed", json!([{ "cron": "every day" }]), "every day"),
        ("timed", json!([{ "cron": "* * * * * *" }]), "five fields"),
        ("timed", json!([{ "cron": 5 }]), "an array"),
        ("timed", json!({ "cron": "* * * * *" }), "an array"),
        ("timed", json!(many), "at most 100"),
        ("plain", json!([{ "cron": "* * * * *" }]), "no handler"),
    ] {
        let path = api.workers(&format!("/scripts/{name}/schedules"));
        let refused = api.json("PUT", &path, body).await;
        assert_eq!(refused.status, 400, "{word}");
        assert!(refused.message().contains(word), "{}", refused.message());
        assert_eq!(
            api.get(&path).await.result(),
            json!({ "schedules": [] }),
            "{word}"
        );
    }
}

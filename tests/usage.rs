//! What tenants use up is counted exactly, whatever happens to the store, a node or the day.

use rustix::process::Signal;

use super::harness::kv::edge as with_kv;
use super::harness::origin::Origin;
use super::harness::redis::Redis;
use super::harness::usage::Used;
use super::harness::{Builder, Edge, built, request, until};

const OFTEN: &str = "usage.interval_s=1";
const OUTWARD: &str = r#"egress.allow_addresses=["127.0.0.0/8"]"#;

async fn post(edge: &Edge, host: &str, bytes: usize) {
    let answer = request(edge.port, "POST", host, "/", &[], vec![b'x'; bytes]).await;
    assert_eq!(
        (answer.status, answer.body.len()),
        (200, bytes),
        "{}",
        answer.text()
    );
}

/// The same without what no test can know.
fn exact(used: Used) -> Used {
    Used {
        cpu_ms: 0.0,
        gb_s: 0.0,
        ..used
    }
}

#[tokio::test]
async fn what_each_tenant_uses_up_is_counted_exactly() {
    let origin = Origin::echo().await;
    let settings = [
        OFTEN,
        OUTWARD,
        "limits.cpu_ms=1000",
        "log.tenants_max=1",
        "cache.memory_mb=0",
    ];
    let edge = Edge::with(&settings).await;
    for (name, guest) in [
        ("production/shop", "echo"),
        ("production/other", "fetch"),
        ("production/fails", "trap"),
        ("production/loops", "spin"),
    ] {
        edge.serve(name, guest).await;
    }
    // The one request that found each of them.
    let has_ended = |used: &Used| used.gb_s > 0.0;
    let shop = edge.until_used("production/shop", 1, has_ended).await;
    let other = |used: &Used| used.bytes_out > 0;
    let other = edge.until_used("production/other", 1, other).await;
    for bytes in [0, 1, 1_000, 100_000] {
        post(&edge, "shop.test", bytes).await;
    }
    let expected = Used {
        requests: 5,
        bytes_in: 101_001,
        bytes_out: 101_001,
        ..Used::default()
    };
    let is_all = |used: &Used| exact(*used) == expected;
    let after = edge.until_used("production/shop", 5, is_all).await;
    assert!(
        after.cpu_ms > shop.cpu_ms && after.gb_s > shop.gb_s && shop.gb_s > 0.0,
        "{shop:?} {after:?}"
    );

    let url = origin.url();
    let fields = [("x-fetch", url.as_str()), ("x-fetch-count", "3")];
    let answer = edge.get_with("other.test", "/", &fields).await;
    assert_eq!(answer.text(), "1 200\n2 200\n3 200\n");
    let expected = Used {
        requests: 2,
        bytes_out: other.bytes_out + 18,
        subrequests: 3,
        ..Used::default()
    };
    let is_all = |used: &Used| exact(*used) == expected;
    edge.until_used("production/other", 2, is_all).await;
    assert_eq!(origin.requests(), 3);

    edge.get("fails.test", "/").await;
    let is_all = |used: &Used| (used.exceptions, used.limited) == (2, 0);
    edge.until_used("production/fails", 2, is_all).await;
    edge.get("loops.test", "/?ms=60000").await;
    let is_all = |used: &Used| used.limited == 1 && used.cpu_ms >= 900.0;
    let after = edge.until_used("production/loops", 2, is_all).await;
    assert_eq!(after.exceptions, 0);

    // Nothing came to anybody since; what nobody has uploaded is nobody's.
    edge.cirque(&["route", "nobody.test", "production/nobody"]);
    edge.get("nobody.test", "/").await;
    post(&edge, "shop.test", 5).await;
    let has_come = |used: &Used| used.bytes_in == 101_006;
    edge.until_used("production/shop", 6, has_come).await;
    let all = edge.all_used();
    assert_eq!(all.len(), 4, "{all:?}");
    assert_eq!(exact(all["production/other"]), expected);
    assert_eq!(all["production/loops"].requests, 2);
    assert_eq!(edge.metric("cirque_usage_tenants").await, 4.0);
    assert_eq!(edge.metric("cirque_usage_folds_failed_total").await, 0.0);
}

#[tokio::test]
async fn a_dispatchers_call_counts_for_both() {
    let edge = Edge::with(&[OFTEN, "limits.cpu_ms=1000"]).await;
    edge.deploy("production/shop", "echo");
    let metadata = r#"{"bindings":[{"type":"dispatch_namespace","name":"DISPATCHER","namespace":"production"}]}"#;
    edge.deploy_with("dispatcher", "dispatch", metadata);
    edge.cirque(&["route", "*", "dispatcher"]);
    let call = async |bytes: usize| {
        let fields = [("x-worker", "shop")];
        request(
            edge.port,
            "POST",
            "any.test",
            "/",
            &fields,
            vec![b'x'; bytes],
        )
        .await
    };
    until("the dispatcher answers", async || {
        call(0).await.status == 200
    })
    .await;
    for bytes in [100, 3_000] {
        assert_eq!(call(bytes).await.body.len(), bytes);
    }
    let expected = Used {
        requests: 3,
        bytes_in: 3_100,
        bytes_out: 3_100,
        ..Used::default()
    };
    let is_all = |used: &Used| exact(*used) == expected && used.cpu_ms > 0.0;
    edge.until_used("production/shop", 3, is_all).await;
    let expected = Used {
        subrequests: 3,
        ..expected
    };
    let is_all = |used: &Used| exact(*used) == expected && used.cpu_ms > 0.0;
    edge.until_used("_/dispatcher", 3, is_all).await;
    // A name that a caller makes up is nobody's.
    let fields = [("x-worker", "nobody")];
    let answer = edge.get_with("any.test", "/", &fields).await;
    assert_eq!(answer.status, 404);
    edge.until_used("_/dispatcher", 4, |_| true).await;
    assert_eq!(edge.all_used().len(), 2);
}

#[tokio::test]
async fn javascript_caches_and_key_value_namespaces_count() {
    let origin = Origin::answering(|_| {
        b"HTTP/1.1 200 OK\r\ncache-control: max-age=600\r\ncontent-length: 10\r\n\r\n0123456789"
            .to_vec()
    })
    .await;
    let edge = with_kv(&[OFTEN, OUTWARD]).await;
    let api = edge.api().await;
    let id = api.kv_namespace("values").await;
    edge.shell(&api, "shell", &[("KV", &id)]).await;
    edge.until_used("_/shell", 1, |_| true).await;
    edge.ask("shell", "KV", "put", serde_json::json!(["a", "b"]))
        .await;
    edge.until_used("_/shell", 2, |used| used.subrequests == 1)
        .await;

    let fetch = format!(
        "export default {{ async fetch(request) {{
           if (request.method === 'OPTIONS') return new Response();
           if (request.method === 'POST') {{ await request.text(); throw new Error('no'); }}
           return fetch('{}/a');
         }} }}",
        origin.url()
    );
    edge.serve_script("caching", &fetch).await;
    for _ in 0..3 {
        let answer = edge.get("caching.test", "/").await;
        assert_eq!(answer.text(), "0123456789");
    }
    request(edge.port, "POST", "caching.test", "/", &[], vec![b'x'; 7]).await;
    let is_all = |used: &Used| {
        let found = [used.subrequests, used.cache_bytes, used.exceptions];
        found == [3, 20, 1] && used.bytes_in == 7
    };
    edge.until_used("_/caching", 5, is_all).await;
    assert_eq!(origin.requests(), 1);
}

#[tokio::test]
async fn nodes_on_one_store_are_added_up() {
    let redis = Redis::start().await;
    let one = Edge::with(&[&redis.setting(), OFTEN]).await;
    let two = Edge::with(&[&redis.setting(), OFTEN]).await;
    one.serve("shop", "echo").await;
    two.until_routed("shop.test").await;
    for _ in 0..3 {
        post(&one, "shop.test", 10).await;
        post(&two, "shop.test", 1).await;
    }
    one.until_used("_/shop", 8, |used| used.bytes_in == 33)
        .await;
    let keys = redis.keys("cirque:usage:{_}:shop:*").await;
    assert_eq!(keys.len(), 2, "{keys:?}");
    // Whoever ends writes the rest; whoever comes is another.
    let two = two.restart().await;
    post(&two, "shop.test", 1).await;
    two.until_used("_/shop", 9, |used| used.bytes_in == 34)
        .await;
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_while_the_store_is_away() {
    let mut redis = Redis::durable().await;
    let settings = [&redis.setting(), OFTEN, "store.timeout_ms=200"];
    let edge = Edge::with(&settings).await;
    edge.serve("shop", "echo").await;
    post(&edge, "shop.test", 1).await;
    edge.until_used("_/shop", 2, |used| used.bytes_in == 1)
        .await;
    let mut sent = 2;
    // Stopped, it answers nobody, and may do afterwards what was asked of it; killed, it is not there at all.
    for how in ["stopped", "killed"] {
        let failed = edge.metric("cirque_usage_folds_failed_total").await;
        match how {
            "stopped" => redis.signal(Signal::STOP),
            _ => redis.kill(),
        }
        until("usage cannot be written", async || {
            post(&edge, "shop.test", 1).await;
            sent += 1;
            edge.metric("cirque_usage_folds_failed_total").await >= failed + 2.0
        })
        .await;
        match how {
            "stopped" => redis.signal(Signal::CONT),
            _ => redis.resume_process().await,
        }
        edge.until_used("_/shop", sent, |used| used.bytes_in == sent - 1)
            .await;
    }
    assert_eq!(redis.keys("cirque:usage:*").await.len(), 1);
}

#[tokio::test]
async fn a_node_that_is_killed_loses_what_it_has_not_written_and_no_more() {
    let edge = Edge::with(&[OFTEN]).await;
    edge.serve("shop", "echo").await;
    for _ in 0..4 {
        post(&edge, "shop.test", 1).await;
    }
    edge.until_used("_/shop", 5, |used| used.bytes_in == 4)
        .await;
    for _ in 0..3 {
        post(&edge, "shop.test", 1).await;
    }
    let edge = edge.crash().await.start().await;
    edge.until_routed("shop.test").await;
    let kept = edge.used("_/shop").requests;
    assert!((5..=9).contains(&kept), "{kept}");
    until("what comes afterwards counts", async || {
        let before = edge.used("_/shop").requests;
        assert!(before <= 9, "{before}");
        before > 5
    })
    .await;
}

#[tokio::test]
async fn a_node_that_ends_writes_what_it_has_counted() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut edge = Edge::with(&["usage.interval_s=3600"]).await;
        edge.serve("shop", "echo").await;
        for _ in 0..4 {
            post(&edge, "shop.test", 1).await;
        }
        assert_eq!(edge.used("_/shop").requests, 0);
        edge.signal(signal);
        edge.ended().await;
        assert_eq!(edge.used("_/shop").requests, 5, "{signal:?}");
    }
}

#[tokio::test]
async fn nothing_is_counted_where_that_is_off() {
    let mut edge = Edge::with(&["usage.interval_s=0"]).await;
    edge.serve("shop", "echo").await;
    assert_eq!(edge.metric("cirque_usage_tenants").await, 0.0);
    edge.signal(Signal::TERM);
    edge.ended().await;
    assert!(edge.all_used().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_tenants_are_counted_each_by_itself() {
    const TENANTS: usize = 2_000;
    let redis = Redis::start().await;
    let settings = [
        &redis.setting(),
        OFTEN,
        "log.tenants_max=10",
        "runtime.instances=8",
    ];
    let edge = Builder::new(&settings).with_api().start().await;
    edge.cirque(&["deploy", "many/t0", &built("echo", edge.directory.path())]);
    let script = redis.get("cirque:script:{many}:t0").await;
    let script = String::from_utf8(script).expect("JSON");
    let mut command = vec!["MSET".to_owned()];
    for n in 0..TENANTS {
        command.extend([format!("cirque:script:{{many}}:t{n}"), script.clone()]);
        command.push(format!("cirque:hostname:t{n}.test"));
        command.push(format!(r#"{{"namespace":"many","worker":"t{n}"}}"#));
    }
    redis.run(&command).await;
    edge.until_routed("t0.test").await;
    edge.until_routed(&format!("t{}.test", TENANTS - 1)).await;
    let visitors = (0..4).map(|visitor| {
        let port = edge.port;
        tokio::spawn(async move {
            for n in (visitor..TENANTS).step_by(4) {
                let host = format!("t{n}.test");
                let body = vec![b'x'; n];
                let answer = request(port, "POST", &host, "/", &[], body).await;
                assert_eq!(answer.body.len(), n);
            }
        })
    });
    for visitor in visitors.collect::<Vec<_>>() {
        visitor.await.expect("each tenant answers");
    }
    let all = |edge: &Edge| edge.all_used();
    until("all are counted", async || {
        let bytes: u64 = all(&edge).values().map(|used| used.bytes_in).sum();
        bytes == (TENANTS * (TENANTS - 1) / 2) as u64
    })
    .await;
    let all = all(&edge);
    assert_eq!(all.len(), TENANTS);
    for n in 0..TENANTS {
        let used = all[&format!("many/t{n}")];
        assert_eq!(used.bytes_in, n as u64, "{n}");
        let found_by = u64::from(n == 0 || n == TENANTS - 1);
        assert_eq!(used.requests, 1 + found_by, "{n}");
    }
    // The API gives them page by page, each once.
    let api = edge.api().await;
    let (mut names, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/usage?limit=700&by=day&cursor={cursor}");
        let answer = api.get(&api.workers(&path)).await;
        cursor = answer.json["result_info"]["cursor"]
            .as_str()
            .expect("a cursor")
            .to_owned();
        let rows = answer.result();
        let rows = rows.as_array().expect("rows");
        assert!(rows.len() <= 700);
        names.extend(rows.iter().map(|row| row["script"].to_string()));
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(names.len(), TENANTS);
    assert!(names.is_sorted());
    assert_eq!(edge.metric("cirque_usage_tenants").await, TENANTS as f64);
}

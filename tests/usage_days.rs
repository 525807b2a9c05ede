//! Days that are over: put together once, read by day, as CSV, and by whom.

use std::collections::BTreeMap;

use serde_json::json;

use super::harness::redis::Redis;
use super::harness::usage::{Used, days_ago, rows};
use super::harness::{Builder, Edge, until};

/// Writes a report by hand, as a process does.
async fn report(redis: &Redis, worker: &str, day: &str, boot: &str, requests: u64) {
    let (namespace, name) = worker.split_once('/').expect("namespace/name");
    redis.run(&["ZADD", "cirque:usage-days", "0", day]).await;
    let list = format!("cirque:usage-days:{day}");
    redis
        .run(&["ZADD", &list, "0", &format!("{worker} {boot}")])
        .await;
    let key = format!("cirque:usage:{{{namespace}}}:{name}:{day}:{boot}");
    let amounts = json!({ "requests": requests, "cpu_us": requests * 1_500 }).to_string();
    redis.set(&key, amounts).await;
}

/// Rows of CSV by day: tenant, day and requests.
fn by_day(csv: &str) -> Vec<(String, String, u64)> {
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let requests = cells[3].parse().expect("a number");
        (
            format!("{}/{}", cells[0], cells[1]),
            cells[2].to_owned(),
            requests,
        )
    };
    csv.lines().skip(1).map(row).collect()
}

async fn edge(redis: &Redis) -> Edge {
    let settings = [
        &redis.setting(),
        "usage.interval_s=1",
        "usage.keep_days=100",
    ];
    Edge::with(&settings).await
}

#[tokio::test]
async fn reports_of_days_that_are_over_are_put_together_and_old_ones_removed() {
    let redis = Redis::start().await;
    let (day, older, oldest) = (days_ago(3), days_ago(4), days_ago(101));
    for (boot, requests) in [("b1", 5), ("b2", 7), ("b3", 1)] {
        report(&redis, "production/shop", &day, boot, requests).await;
    }
    report(&redis, "production/shop-2", &day, "b1", 2).await;
    report(&redis, "_/shop", &older, "b1", 3).await;
    report(&redis, "_/shop", &oldest, "b1", 9).await;
    // A report that was named and never written.
    let list = format!("cirque:usage-days:{day}");
    redis.run(&["ZADD", &list, "0", "production/lost b1"]).await;
    // Somebody was interrupted: one report is in the sum, and both are still there.
    let sum = json!({ "by_boot": { "b1": { "requests": 4 } } }).to_string();
    let sum_key = format!("cirque:usage:{{production}}:shop:{day}:sum");
    redis.set(&sum_key, sum).await;
    let one = edge(&redis).await;
    until("the reports are put together", async || {
        redis.keys("cirque:usage:*:b?").await.is_empty()
    })
    .await;
    let sums = redis.keys("cirque:usage:*:sum").await;
    assert_eq!(sums.len(), 3, "{sums:?}");
    let arguments = ["usage", "--from", &older, "--by", "day", "--csv"];
    let expected = [
        ("_/shop", older.clone(), 3),
        ("production/lost", day.clone(), 0),
        ("production/shop", day.clone(), 13),
        ("production/shop-2", day.clone(), 2),
    ];
    let expected: Vec<_> = expected
        .into_iter()
        .map(|(name, day, requests)| (name.to_owned(), day, requests))
        .collect();
    assert_eq!(by_day(&one.cirque(&arguments)), expected);
    // A report that comes late counts, one that the sum has does not.
    for (boot, requests) in [("b2", 7), ("b3", 1), ("b4", 6)] {
        report(&redis, "production/shop", &day, boot, requests).await;
    }
    let shop = |edge: &Edge| {
        let csv = edge.cirque(&["usage", "production/shop", "--from", &day, "--csv"]);
        rows(&csv)["production/shop"].requests
    };
    assert_eq!(shop(&one), 19);
    // Another node goes on in another hour.
    redis.run(&["DEL", "cirque:usage-pass"]).await;
    let two = edge(&redis).await;
    until("they are put together again", async || {
        redis.keys("cirque:usage:*:b?").await.is_empty()
    })
    .await;
    assert_eq!(shop(&two), 19);
    let members = redis.run(&["ZRANGE", "cirque:usage-days", "0", "-1"]).await;
    let members: Vec<String> = redis::from_redis_value(members).expect("text");
    assert!(!members.contains(&oldest), "{members:?}");
    assert!(
        redis
            .keys(&format!("cirque:usage*{oldest}*"))
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn usage_is_read_by_day_as_csv_and_by_whom_it_concerns() {
    let redis = Redis::start().await;
    let (first, second) = (days_ago(0), days_ago(1));
    report(&redis, "production/shop", &first, "b1", 5).await;
    report(&redis, "production/shop", &second, "b1", 2).await;
    report(&redis, "staging/shop", &first, "b1", 1).await;
    report(&redis, "_/shop", &first, "b1", 4).await;
    let edge = Builder::new(&[&redis.setting()]).with_api().start().await;
    let api = edge.api().await;
    let ask = async |query: &str| api.get(&api.workers(&format!("/usage?{query}"))).await;
    let all = format!("from={second}&to={first}");
    let answer = ask(&format!("{all}&namespace=production&by=day")).await;
    let info = answer.json["result_info"].clone();
    assert_eq!(
        (&info["from"], &info["to"]),
        (&json!(second), &json!(first))
    );
    let shop = answer.result();
    assert_eq!(
        shop,
        json!([
            { "namespace": "production", "script": "shop", "day": second, "requests": 2, "cpu_ms": 3.0, "gb_s": 0.0, "bytes_in": 0,
              "bytes_out": 0, "subrequests": 0, "cache_bytes": 0, "exceptions": 0, "limited": 0 },
            { "namespace": "production", "script": "shop", "day": first, "requests": 5, "cpu_ms": 7.5, "gb_s": 0.0, "bytes_in": 0,
              "bytes_out": 0, "subrequests": 0, "cache_bytes": 0, "exceptions": 0, "limited": 0 },
        ])
    );
    let totals = async |query: &str| {
        let rows = ask(&format!("{all}&{query}")).await.result();
        let rows = rows.as_array().expect("rows").clone();
        let each = rows.iter().map(|row| {
            let name = format!("{}/{}", row["namespace"].as_str()?, row["script"].as_str()?);
            Some((name, row["requests"].as_u64()?))
        });
        each.map(|row| row.expect("a row"))
            .collect::<BTreeMap<_, _>>()
    };
    let named = |rows: &[(&str, u64)]| -> BTreeMap<String, u64> {
        rows.iter()
            .map(|(name, n)| ((*name).to_owned(), *n))
            .collect()
    };
    let everybody = named(&[("_/shop", 4), ("production/shop", 7), ("staging/shop", 1)]);
    assert_eq!(totals("").await, everybody);
    assert_eq!(totals("script=shop").await, named(&[("_/shop", 4)]));
    assert_eq!(totals("namespace=_").await, named(&[("_/shop", 4)]));
    assert_eq!(
        totals("namespace=staging&script=shop").await,
        named(&[("staging/shop", 1)])
    );
    assert_eq!(totals("namespace=staging&script=sho").await, named(&[]));
    // As CSV, by parameter and by header, page after page.
    let path = api.workers(&format!("/usage?{all}&limit=2"));
    let answer = api
        .send("GET", &path, &[("accept", "text/csv")], Vec::new())
        .await;
    let cursor = answer.headers["cursor"].to_str().expect("text").to_owned();
    assert!(
        answer.headers["content-type"]
            .to_str()
            .expect("text")
            .starts_with("text/csv")
    );
    let mut found = rows(&String::from_utf8_lossy(&answer.body));
    let answer = ask(&format!("{all}&limit=2&format=csv&cursor={cursor}")).await;
    assert!(!answer.headers.contains_key("cursor"));
    found.extend(rows(&String::from_utf8_lossy(&answer.body)));
    let requests = found
        .into_iter()
        .map(|(name, used): (String, Used)| (name, used.requests));
    assert_eq!(requests.collect::<BTreeMap<_, _>>(), everybody);

    // The command line says the same, from afar too.
    let url = format!("http://127.0.0.1:{}", edge.api_port);
    let plain = ["usage", "--from", &second, "--by", "day", "--csv"];
    let remote = [&plain[..], &["--api", &url, "--token", &api.token]].concat();
    assert_eq!(edge.cirque(&plain), edge.cirque(&remote));
    let table = edge.cirque(&["usage", "production", "--from", &second]);
    let lines: Vec<&str> = table.lines().collect();
    assert!(
        lines[0].starts_with("namespace   script  requests  cpu_ms"),
        "{table}"
    );
    assert!(
        lines[1].starts_with("production  shop           7  10.500"),
        "{table}"
    );

    for (query, says) in [
        (
            "from=yesterday",
            "`from`: \"yesterday\" is no date; write it as 2026-11-22",
        ),
        ("to=2026-02-30", "`to`: "),
        ("from=2026-11-02&to=2026-11-01", "is after"),
        ("from=2024-01-01&to=2026-01-01", "at most 366"),
        ("by=hour", "`day` or `total`"),
        ("format=xml", "`json` or `csv`"),
        ("limit=0", "`limit`"),
        ("cursor=abc", "cursor"),
        ("namespace=a/b", "cannot be used"),
        ("script=a:b", "cannot be used"),
    ] {
        let answer = ask(query).await;
        let message = answer.message();
        assert_eq!(answer.failure().0, 400, "{query}: {message}");
        assert!(message.contains(says), "{query}: {message}");
    }
    let output = edge.try_cirque(&["usage", "--from", "2026-13-01"]);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && text.contains("is no date"),
        "{text}"
    );

    // A token of a namespace sees its own alone.
    let own = edge
        .api_with(&[
            "token",
            "create",
            "own",
            "--namespace",
            "production",
            "--access",
            "read",
        ])
        .await;
    let rows = own
        .get(&own.workers(&format!("/usage?{all}")))
        .await
        .result();
    assert_eq!(
        (rows.as_array().map(Vec::len), &rows[0]["requests"]),
        (Some(1), &json!(7))
    );
    let rows = own
        .get(&own.workers(&format!("/usage?{all}&script=shop")))
        .await;
    assert_eq!(rows.result()[0]["namespace"], "production");
    for namespace in ["staging", "_"] {
        let path = own.workers(&format!("/usage?namespace={namespace}"));
        assert_eq!(
            own.get(&path).await.failure(),
            (404, 100_119),
            "{namespace}"
        );
    }
    let stranger = api.workers("/usage");
    let answer = api.raw(
        "GET",
        &stranger,
        &[("authorization", "Bearer wrong")],
        Vec::new(),
    );
    assert_eq!(answer.await.status, 401);
}

#[tokio::test]
async fn a_report_that_cannot_be_read_is_not_left_out() {
    let redis = Redis::start().await;
    let day = days_ago(3);
    report(&redis, "_/shop", &day, "b1", 5).await;
    let key = format!("cirque:usage:{{_}}:shop:{day}:b2");
    report(&redis, "_/shop", &day, "b2", 5).await;
    redis.set(&key, "broken").await;
    let edge = edge(&redis).await;
    let output = edge.try_cirque(&["usage", "--from", &day]);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && text.contains(&key), "{text}");
    redis.run(&["DEL", &key]).await;
    assert_eq!(edge.all_used_since(&day)["_/shop"].requests, 5);
}

impl Edge {
    fn all_used_since(&self, day: &str) -> BTreeMap<String, Used> {
        rows(&self.cirque(&["usage", "--from", day, "--csv"]))
    }
}

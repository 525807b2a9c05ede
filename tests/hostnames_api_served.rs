//! Custom hostnames from one call to what visitors see, and from the command line.

use serde_json::{Value, json};

use super::harness::dns::Dns;
use super::harness::origin::Origin;
use super::harness::pebble::{Names, Pebble};
use super::harness::redis::Redis;
use super::harness::{Builder, free_port, until};
use super::hostnames_api::{OTHER, PRIVATE, ZONE, create, done, edit, id, made, path, start};
use super::tls::Tls;

#[tokio::test]
async fn visitors_reach_what_is_active_and_are_told_of_what_is_not() {
    let origin = Origin::answering(|_| {
        "HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nfallback"
            .to_owned()
            .into()
    })
    .await;
    let edge = Builder::new(&["limits.cpu_ms=1000", PRIVATE])
        .with_javascript()
        .with_api()
        .start()
        .await;
    let api = edge.api().await;
    let code =
        "export default { fetch: (request) => Response.json(request.cf.hostMetadata ?? null) }";
    edge.serve_script("shop", code).await;
    edge.cirque(&[
        "hostname",
        "add",
        "shop.customer.test",
        "--worker",
        "shop",
        "--metadata",
        r#"{"plan":"pro"}"#,
        "--trusted",
        "--no-ssl",
    ]);
    until("the worker answers", async || {
        edge.get("shop.customer.test", "/").await.text() == r#"{"plan":"pro"}"#
    })
    .await;
    let waiting = made(&api, json!({ "hostname": "waits.customer.test" })).await;
    until("the hostname is known", async || {
        edge.get("waits.customer.test", "/").await.status == 530
    })
    .await;
    let page = edge.get("waits.customer.test", "/").await;
    assert!(page.text().contains("1016"), "{}", page.text());
    // Its zone says where the others lead: nowhere, to an origin, to a worker that stands before all of them.
    edge.cirque(&[
        "hostname",
        "add",
        "plain.customer.test",
        "--zone",
        ZONE,
        "--trusted",
        "--no-ssl",
    ]);
    until("nothing is behind it", async || {
        edge.get("plain.customer.test", "/").await.status == 530
    })
    .await;
    let fallback = path("/fallback_origin");
    api.json("PUT", &fallback, json!({ "origin": origin.url() }))
        .await
        .result();
    until("the fallback origin answers", async || {
        edge.get("plain.customer.test", "/").await.text() == "fallback"
    })
    .await;
    assert_eq!(edge.get("waits.customer.test", "/").await.status, 530);
    edge.cirque(&["route", "*.customer.test", "shop"]);
    until("the worker answers", async || {
        edge.get("plain.customer.test", "/").await.text() == "null"
    })
    .await;
    let found = api
        .get(&path("?hostname=plain.customer.test"))
        .await
        .result();
    let body = json!({ "custom_metadata": { "seats": [1, 2] } });
    done(&edit(&api, &id(&found[0]), body).await, 202);
    until("the metadata arrives", async || {
        edge.get("plain.customer.test", "/").await.text() == r#"{"seats":[1,2]}"#
    })
    .await;
    let body = json!({ "custom_origin_server": origin.url() });
    done(&edit(&api, &id(&found[0]), body).await, 202);
    until("its own origin answers", async || {
        edge.get("plain.customer.test", "/").await.text() == "fallback"
    })
    .await;
    api.delete(&path(&format!("/{}", id(&found[0])))).await;
    until("the wildcard has it again", async || {
        edge.get("plain.customer.test", "/").await.text() == "null"
    })
    .await;
    assert_eq!(waiting["status"], "pending");
}

#[tokio::test]
async fn an_origin_that_others_name_is_not_in_the_operators_network() {
    let origin = Origin::answering(|_| {
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
            .to_owned()
            .into()
    });
    let origin = origin.await;
    let trusted = ["--zone", ZONE, "--trusted", "--no-ssl"];
    for (settings, expected) in [
        (&["cache.origins=false"][..], 502),
        (&["cache.origins=true"], 502),
        (&["cache.origins=true", PRIVATE], 200),
    ] {
        let redis = Redis::start().await;
        let setting = redis.setting();
        let (edge, _api) = start(&[settings, &[setting.as_str()]].concat()).await;
        // The API refuses it; a name that leads there later is no better.
        let fallback = json!({ "origin": origin.url(), "created_at": "", "updated_at": "" });
        let zone = json!({ "fallback_origin": fallback }).to_string();
        redis.set(&format!("cirque:zone:{ZONE}"), zone).await;
        edge.cirque(&[&["hostname", "add", "app.customer.test"], &trusted[..]].concat());
        until("it is answered", async || {
            edge.get("app.customer.test", "/").await.status == expected
        })
        .await;
        // The operator's own are wherever he says.
        edge.cirque(&["route", "own.operator.test", &origin.url()]);
        until("the operator's is reached", async || {
            edge.get("own.operator.test", "/").await.status == 200
        })
        .await;
    }
}

#[tokio::test]
async fn a_custom_origin_by_name_is_held_against_where_it_leads() {
    let origin = Origin::answering(|_| {
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
            .to_owned()
            .into()
    })
    .await;
    let dns = Dns::answering(|_, _| vec![[127, 0, 0, 1].into()]).await;
    let named = origin.url().replace("127.0.0.1", "inside.platform.test");
    let add = |name| {
        [
            "hostname",
            "add",
            name,
            "--zone",
            ZONE,
            "--trusted",
            "--no-ssl",
        ]
    };
    for (settings, expected) in [
        (&["cache.origins=false"][..], 502),
        (&["cache.origins=true"], 502),
        (&["cache.origins=false", PRIVATE], 200),
    ] {
        let setting = dns.setting();
        let (edge, api) = start(&[settings, &[setting.as_str()]].concat()).await;
        edge.cirque(&add("theirs.customer.test"));
        let found = api
            .get(&path("?hostname=theirs.customer.test"))
            .await
            .result();
        // The name alone says nothing of where it leads.
        let body = json!({ "custom_origin_server": named });
        done(&edit(&api, &id(&found[0]), body).await, 202);
        // Sent back as it was shown, it is nobody else's.
        let body = json!({ "custom_origin_server": named, "custom_metadata": { "a": 1 } });
        done(&edit(&api, &id(&found[0]), body).await, 202);
        until("it is dialled, or not", async || {
            edge.get("theirs.customer.test", "/").await.status == expected
        })
        .await;
        // What the operator names is wherever he says, also when others change something else.
        let ours = add("ours.customer.test");
        edge.cirque(&[&ours[..], &["--origin", &named]].concat());
        let found = api
            .get(&path("?hostname=ours.customer.test"))
            .await
            .result();
        let body = json!({ "custom_origin_server": named, "custom_metadata": { "a": 1 } });
        done(&edit(&api, &id(&found[0]), body).await, 202);
        until("the operator's is reached", async || {
            edge.get("ours.customer.test", "/").await.status == 200
        })
        .await;
    }
}

#[tokio::test]
async fn a_zone_is_purged_with_its_custom_hostnames() {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let origin = Origin::answering(move |_| {
        let n = asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let head = "HTTP/1.1 200 OK\r\ncache-control: max-age=600\r\ncontent-length: 1\r\n\r\n";
        format!("{head}{n}").into()
    })
    .await;
    let (edge, api) = start(&["cache.origins=true", PRIVATE]).await;
    let fallback = json!({ "origin": origin.url() });
    api.json("PUT", &path("/fallback_origin"), fallback)
        .await
        .result();
    let trusted = ["--zone", ZONE, "--trusted", "--no-ssl"];
    edge.cirque(&[&["hostname", "add", "app.customer.test"], &trusted[..]].concat());
    let status = async || {
        let answer = edge.get("app.customer.test", "/").await;
        answer.header("cf-cache-status").to_owned()
    };
    until("it is cached", async || status().await == "HIT").await;
    let purge = format!("/client/v4/zones/{ZONE}/purge_cache");
    api.json("POST", &purge, json!({ "purge_everything": true }))
        .await
        .result();
    until("it is forgotten", async || status().await == "MISS").await;
}

#[tokio::test]
async fn one_call_says_what_a_customer_must_set_and_the_rest_happens() {
    let (names, mut authority) = (Names::start().await, Pebble::new());
    names.address("edge.platform.test").await;
    let https = free_port();
    let mut builder = Builder::new(&[
        "hostnames.target=edge.platform.test",
        "dns.zone=acme.platform.test",
        r#"egress.allow_addresses=["127.0.0.0/8"]"#,
    ])
    .with(&names.setting())
    .with(&format!("listen.https=127.0.0.1:{https}"))
    .with_api();
    for setting in authority.settings() {
        builder = builder.with(&setting);
    }
    let edge = builder.start().await;
    authority.start(&names, edge.port, https).await;
    let api = edge.api().await;
    edge.deploy("hello", "hello");
    edge.cirque(&["route", "*.customer.test", "hello"]);
    let name = "app.customer.test";
    let ssl = json!({ "method": "http", "type": "dv" });
    let answer = create(&api, json!({ "hostname": name, "ssl": ssl })).await;
    let first = done(&answer, 201);
    let shown = &first["ssl"]["validation_records"][0];
    let url = shown["http_url"].as_str().expect("what is looked for");
    assert!(
        url.starts_with("http://app.customer.test/.well-known/acme-challenge/"),
        "{url}"
    );
    let uuid = api
        .get(&format!("/client/v4/zones/{ZONE}/dcv_delegation/uuid"))
        .await
        .result();
    let uuid = uuid["uuid"].as_str().expect("a text").to_owned();
    let delegation = json!([{
        "cname": "_acme-challenge.app.customer.test",
        "cname_target": format!("app.customer.test.{uuid}.acme.platform.test"),
    }]);
    assert_eq!(first["ssl"]["dcv_delegation_records"], delegation);
    // The customer does his part, and somebody says so.
    names.alias(name, "edge.platform.test").await;
    done(&edit(&api, &id(&first), json!({ "ssl": ssl })).await, 202);
    let said = edge.cirque(&["hostname", "wait", name, "--zone", ZONE, "--timeout", "90"]);
    assert!(said.ends_with("app.customer.test is served\n"), "{said}");
    let found = api.get(&path(&format!("/{}", id(&first)))).await.result();
    assert_eq!(
        (&found["status"], &found["ssl"]["status"]),
        (&json!("active"), &json!("active"))
    );
    assert_eq!(found["ssl"]["hosts"], json!([name]));
    assert!(found.get("ownership_verification").is_none(), "{found}");
    let tls = Tls::trusting(https, &authority.root().await);
    assert_eq!(tls.get(name, "h2", "/").await.expect("TLS").status, 200);
    api.delete(&path(&format!("/{}", id(&first)))).await;
    until("its certificate is gone", async || {
        tls.get(name, "h2", "/").await.is_err()
    })
    .await;
}

#[tokio::test]
async fn the_command_line_manages_hostnames_beside_the_store_and_through_the_api() {
    let (edge, api) = start(&["hostnames.target=edge.platform.test"]).await;
    let url = format!("http://127.0.0.1:{}", edge.api_port);
    let remote = ["--api", &url, "--token", &api.token];
    for place in [&[][..], &remote[..]] {
        let run = |arguments: &[&str]| {
            let all: Vec<&str> = ["hostname"]
                .iter()
                .chain(arguments)
                .chain(place)
                .copied()
                .collect();
            edge.try_cirque(&all)
        };
        let ok = |arguments: &[&str]| {
            let output = run(arguments);
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{arguments:?}: {error}");
            String::from_utf8_lossy(&output.stdout).into_owned()
        };
        let fails = |arguments: &[&str], says: &str| {
            let output = run(arguments);
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(
                !output.status.success() && error.contains(says),
                "{arguments:?}: {error}"
            );
            String::from_utf8_lossy(&output.stdout).into_owned()
        };
        let said = ok(&[
            "add",
            "app.customer.test",
            "--metadata",
            r#"{"a":1}"#,
            "--method",
            "txt",
            "--wildcard",
        ]);
        assert!(said.contains("added app.customer.test"), "{said}");
        assert!(
            said.contains("TXT    _cf-custom-hostname.app.customer.test"),
            "{said}"
        );
        if place.is_empty() {
            assert!(
                said.contains("CNAME  app.customer.test  edge.platform.test"),
                "{said}"
            );
        }
        fails(&["add", "app.customer.test"], "Duplicate");
        fails(&["add", "b.customer.test", "--metadata", "{"], "no JSON");
        fails(
            &["add", "b.customer.test", "--method", "email"],
            "`http` or `txt`",
        );
        fails(&["add", "co.uk"], "public suffix");
        // An address that is not public is the operator's to name.
        let private = "http://127.0.0.1:8000";
        let origin = match place.is_empty() {
            true => private,
            false => "http://origin.customer.test:8000",
        };
        let add = ["add", "b.customer.test", "--no-ssl", "--origin"];
        if !place.is_empty() {
            fails(&[&add[..], &[private]].concat(), "beside the store");
        }
        ok(&[&add[..], &[origin]].concat());
        let listed = ok(&["list"]);
        assert_eq!(
            listed,
            "app.customer.test  pending  certificate initializing\nb.customer.test  pending  no certificate\n"
        );
        assert_eq!(ok(&["list", "--zone", "zone-3"]), "");
        let shown: Value = serde_json::from_str(&ok(&["show", "APP.customer.test"])).expect("JSON");
        assert_eq!(shown["custom_metadata"], json!({ "a": 1 }));
        assert_eq!(shown["ssl"]["wildcard"], true);
        let said = fails(
            &["wait", "b.customer.test", "--timeout", "0"],
            "is not served after 0 s",
        );
        assert!(said.contains("waits for its owner"), "{said}");
        fails(
            &["show", "nobody.customer.test"],
            "no custom hostname nobody.customer.test",
        );
        fails(&["remove", "nobody.customer.test"], "no custom hostname");
        ok(&["remove", "app.customer.test"]);
        ok(&["remove", "b.customer.test"]);
        assert_eq!(ok(&["list"]), "");
        match place.is_empty() {
            true => {
                let trusted = ["--trusted", "--no-ssl", "--zone", OTHER];
                ok(&[&["add", "c.customer.test"], &trusted[..]].concat());
            }
            false => {
                fails(&["add", "d.customer.test", "--trusted"], "beside the store");
            }
        }
        let waited = ok(&["wait", "c.customer.test", "--zone", OTHER]);
        assert_eq!(waited, "c.customer.test is served\n");
    }
}

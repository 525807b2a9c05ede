//! Certificates that are uploaded for custom hostnames, and signing requests.

use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, CustomExtension, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use serde_json::{Value, json};

use super::harness::redis::Redis;
use super::hostnames_api::{create, done, id, path, start};

const NAME: &str = "app.customer.test";

/// An authority with one below it.
struct Authority {
    root: String,
    middle: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let params = |name: &str| {
            let mut params = CertificateParams::default();
            params
                .distinguished_name
                .push(rcgen::DnType::OrganizationName, name);
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
            params
        };
        let key = KeyPair::generate().expect("a key");
        let root = params("Root").self_signed(&key).expect("a certificate");
        let above = Issuer::new(params("Root"), key);
        let key = KeyPair::generate().expect("a key");
        let middle = params("Middle")
            .signed_by(&key, &above)
            .expect("a certificate");
        Self {
            root: root.pem(),
            middle: middle.pem(),
            issuer: Issuer::new(params("Middle"), key),
        }
    }

    fn leaf(&self, names: &[&str], key: &KeyPair) -> String {
        self.leaf_from(names, key, |_| {})
    }

    fn leaf_from(
        &self,
        names: &[&str],
        key: &KeyPair,
        change: impl FnOnce(&mut CertificateParams),
    ) -> String {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("names");
        change(&mut params);
        params
            .signed_by(key, &self.issuer)
            .expect("a certificate")
            .pem()
    }
}

fn rsa() -> KeyPair {
    KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).expect("a key")
}

fn ecdsa() -> KeyPair {
    KeyPair::generate().expect("a key")
}

fn pair(certificate: &str, key: &str) -> Value {
    json!({ "custom_certificate": certificate, "custom_key": key })
}

fn body_of(ssl: Value) -> Value {
    json!({ "hostname": NAME, "ssl": ssl })
}

/// The record that a name is served by.
async fn one(redis: &Redis, name: &str) -> Option<Value> {
    let found = redis.find(&format!("cirque:certificate:{name}")).await;
    found.map(|text| serde_json::from_slice(&text).expect("JSON"))
}

#[tokio::test]
async fn a_certificate_that_was_uploaded_is_served_as_it_was_meant() {
    let redis = Redis::start().await;
    let (edge, api) = start(&[&redis.setting()]).await;
    let authority = Authority::new();
    let key = ecdsa();
    let leaf = authority.leaf(&[NAME, "*.app.customer.test"], &key);
    // Out of order, with a root, twice, and with text between.
    let chain = format!(
        "{}\nsome text\n{leaf}{}{leaf}",
        authority.root, authority.middle
    );
    let mut ssl = pair(&chain, &key.serialize_pem());
    ssl["wildcard"] = true.into();
    ssl["settings"] = json!({ "min_tls_version": "1.3" });
    let made = done(&create(&api, body_of(ssl)).await, 201);
    let shown = &made["ssl"];
    assert_eq!(shown["status"], "active");
    assert_eq!(shown["issuer"], "Middle");
    assert_eq!(shown["signature"], "ECDSAWithSHA256");
    assert_eq!(shown["hosts"], json!([NAME, "*.app.customer.test"]));
    assert_eq!(shown["certificates"].as_array().map(Vec::len), Some(1));
    let serial = shown["serial_number"].as_str().expect("a number");
    assert!(
        !serial.is_empty() && serial.bytes().all(|byte| byte.is_ascii_digit()),
        "{serial}"
    );
    let record = one(&redis, NAME).await.expect("it is served");
    let ordered = format!("{leaf}{}{}", authority.middle, authority.root).replace("\r\n", "\n");
    assert_eq!(record["chains"][0]["certificate"], ordered);
    assert_eq!(record["custom"], made["id"]);
    assert_eq!(record["settings"], json!({ "min_tls_version": "1.3" }));
    let below = one(&redis, "*.app.customer.test")
        .await
        .expect("it is served");
    assert_ne!(
        below["chains"][0]["key"], record["chains"][0]["key"],
        "sealed for its own place"
    );
    // Settings follow; what else is changed leaves it alone.
    let path = path(&format!("/{}", id(&made)));
    let change = json!({ "ssl": { "settings": { "http2": "off" } } });
    done(&api.json("PATCH", &path, change).await, 202);
    done(
        &api.json("PATCH", &path, json!({ "custom_metadata": { "a": 1 } }))
            .await,
        202,
    );
    done(&api.json("PATCH", &path, json!({})).await, 202);
    let record = one(&redis, NAME).await.expect("it is served");
    assert_eq!(
        record["settings"],
        json!({ "min_tls_version": "1.3", "http2": "off" })
    );
    assert_eq!(record["chains"][0]["certificate"], ordered);
    // The key is nowhere.
    let secret: String = key
        .serialize_pem()
        .lines()
        .nth(1)
        .expect("a line")
        .to_owned();
    for key in redis
        .keys("cirque:*custom-hostname:*")
        .await
        .iter()
        .chain(&redis.keys("cirque:*cert*").await)
    {
        assert!(
            !redis
                .find(key)
                .await
                .is_some_and(|text| String::from_utf8_lossy(&text).contains(&secret)),
            "{key}"
        );
    }
    assert!(!api.get(&path).await.result().to_string().contains(&secret));
    assert!(!edge.log().contains(&secret));
    // Another key seals it.
    let sealed_with = |record: &Value| {
        let text = record["chains"][0]["key"].as_str().expect("a text");
        text.split('.').nth(1).expect("a key's id").to_owned()
    };
    edge.cirque(&["secrets", "rotate"]);
    let after = one(&redis, NAME).await.expect("it is served");
    assert_ne!(sealed_with(&after), sealed_with(&record));
    api.delete(&path).await;
    assert_eq!(one(&redis, NAME).await, None);
    assert_eq!(one(&redis, "*.app.customer.test").await, None);
}

#[tokio::test]
async fn a_certificate_that_cannot_be_served_is_refused() {
    let (edge, api) = start(&[]).await;
    let authority = Authority::new();
    let other = Authority::new();
    let key = ecdsa();
    let pem = key.serialize_pem();
    let good = authority.leaf(&[NAME], &key);
    let at = |from: (i32, u8), to: (i32, u8)| {
        authority.leaf_from(&[NAME], &key, |params| {
            params.not_before = date_time_ymd(from.0, from.1, 1);
            params.not_after = date_time_ymd(to.0, to.1, 1);
        })
    };
    let as_authority = authority.leaf_from(&[NAME], &key, |params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    });
    let promising = authority.leaf_from(&[NAME], &key, |params| {
        // RFC 7633: a list with `status_request`.
        let feature = vec![0x30, 3, 2, 1, 5];
        params.custom_extensions = vec![CustomExtension::from_oid_content(
            &[1, 3, 6, 1, 5, 5, 7, 1, 24],
            feature,
        )];
    });
    let weak = (
        include_str!("certificates/weak.pem"),
        include_str!("certificates/weak.key"),
    );
    let sha1 = (
        include_str!("certificates/sha1.pem"),
        include_str!("certificates/sha1.key"),
    );
    let many: String = (0..11).map(|_| authority.leaf(&[NAME], &key)).collect();
    let huge = format!("{good}{}", "x".repeat(70 << 10));
    let long_key = format!("{pem}{}", "x".repeat(70 << 10));
    for (what, certificate, key, code) in [
        ("nothing", "", pem.as_str(), 1_427),
        ("no PEM", "certificate", &pem, 1_426),
        (
            "no X.509",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
            &pem,
            1_426,
        ),
        ("a broken block", &good[..good.len() / 2], &pem, 1_426),
        ("a key in its place", &pem, &pem, 1_426),
        ("no key", &good, "", 1_428),
        ("what is no key", &good, "key", 1_428),
        ("a certificate as key", &good, &good, 1_428),
        ("another's key", &good, &ecdsa().serialize_pem(), 1_429),
        (
            "a key of another kind",
            &good,
            &rsa().serialize_pem(),
            1_429,
        ),
        ("expired", &at((2001, 1), (2002, 1)), &pem, 1_426),
        ("not yet", &at((2199, 1), (2200, 1)), &pem, 1_426),
        ("a promise of stapling", &promising, &pem, 1_426),
        ("weak", weak.0, weak.1, 1_426),
        ("SHA-1", sha1.0, sha1.1, 1_447),
        ("an authority", &as_authority, &pem, 1_444),
        (
            "two leaves",
            &format!("{good}{}", authority.leaf(&["b.test"], &key)),
            &pem,
            1_444,
        ),
        (
            "another chain",
            &format!("{good}{}", other.middle),
            &pem,
            1_441,
        ),
        ("a gap", &format!("{good}{}", authority.root), &pem, 1_441),
        ("many", &many, &pem, 1_426),
        ("huge", &huge, &pem, 1_426),
        ("a huge key", &good, &long_key, 1_426),
        (
            "another name",
            &authority.leaf(&["b.customer.test"], &key),
            &pem,
            1_446,
        ),
        (
            "a name two labels above",
            &authority.leaf(&["*.test"], &key),
            &pem,
            1_446,
        ),
        ("no name", &authority.leaf(&[], &key), &pem, 1_446),
    ] {
        let answer = create(&api, body_of(pair(certificate, key))).await;
        assert_eq!(
            answer.failure(),
            (400, code),
            "{what}: {}",
            answer.message()
        );
    }
    let mut wildcard = pair(&good, &pem);
    wildcard["wildcard"] = true.into();
    assert_eq!(
        create(&api, body_of(wildcard)).await.failure(),
        (400, 1_446)
    );
    let two = json!({ "custom_cert_bundle": [pair(&good, &pem), pair(&good, &pem)] });
    assert_eq!(create(&api, body_of(two)).await.failure(), (400, 1_444));
    // Nothing of all that was made; one label below a wildcard is good.
    assert_eq!(
        api.get(&path("")).await.json["result_info"]["total_count"],
        0
    );
    let above = authority.leaf(&["*.customer.test"], &key);
    done(&create(&api, body_of(pair(&above, &pem))).await, 201);
    assert!(!edge.log().contains("BEGIN"));
}

#[tokio::test]
async fn a_pack_has_one_certificate_of_each_kind() {
    let (_edge, api) = start(&[]).await;
    let authority = Authority::new();
    let (first, second) = (ecdsa(), rsa());
    let of = |key: &KeyPair| pair(&authority.leaf(&[NAME], key), &key.serialize_pem());
    let bundle = json!({ "custom_cert_bundle": [of(&first), of(&second)] });
    let made = done(&create(&api, body_of(bundle)).await, 201);
    let all = made["ssl"]["certificates"]
        .as_array()
        .expect("a list")
        .clone();
    assert_eq!(all.len(), 2);
    let pack = id(&made["ssl"]);
    let at = |certificate: &str| {
        path(&format!(
            "/{}/certificate_pack/{pack}/certificates/{certificate}",
            id(&made)
        ))
    };
    let (ec, rsa_id) = (id(&all[0]), id(&all[1]));
    let third = ecdsa();
    let answer = api.json("PUT", &at(&rsa_id), of(&third)).await;
    assert_eq!(answer.failure(), (400, 1_444));
    let replaced = done(&api.json("PUT", &at(&ec), of(&third)).await, 202);
    let now = replaced["ssl"]["certificates"]
        .as_array()
        .expect("a list")
        .clone();
    assert_ne!(id(&now[0]), ec);
    assert_eq!(id(&now[1]), rsa_id);
    let nobody = at("0d89c70d-ad9f-4843-b99f-6cc0252067e9");
    assert_eq!(
        api.json("PUT", &nobody, of(&third)).await.failure(),
        (404, 1_436)
    );
    assert_eq!(
        api.json("PUT", &at(&ec), json!({})).await.failure(),
        (404, 1_436)
    );
    assert_eq!(
        api.json("PUT", &at(&rsa_id), json!({})).await.failure(),
        (400, 1_428)
    );
    let removed = api.delete(&at(&rsa_id)).await;
    assert_eq!((removed.status, &removed.json["id"]), (202, &made["id"]));
    assert_eq!(api.delete(&at(&id(&now[0]))).await.failure(), (400, 1_445));
    let left = api.get(&path(&format!("/{}", id(&made)))).await.result();
    assert_eq!(
        left["ssl"]["certificates"].as_array().map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn a_signing_requests_key_stays_and_its_certificate_comes() {
    let redis = Redis::start().await;
    let (_edge, api) = start(&[&redis.setting()]).await;
    let account = format!("/client/v4/accounts/{}/custom_csrs", api.account);
    let zone = path("").replace("custom_hostnames", "custom_csrs");
    let asked = json!({
        "country": "DE", "state": "Berlin", "locality": "Berlin", "organization": "Customer",
        "common_name": NAME, "sans": [NAME],
    });
    let authority = Authority::new();
    for (place, kind) in [(&zone, "p256v1"), (&account, "rsa2048")] {
        let mut body = asked.clone();
        if kind == "p256v1" {
            body["key_type"] = kind.into();
            body["name"] = "mine".into();
        }
        let csr = done(&api.json("POST", place, body).await, 201);
        assert_eq!(csr["key_type"], kind);
        assert_eq!(csr["sans"], json!([NAME]));
        assert!(csr.get("key").is_none());
        let csr_id = id(&csr);
        assert_eq!(api.get(&format!("{place}/{csr_id}")).await.result(), csr);
        assert_eq!(api.get(place).await.result(), json!([csr]));
        assert_eq!(
            api.get(&format!("{place}?page=2")).await.result(),
            json!([])
        );
        // An authority signs it, and the certificate comes without a key.
        let request = csr["csr"].as_str().expect("PEM");
        let params = CertificateSigningRequestParams::from_pem(request).expect("a request");
        let signed = params
            .signed_by(&authority.issuer)
            .expect("a certificate")
            .pem();
        let ssl = json!({ "custom_certificate": signed, "custom_csr_id": csr_id });
        let made = done(&create(&api, body_of(ssl)).await, 201);
        assert_eq!(made["ssl"]["custom_csr_id"], csr_id);
        assert_eq!(made["ssl"]["status"], "active");
        assert_eq!(
            api.delete(&path(&format!("/{}", id(&made)))).await.status,
            200
        );
        let elsewhere = json!({ "custom_certificate": signed, "custom_csr_id": csr_id });
        let other = "/client/v4/zones/other/custom_hostnames";
        let answer = api.json("POST", other, body_of(elsewhere)).await;
        match place == &zone {
            true => assert_eq!(answer.failure(), (404, 1_431), "another zone's"),
            false => drop(done(&answer, 201)),
        }
        assert_eq!(
            api.delete(&format!("{place}/{csr_id}")).await.result(),
            json!({ "id": csr_id })
        );
        assert_eq!(
            api.get(&format!("{place}/{csr_id}")).await.failure(),
            (404, 1_431)
        );
    }
    assert_eq!(
        api.get(&format!("{zone}/1234")).await.failure(),
        (400, 1_430)
    );
    for (field, value) in [
        ("country", json!("Germany")),
        ("country", json!("")),
        ("common_name", json!("a".repeat(65))),
        ("common_name", json!("a b")),
        ("sans", json!([])),
        ("sans", json!(["a b"])),
        ("sans", json!(NAME)),
        ("key_type", json!("rsa1024")),
        ("organization", json!("")),
    ] {
        let mut body = asked.clone();
        body[field] = value.clone();
        assert_eq!(
            api.json("POST", &zone, body).await.failure(),
            (400, 1_400),
            "{field} {value}"
        );
    }
}

#[tokio::test]
async fn one_zones_upload_never_replaces_what_another_zone_serves() {
    let redis = Redis::start().await;
    let (edge, api) = start(&[&redis.setting()]).await;
    let authority = Authority::new();
    let (ours, theirs) = (ecdsa(), ecdsa());
    edge.cirque(&[
        "hostname",
        "add",
        NAME,
        "--zone",
        "owner",
        "--trusted",
        "--no-ssl",
    ]);
    let owner = "/client/v4/zones/owner/custom_hostnames";
    let held = api.get(owner).await.result()[0].clone();
    let ssl = pair(&authority.leaf(&[NAME], &ours), &ours.serialize_pem());
    let change = json!({ "ssl": ssl });
    done(
        &api.json("PATCH", &format!("{owner}/{}", id(&held)), change)
            .await,
        202,
    );
    let served = one(&redis, NAME).await.expect("it is served");
    let ssl = pair(&authority.leaf(&[NAME], &theirs), &theirs.serialize_pem());
    let waiting = done(&create(&api, body_of(ssl)).await, 201);
    assert_eq!(one(&redis, NAME).await, Some(served));
    // It has its own as soon as the hostname is its own.
    api.delete(&format!("{owner}/{}", id(&held))).await;
    let now = one(&redis, NAME).await.expect("it is served");
    assert_eq!(now["custom"], waiting["id"]);
    // What an operator put there stays.
    api.delete(&path(&format!("/{}", id(&waiting)))).await;
    let by_hand = r#"{"chains":[],"settings":{}}"#;
    redis
        .set(&format!("cirque:certificate:{NAME}"), by_hand)
        .await;
    let ssl = pair(&authority.leaf(&[NAME], &ours), &ours.serialize_pem());
    done(&create(&api, body_of(ssl)).await, 201);
    let there = one(&redis, NAME).await.expect("it is there");
    assert_eq!(there["chains"], json!([]));
}

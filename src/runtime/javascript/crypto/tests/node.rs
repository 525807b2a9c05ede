//! Node's webcrypto and ours agree: each row of `vectors.json` is a call and Node's result
//! (tools/vectors.mjs).

use ciborium::Value;
use serde::Deserialize;

use super::{bytes, hex, key, map, run};

/// A call of ours and the result Node has for it.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) op: u32,
    pub(super) arguments: Vec<Value>,
    result: Value,
}

#[derive(Deserialize)]
struct File {
    /// The byte strings of all rows, in hexadecimal.
    blobs: Vec<String>,
    rows: Vec<Written>,
}

/// A row in JSON, where `{"$b": n}` is the n-th byte string.
#[derive(Deserialize)]
struct Written {
    name: String,
    op: u32,
    args: Vec<serde_json::Value>,
    result: serde_json::Value,
}

pub(super) fn rows() -> Vec<Row> {
    let File { blobs, rows } = serde_json::from_str(include_str!("../vectors.json")).unwrap();
    rows.into_iter()
        .map(|row| Row {
            name: row.name,
            op: row.op,
            arguments: row.args.iter().map(|value| cbor(value, &blobs)).collect(),
            result: cbor(&row.result, &blobs),
        })
        .collect()
}

fn cbor(json: &serde_json::Value, blobs: &[String]) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(*value),
        serde_json::Value::Number(value) => Value::Integer(value.as_i64().unwrap().into()),
        serde_json::Value::String(value) => Value::Text(value.clone()),
        serde_json::Value::Array(values) => {
            Value::Array(values.iter().map(|value| cbor(value, blobs)).collect())
        }
        serde_json::Value::Object(members) => match members.get("$b") {
            Some(number) => Value::Bytes(hex(&blobs[number.as_u64().unwrap() as usize])),
            None => {
                let member =
                    |(name, value): (&String, _)| (name.as_str().into(), cbor(value, blobs));
                Value::Map(members.iter().map(member).collect())
            }
        },
    }
}

/// The same value with the members of its maps in order.
fn sorted(value: Value) -> Value {
    match value {
        Value::Map(entries) => {
            let mut entries: Vec<_> = entries
                .into_iter()
                .map(|(name, value)| (name, sorted(value)))
                .collect();
            entries.sort_by(|(left, _), (right, _)| left.as_text().cmp(&right.as_text()));
            Value::Map(entries)
        }
        other => other,
    }
}

#[test]
fn every_call_gives_what_node_gives() {
    let rows = rows();
    assert!(rows.len() > 800, "only {} rows", rows.len());
    let wrong: Vec<_> = rows
        .iter()
        .filter_map(|row| {
            let result = run(row.op, row.arguments.clone());
            let expected = sorted(row.result.clone());
            (result.as_ref().ok().cloned().map(sorted) != Some(expected))
                .then(|| format!("{}: {result:?}", row.name))
        })
        .collect();
    assert!(wrong.is_empty(), "{} rows: {wrong:#?}", wrong.len());
}

/// What Node cannot foretell, for it is random: the signature verifies, the ciphertext opens.
#[test]
fn what_we_make_we_accept() {
    let rows = rows();
    let data = || bytes([5; 70]);
    let private =
        |name: &str| rows.iter().find(|row| row.name == name).unwrap().arguments[1].clone();
    for curve in ["P-256", "P-384", "P-521"] {
        let known = private(&format!("ec {curve} export pkcs8"));
        let made = run(
            20,
            vec![map([
                ("algorithm", "EC".into()),
                ("namedCurve", curve.into()),
            ])],
        )
        .unwrap();
        for key in [known, key("private", made.into_bytes().unwrap())] {
            for hash in ["SHA-1", "SHA-256", "SHA-384", "SHA-512"] {
                let options = [
                    ("algorithm", "ECDSA".into()),
                    ("hash", hash.into()),
                    ("namedCurve", curve.into()),
                ];
                accepted(&key, options, data());
            }
        }
    }
    let made = map([
        ("algorithm", "RSA".into()),
        ("modulusLength", 2048.into()),
        ("publicExponent", bytes([0, 1, 0, 1])),
    ]);
    let made = key(
        "private",
        run(20, vec![made]).unwrap().into_bytes().unwrap(),
    );
    for key in [
        &private("rsa 2048 export pkcs8"),
        &private("rsa 3072 export pkcs8"),
        &made,
    ] {
        for hash in ["SHA-256", "SHA-384", "SHA-512"] {
            accepted(
                key,
                [
                    ("algorithm", "RSASSA-PKCS1-v1_5".into()),
                    ("hash", hash.into()),
                ],
                data(),
            );
            for salt in [0, 1, 20, 32, 48, 64, 126] {
                let options = [
                    ("algorithm", "RSA-PSS".into()),
                    ("hash", hash.into()),
                    ("saltLength", salt.into()),
                ];
                accepted(key, options, data());
            }
        }
        for hash in ["SHA-1", "SHA-256", "SHA-384", "SHA-512"] {
            let options = || {
                map([
                    ("algorithm", "RSA-OAEP".into()),
                    ("hash", hash.into()),
                    ("label", bytes(*b"label")),
                ])
            };
            let sealed = run(32, vec![key.clone(), options(), data()]).unwrap();
            assert_eq!(
                run(33, vec![key.clone(), options(), sealed]),
                Ok(data()),
                "{hash}"
            );
        }
    }
}

fn accepted<const N: usize>(key: &Value, options: [(&str, Value); N], data: Value) {
    let options = map(options);
    let signature = run(30, vec![key.clone(), options.clone(), data.clone()]).unwrap();
    let mut members = options.clone().into_map().unwrap();
    members.push(("signature".into(), signature));
    let verified = run(31, vec![key.clone(), Value::Map(members.clone()), data]);
    assert_eq!(verified, Ok(true.into()), "{options:?}");
    let other = run(31, vec![key.clone(), Value::Map(members), bytes(*b"other")]);
    assert_eq!(other, Ok(false.into()), "{options:?}");
}

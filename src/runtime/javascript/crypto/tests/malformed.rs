//! What the guest may send and should not: each is an error with a name, none a panic.

use ciborium::Value;
use proptest::collection::vec;
use proptest::prelude::*;

use super::node::rows;
use super::{bytes, call, encoded, key, map, name_of, run};

const OPERATIONS: [u32; 33] = [
    1, 2, 3, 4, 5, 10, 11, 12, 20, 21, 22, 30, 31, 32, 33, 34, 35, 36, 40, 41, 42, 43, 44, 45, 46,
    47, 50, 51, 52, 53, 54, 55, 100,
];

/// Which errors the standard has a use for.
const NAMES: [&str; 6] = [
    "OperationError",
    "DataError",
    "NotSupportedError",
    "InvalidAccessError",
    "QuotaExceededError",
    "TypeError",
];

#[test]
fn what_is_not_an_array_of_arguments_is_a_type_error() {
    let huge_length = [0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    let huge_bytes = [0x81, 0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    let deep = [0x81; 100_000];
    for op in OPERATIONS {
        for malformed in [
            &[][..],
            &[0xf6],
            &[0xff],
            &[0x80, 0x80],
            &[0xa0],
            &[0x9f],
            &[0x81, 0xa1, 0x61],
            &huge_length,
            &huge_bytes,
            &deep,
        ] {
            let failure = call(op, malformed).expect_err("malformed");
            assert_eq!(
                failure.name, "TypeError",
                "{op} {malformed:02x?}: {failure}"
            );
        }
    }
    assert_eq!(call(999, &[0x80]).unwrap_err().name, "TypeError");
}

#[test]
fn every_beginning_of_a_good_call_is_a_type_error() {
    for row in rows().iter().step_by(7) {
        let whole = encoded(&Value::Array(row.arguments.clone()));
        for length in (0..whole.len()).step_by(1 + whole.len() / 40) {
            let failure = call(row.op, &whole[..length]).expect_err("cut off");
            assert_eq!(failure.name, "TypeError", "{} {length}", row.name);
        }
        let mut longer = whole;
        longer.push(0xf6);
        assert_eq!(
            call(row.op, &longer).unwrap_err().name,
            "TypeError",
            "{}",
            row.name
        );
    }
}

#[test]
fn arguments_of_another_type_are_type_errors() {
    for (op, arguments) in [
        (10, vec!["SHA-256".into(), "text".into()]),
        (
            10,
            vec!["SHA-256".into(), Value::Array(vec![1.into(), 2.into()])],
        ),
        (10, vec!["SHA-256".into()]),
        (10, vec!["SHA-256".into(), bytes([]), bytes([])]),
        (1, vec![16.0.into()]),
        (1, vec![(-1).into()]),
        (3, vec![Value::Null]),
        (
            20,
            vec![map([
                ("algorithm", "AES".into()),
                ("length", 128.into()),
                ("more", 1.into()),
            ])],
        ),
        (
            20,
            vec![map([("algorithm", "DES".into()), ("length", 56.into())])],
        ),
        (
            30,
            vec![
                key("secret", []),
                map([("algorithm", "HMAC".into())]),
                bytes([]),
            ],
        ),
        (
            30,
            vec![
                key("other", []),
                map([("algorithm", "HMAC".into()), ("hash", "SHA-1".into())]),
                bytes([]),
            ],
        ),
    ] {
        assert_eq!(
            name_of(run(op, arguments.clone())),
            "TypeError",
            "{op} {arguments:?}"
        );
    }
}

/// Any CBOR value the guest could think of, with the words of our options in it.
fn value() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "algorithm",
        "hash",
        "SHA-256",
        "P-256",
        "namedCurve",
        "type",
        "data",
        "secret",
        "private",
        "public",
        "raw",
        "iv",
        "HMAC",
        "ECDSA",
        "RSA-PSS",
        "AES-GCM",
        "AES-CTR",
        "PBKDF2",
        "HKDF",
        "length",
        "saltLength",
        "signature",
        "spki",
        "pkcs8",
        "jwkPrivateRsa",
        "format",
        "jwkprivate",
        "AES-KW",
        "tagLength",
        "ctrLength",
        "counter",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0..300_i64).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
        vec(any::<u8>(), 0..80).prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(4, 24, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::Array),
            vec((word.clone().prop_map(Value::from), inner), 0..6).prop_map(Value::Map),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_bytes_make_a_call_panic(op in 0..110_u32, bytes in vec(any::<u8>(), 0..200)) {
        if let Err(failure) = call(op, &bytes) {
            prop_assert!(NAMES.contains(&failure.name));
        }
    }

    #[test]
    fn no_values_make_a_call_panic(op in prop::sample::select(OPERATIONS.to_vec()), arguments in vec(value(), 0..5)) {
        if let Err(failure) = call(op, &encoded(&Value::Array(arguments))) {
            prop_assert!(NAMES.contains(&failure.name));
        }
    }

    /// Good calls with a few bytes changed reach further in than random ones.
    #[test]
    fn no_damage_makes_a_call_panic(number in any::<prop::sample::Index>(), damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        thread_local!(static CALLS: Vec<(u32, Vec<u8>)> = rows().iter().map(|row| (row.op, encoded(&Value::Array(row.arguments.clone())))).collect());
        let (op, mut bytes) = CALLS.with(|calls| number.get(calls).clone());
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Err(failure) = call(op, &bytes) {
            prop_assert!(NAMES.contains(&failure.name));
        }
    }
}

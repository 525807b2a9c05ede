//! Well-formed calls that are refused: what we leave out, what is out of bounds, keys that are
//! none.

use ciborium::Value;

use super::node::rows;
use super::{bytes, key, map, name_of, run};

#[test]
fn what_we_leave_out_is_refused_by_name() {
    let refused = run(100, vec!["op_crypto_sign_mldsa".into()]).unwrap_err();
    assert_eq!(
        (refused.name, refused.message.as_str()),
        ("NotSupportedError", "op_crypto_sign_mldsa is not supported")
    );
    let long = run(100, vec!["long".repeat(1000).into()]).unwrap_err();
    assert_eq!(long.message.len(), 300);
    let hmac = |hash: &str| map([("algorithm", "HMAC".into()), ("hash", hash.into())]);
    for (op, arguments) in [
        (10, vec!["SHA3-256".into(), bytes([])]),
        (30, vec![key("secret", [1]), hmac("SHA3-256"), bytes([])]),
        (30, vec![key("secret", [1]), hmac("MD5"), bytes([])]),
        (
            32,
            vec![
                key("secret", [0; 32]),
                map([("algorithm", "AES-OCB".into()), ("iv", bytes([]))]),
                bytes([]),
            ],
        ),
        (
            32,
            vec![
                key("secret", [0; 32]),
                map([("algorithm", "ChaCha20-Poly1305".into())]),
                bytes([]),
            ],
        ),
        (
            20,
            vec![map([
                ("algorithm", "EC".into()),
                ("namedCurve", "P-224".into()),
            ])],
        ),
        (20, vec![rsa(1024, &[1, 0, 1])]),
        (20, vec![rsa(8192, &[1, 0, 1])]),
        (20, vec![rsa(u32::MAX, &[1, 0, 1])]),
    ] {
        assert_eq!(
            name_of(run(op, arguments.clone())),
            "NotSupportedError",
            "{op} {arguments:?}"
        );
    }
    assert_eq!(name_of(run(20, vec![rsa(2048, &[3])])), "OperationError");
    assert_eq!(name_of(run(20, vec![rsa(2048, &[])])), "OperationError");
}

fn rsa(bits: u32, exponent: &[u8]) -> Value {
    map([
        ("algorithm", "RSA".into()),
        ("modulusLength", bits.into()),
        ("publicExponent", bytes(exponent)),
    ])
}

#[test]
fn the_small_operations_keep_their_bounds() {
    assert_eq!(
        run(1, vec![65_536.into()])
            .unwrap()
            .into_bytes()
            .unwrap()
            .len(),
        65_536
    );
    assert_eq!(name_of(run(1, vec![65_537.into()])), "QuotaExceededError");
    assert_eq!(name_of(run(4, vec!["a+b/".into()])), "DataError");
    assert_eq!(run(5, vec![bytes(*b"ab"), bytes(*b"ab")]), Ok(true.into()));
    assert_eq!(run(5, vec![bytes(*b"ab"), bytes(*b"ac")]), Ok(false.into()));
    assert_eq!(
        name_of(run(5, vec![bytes(*b"ab"), bytes(*b"abc")])),
        "TypeError"
    );
    let uuid = run(2, vec![]).unwrap().into_text().unwrap();
    assert_eq!(
        (uuid.len(), &uuid[14..15], uuid.matches('-').count()),
        (36, "4", 4)
    );
    assert_ne!(run(2, vec![]).unwrap().into_text().unwrap(), uuid);
}

#[test]
fn keys_that_are_none_are_data_errors() {
    let rows = rows();
    let argument = |name: &str, at: usize| {
        rows.iter()
            .find(|row| row.name == name)
            .unwrap_or_else(|| panic!("{name}"))
            .arguments[at]
            .clone()
    };
    let member = |value: &Value, name: &str| {
        value
            .as_map()
            .unwrap()
            .iter()
            .find(|(key, _)| key.as_text() == Some(name))
            .unwrap()
            .1
            .clone()
    };
    let ec = |curve: &str| map([("algorithm", "ECDSA".into()), ("namedCurve", curve.into())]);
    let point = member(&argument("ec P-256 import raw", 1), "raw")
        .into_bytes()
        .unwrap();
    let changed = |bytes: &[u8], at: usize| {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 1;
        bytes
    };
    let jwk = argument("ec P-256 import jwk private", 1);
    let with = |jwk: &Value, form: &str, name: &str, value: Value| {
        let mut members = member(jwk, form).into_map().unwrap();
        members
            .iter_mut()
            .find(|(key, _)| key.as_text() == Some(name))
            .unwrap()
            .1 = value;
        map([(form, Value::Map(members))])
    };
    let rsa = argument("rsa 2048 import jwk private", 1);
    let rsa_options = || argument("rsa 2048 import jwk private", 0);
    for (what, options, data) in [
        (
            "off the curve",
            ec("P-256"),
            map([("raw", bytes(changed(&point, 40)))]),
        ),
        (
            "of the hybrid form",
            ec("P-256"),
            map([("raw", bytes([&[6 | point[64] & 1], &point[1..]].concat()))]),
        ),
        ("at infinity", ec("P-256"), map([("raw", bytes([0]))])),
        ("no bytes", ec("P-256"), map([("raw", bytes([]))])),
        (
            "of another curve",
            ec("P-384"),
            map([("raw", bytes(point.clone()))]),
        ),
        (
            "spki of another curve",
            ec("P-384"),
            argument("ec P-256 import spki", 1),
        ),
        (
            "pkcs8 of another curve",
            ec("P-384"),
            argument("ec P-256 import pkcs8", 1),
        ),
        (
            "spki of RSA",
            ec("P-256"),
            argument("rsa 2048 import spki", 1),
        ),
        (
            "pkcs8 of RSA",
            ec("P-256"),
            argument("rsa 2048 import pkcs8", 1),
        ),
        (
            "jwk with another's d",
            ec("P-256"),
            with(&jwk, "jwkPrivateEc", "d", "A".repeat(42).into()),
        ),
        (
            "jwk with d zero",
            ec("P-256"),
            with(&jwk, "jwkPrivateEc", "d", "A".repeat(43).into()),
        ),
        (
            "jwk with a short x",
            ec("P-256"),
            with(&jwk, "jwkPrivateEc", "x", "AAAA".into()),
        ),
        (
            "jwk with no base64",
            ec("P-256"),
            with(&jwk, "jwkPrivateEc", "x", "!".into()),
        ),
        (
            "spki of EC",
            rsa_options(),
            argument("ec P-256 import spki", 1),
        ),
        (
            "RSA of two keys",
            rsa_options(),
            with(&rsa, "jwkPrivateRsa", "p", "AQAB".into()),
        ),
        (
            "RSA with another d",
            rsa_options(),
            with(&rsa, "jwkPrivateRsa", "d", "AQAB".into()),
        ),
        (
            "RSA with another qi",
            rsa_options(),
            with(&rsa, "jwkPrivateRsa", "qi", "AQAB".into()),
        ),
    ] {
        assert_eq!(name_of(run(21, vec![options, data])), "DataError", "{what}");
    }
    let tiny = map([(
        "jwkPublicRsa",
        map([("n", "AQAB".into()), ("e", "AQAB".into())]),
    )]);
    assert_eq!(
        name_of(run(21, vec![rsa_options(), tiny])),
        "NotSupportedError"
    );
    let giant = map([(
        "jwkPublicRsa",
        map([("n", "_".repeat(2740).into()), ("e", "AQAB".into())]),
    )]);
    assert_eq!(
        name_of(run(21, vec![rsa_options(), giant])),
        "NotSupportedError"
    );
    // A key of 1024 bits comes in and goes out, but does nothing.
    let small = argument("rsa 1024 export pkcs8", 1);
    let options = || {
        map([
            ("algorithm", "RSASSA-PKCS1-v1_5".into()),
            ("hash", "SHA-256".into()),
        ])
    };
    assert_eq!(
        name_of(run(30, vec![small, options(), bytes([])])),
        "NotSupportedError"
    );
    // A public key signs nothing.
    let public = argument("rsa 2048 export spki", 1);
    assert_eq!(
        name_of(run(30, vec![public, options(), bytes([])])),
        "InvalidAccessError"
    );
}

//! Hashes, HMAC and derivation: the standards' known answers, and the bounds.

use ciborium::Value;

use super::{bytes, encoded, hex, key, map, name_of, run};

/// FIPS 180-4 examples ("abc"), RFC 1321 §A.5.
#[test]
fn digests_of_abc() {
    for (hash, digest) in [
        ("MD5", "900150983cd24fb0d6963f7d28e17f72"),
        ("SHA-1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (
            "SHA-256",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ),
        (
            "SHA-384",
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
        ),
        (
            "SHA-512",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
             2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        ),
    ] {
        assert_eq!(
            run(10, vec![hash.into(), bytes(*b"abc")]),
            Ok(bytes(hex(digest))),
            "{hash}"
        );
    }
}

#[test]
fn a_digest_in_pieces_is_the_digest_of_the_whole() {
    let whole: Vec<u8> = (0..1000_u32).map(|number| number as u8).collect();
    for hash in ["MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"] {
        for size in [1, 63, 64, 65, 127, 128, 129, 1000] {
            let state = whole.chunks(size).fold(Value::Null, |state, chunk| {
                run(11, vec![hash.into(), state, bytes(chunk)]).unwrap()
            });
            let finished = run(12, vec![hash.into(), state]);
            assert_eq!(
                finished,
                run(10, vec![hash.into(), bytes(whole.clone())]),
                "{hash} in {size}"
            );
        }
        let nothing = run(12, vec![hash.into(), Value::Null]);
        assert_eq!(nothing, run(10, vec![hash.into(), bytes([])]));
        // A forged state is refused or read, and harms nobody.
        assert_eq!(
            name_of(run(12, vec![hash.into(), bytes([0; 7])])),
            "TypeError"
        );
        for length in 0..300 {
            let _ = run(
                11,
                vec![hash.into(), bytes(vec![0xff; length]), bytes([1; 300])],
            );
        }
    }
}

/// RFC 4231 §4.2 and §4.7 (a key longer than the block).
#[test]
fn hmac_of_rfc_4231() {
    let options = || map([("algorithm", "HMAC".into()), ("hash", "SHA-256".into())]);
    for (secret, data, mac) in [
        (
            vec![0x0b; 20],
            &b"Hi There"[..],
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            vec![0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
    ] {
        assert_eq!(
            run(30, vec![key("secret", secret), options(), bytes(data)]),
            Ok(bytes(hex(mac)))
        );
    }
}

/// RFC 5869 §A.1, RFC 6070 §2 (the second vector).
#[test]
fn derivation_of_the_rfcs() {
    let hkdf = map([
        ("algorithm", "HKDF".into()),
        ("hash", "SHA-256".into()),
        ("info", bytes(hex("f0f1f2f3f4f5f6f7f8f9"))),
        ("length", 336.into()),
    ]);
    let salt = bytes(hex("000102030405060708090a0b0c"));
    assert_eq!(
        run(34, vec![key("secret", [0x0b; 22]), Value::Null, hkdf, salt]),
        Ok(bytes(hex(
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
        )))
    );
    assert_eq!(
        pbkdf2("SHA-1", 2, 160),
        Ok(bytes(hex("ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957")))
    );
}

/// Cloudflare's bound on the iterations, and ours on the work.
#[test]
fn pbkdf2_is_bounded() {
    assert!(pbkdf2("SHA-256", 100_000, 8).is_ok());
    let refused = pbkdf2("SHA-256", 100_001, 8).unwrap_err();
    assert_eq!(refused.name, "NotSupportedError");
    assert!(refused.message.contains("100000"), "{}", refused.message);
    assert_eq!(name_of(pbkdf2("SHA-256", 0, 8)), "OperationError");
    assert_eq!(name_of(pbkdf2("SHA-256", 1, 0)), "OperationError");
    assert_eq!(name_of(pbkdf2("SHA-256", 1, 9)), "OperationError");
    assert_eq!(
        name_of(pbkdf2("SHA-256", 100_000, 256 * 9)),
        "NotSupportedError"
    );
    assert_eq!(
        name_of(pbkdf2("SHA-256", 1, u32::MAX - 7)),
        "NotSupportedError"
    );
    assert!(pbkdf2("SHA-256", 1, 800_000).is_ok());
}

/// With secrets around a block's length, and outputs of several blocks.
#[test]
fn pbkdf2_agrees_with_the_library() {
    use aws_lc_rs::pbkdf2;
    let rounds = std::num::NonZeroU32::new(3).unwrap();
    for (hash, algorithm) in [
        ("SHA-1", pbkdf2::PBKDF2_HMAC_SHA1),
        ("SHA-256", pbkdf2::PBKDF2_HMAC_SHA256),
        ("SHA-384", pbkdf2::PBKDF2_HMAC_SHA384),
        ("SHA-512", pbkdf2::PBKDF2_HMAC_SHA512),
    ] {
        for length in [0, 1, 63, 64, 65, 127, 128, 129, 300] {
            let (secret, salt) = (vec![7; length], vec![9; length / 2]);
            let mut expected = vec![0; length + 5];
            pbkdf2::derive(algorithm, rounds, &salt, &secret, &mut expected);
            let options = map([
                ("algorithm", "PBKDF2".into()),
                ("hash", hash.into()),
                ("iterations", 3.into()),
                ("length", (8 * (length as u64 + 5)).into()),
            ]);
            let arguments = vec![key("secret", secret), Value::Null, options, bytes(salt)];
            assert_eq!(run(34, arguments), Ok(bytes(expected)), "{hash} {length}");
        }
    }
}

#[test]
fn pbkdf2_asks_whether_it_may_go_on() {
    let options = map([
        ("algorithm", "PBKDF2".into()),
        ("hash", "SHA-256".into()),
        ("iterations", 100_000.into()),
        ("length", 512.into()),
    ]);
    let arguments = vec![key("secret", [1]), Value::Null, options, bytes([2])];
    let arguments = encoded(&Value::Array(arguments));
    let mut asked = 0;
    let stopped = super::super::call(34, &arguments, &mut || {
        asked += 1;
        asked < 3
    });
    assert_eq!(stopped.unwrap_err().name, "OperationError");
    assert_eq!(asked, 3);
}

fn pbkdf2(hash: &str, iterations: u32, bits: u32) -> Result<Value, super::Failure> {
    let options = map([
        ("algorithm", "PBKDF2".into()),
        ("hash", hash.into()),
        ("iterations", iterations.into()),
        ("length", bits.into()),
    ]);
    run(
        34,
        vec![
            key("secret", *b"password"),
            Value::Null,
            options,
            bytes(*b"salt"),
        ],
    )
}

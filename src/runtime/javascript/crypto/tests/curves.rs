//! Elliptic curves: the standards' known answers.

use super::{bytes, hex, key, map, run};

/// RFC 8032 §7.1, test 2; RFC 7748 §6.1.
#[test]
fn curve25519_of_the_rfcs() {
    let seed = hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    let public = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    let signature = hex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
         085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    );
    assert_eq!(
        run(41, vec![key("raw", seed), bytes([0x72])]),
        Ok(bytes(signature.clone()))
    );
    assert_eq!(
        run(
            42,
            vec![key("raw", public), bytes([0x72]), bytes(signature)]
        ),
        Ok(true.into())
    );
    let alice = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    let bob = hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    let shared = hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
    assert_eq!(
        run(52, vec![key("raw", alice), key("raw", bob)]),
        Ok(bytes(shared))
    );
}

/// RFC 6979 §A.2.5: hashes of every length on P-256.
#[test]
fn ecdsa_of_rfc_6979() {
    let point = hex(
        "04 60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6\
         7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
    );
    for (hash, signature) in [
        (
            "SHA-1",
            "61340c88c3aaebeb4f6d667f672ca9759a6ccaa9fa8811313039ee4a35471d32\
             6d7f147dac089441bb2e2fe8f7a3fa264b9c475098fdcf6e00d7c996e1b8b7eb",
        ),
        (
            "SHA-256",
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716\
             f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
        ),
        (
            "SHA-512",
            "8496a60b5e9b47c825488827e0495b0e3fa109ec4568fd3f8d1097678eb97f00\
             2362ab1adbe2b8adf9cb9edab740ea6049c028114f2460f96554f61fae3302fe",
        ),
    ] {
        let options = map([
            ("algorithm", "ECDSA".into()),
            ("hash", hash.into()),
            ("namedCurve", "P-256".into()),
            ("signature", bytes(hex(signature))),
        ]);
        let verified = run(
            31,
            vec![key("public", point.clone()), options, bytes(*b"sample")],
        );
        assert_eq!(verified, Ok(true.into()), "{hash}");
    }
}

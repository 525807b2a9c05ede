//! AES: the standards' known answers, and forgeries.

use super::{bytes, hex, key, map, name_of, run};

/// SP 800-38A F.2.1, F.5.1 and F.5.5 (the first block or two).
#[test]
fn aes_of_sp_800_38a() {
    let plain = hex("6bc1bee22e409f96e93d7e117393172a");
    let secret = || key("secret", hex("2b7e151628aed2a6abf7158809cf4f3c"));
    let iv = bytes(hex("000102030405060708090a0b0c0d0e0f"));
    let cbc = map([
        ("algorithm", "AES-CBC".into()),
        ("length", 128.into()),
        ("iv", iv),
    ]);
    let sealed = run(32, vec![secret(), cbc, bytes(plain.clone())])
        .unwrap()
        .into_bytes()
        .unwrap();
    assert_eq!(sealed[..16], hex("7649abac8119b246cee98e9b12e9197d"));
    let ctr = |bits: u32, length: u32| {
        map([
            ("algorithm", "AES-CTR".into()),
            ("keyLength", length.into()),
            ("counter", bytes(hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"))),
            ("ctrLength", bits.into()),
        ])
    };
    assert_eq!(
        run(32, vec![secret(), ctr(128, 128), bytes(plain.clone())]),
        Ok(bytes(hex("874d6191b620e3261bef6864990db6ce")))
    );
    let secret256 = key(
        "secret",
        hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"),
    );
    assert_eq!(
        run(32, vec![secret256, ctr(128, 256), bytes(plain)]),
        Ok(bytes(hex("601ec313775789a5b7a7f504bbf3d228")))
    );
    // Four bits count sixteen blocks.
    assert!(run(32, vec![secret(), ctr(4, 128), bytes([0; 256])]).is_ok());
    assert_eq!(
        name_of(run(32, vec![secret(), ctr(4, 128), bytes([0; 257])])),
        "OperationError"
    );
    assert_eq!(
        name_of(run(32, vec![secret(), ctr(0, 128), bytes([0; 1])])),
        "OperationError"
    );
    assert_eq!(
        name_of(run(32, vec![secret(), ctr(129, 128), bytes([0; 1])])),
        "OperationError"
    );
}

/// "The Galois/Counter Mode of Operation", McGrew and Viega, appendix B: cases 3 to 6, which have
/// IVs of 12, 8 and 60.
#[test]
fn gcm_of_mcgrew_and_viega() {
    let secret = || key("secret", hex("feffe9928665731c6d6a8f9467308308"));
    let plain = hex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
         1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    );
    let aad = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    for (iv, sealed) in [
        (
            "cafebabefacedbaddecaf888",
            "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e\
             21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091 5bc94fbc3221a5db94fae95ae7121a47",
        ),
        (
            "cafebabefacedbad",
            "61353b4c2806934a777ff51fa22a4755699b2a714fcdc6f83766e5f97b6c7423\
             73806900e49f24b22b097544d4896b424989b5e1ebac0f07c23f4598 3612d2e79e3b0785561be14aaca2fccb",
        ),
        (
            "9313225df88406e555909c5aff5269aa6a7a9538534f7da1e4c303d2a318a728c3c0c95156809539fcf0e2429a6b5254\
             16aedbf5a0de6a57a637b39b",
            "8ce24998625615b603a033aca13fb894be9112a5c3a211a8ba262a3cca7e2ca7\
             01e4a9a4fba43c90ccdcb281d48c7c6fd62875d2aca417034c34aee5 619cc5aefffe0bfa462af43c1699d050",
        ),
    ] {
        let options = |bits: u32| {
            map([
                ("algorithm", "AES-GCM".into()),
                ("length", 128.into()),
                ("iv", bytes(hex(iv))),
                ("additionalData", bytes(aad.clone())),
                ("tagLength", bits.into()),
            ])
        };
        let sealed = hex(sealed);
        for bits in [32, 64, 96, 104, 112, 120, 128_u32] {
            let cut = &sealed[..plain.len() + bits as usize / 8];
            assert_eq!(
                run(32, vec![secret(), options(bits), bytes(plain.clone())]),
                Ok(bytes(cut))
            );
            assert_eq!(
                run(33, vec![secret(), options(bits), bytes(cut)]),
                Ok(bytes(plain.clone()))
            );
            for at in [0, plain.len(), cut.len() - 1] {
                let mut forged = cut.to_vec();
                forged[at] ^= 1;
                let opened = run(33, vec![secret(), options(bits), bytes(forged)]);
                assert_eq!(
                    name_of(opened),
                    "OperationError",
                    "iv {iv}, tag {bits}, byte {at}"
                );
            }
            assert_eq!(
                name_of(run(33, vec![secret(), options(bits), bytes([0; 3])])),
                "OperationError"
            );
        }
        assert_eq!(
            name_of(run(32, vec![secret(), options(31), bytes([])])),
            "OperationError"
        );
    }
}

/// RFC 3394 §4: each size of key with each size of what it wraps.
#[test]
fn key_wrap_of_rfc_3394() {
    let kek = hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    let data = hex("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
    let options = || map([("algorithm", "AES-KW".into())]);
    for (kek_bytes, data_bytes, wrapped) in [
        (16, 16, "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"),
        (24, 16, "96778b25ae6ca435f92b5b97c050aed2468ab8a17ad84e5d"),
        (32, 16, "64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7"),
        (
            24,
            24,
            "031d33264e15d33268f24ec260743edce1c6c7ddee725a936ba814915c6762d2",
        ),
        (
            32,
            24,
            "a8f9bc1612c68b3ff6e6f4fbe30e71e4769c8b80a32cb8958cd5d17d6b254da1",
        ),
        (
            32,
            32,
            "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21",
        ),
    ] {
        let (kek, data) = (key("secret", &kek[..kek_bytes]), bytes(&data[..data_bytes]));
        let wrapped = hex(wrapped);
        assert_eq!(
            run(35, vec![kek.clone(), options(), data.clone()]),
            Ok(bytes(wrapped.clone()))
        );
        assert_eq!(
            run(36, vec![kek.clone(), options(), bytes(wrapped.clone())]),
            Ok(data)
        );
        let forged: Vec<u8> = wrapped.iter().map(|byte| byte ^ 1).collect();
        assert_eq!(
            name_of(run(36, vec![kek.clone(), options(), bytes(forged)])),
            "OperationError"
        );
        assert_eq!(
            name_of(run(36, vec![kek, options(), bytes(&wrapped[..16])])),
            "OperationError"
        );
    }
}

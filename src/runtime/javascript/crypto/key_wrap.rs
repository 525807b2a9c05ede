//! AES-KW (RFC 3394). aws-lc-rs wraps with 128 and 256 bits but not with 192, so the six rounds are
//! here, over its blocks, for all three.

use aws_lc_rs::constant_time;
use serde::Deserialize;

use super::aes::{Block, BlockDecryption, BlockEncryption};
use super::keys::Key;
use super::{Bytes, Failure, Reply};

/// RFC 3394 §2.2.3.1.
const INITIAL_VALUE: [u8; 8] = [0xa6; 8];
/// A private RSA key of 16384 bits as JWK is 13 KB; the bound is for whoever wraps something else.
const WRAPPED_BYTES_MAX: usize = 65_536;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Options {
    algorithm: String,
}

pub(super) fn wrap((key, options, data): (Key, Options, Bytes)) -> Result<Reply, Failure> {
    options.check()?;
    let cipher = BlockEncryption::new(key.secret()?)?;
    let mut registers = registers(&data)?;
    if registers.len() < 2 {
        return Err(Failure::operation(
            "the data to wrap must be at least 16 bytes",
        ));
    }
    let mut check = INITIAL_VALUE;
    let mut step = 0_u64;
    for _ in 0..6 {
        for register in &mut registers {
            step += 1;
            let mut block = joined(check, *register);
            cipher.apply(&mut block)?;
            (check, *register) = parted(block);
            check = (u64::from_be_bytes(check) ^ step).to_be_bytes();
        }
    }
    registers.insert(0, check);
    Ok(Reply::bytes(registers.concat()))
}

pub(super) fn unwrap((key, options, data): (Key, Options, Bytes)) -> Result<Reply, Failure> {
    options.check()?;
    let failed = || Failure::operation("decryption error - integrity check failed");
    let cipher = BlockDecryption::new(key.secret()?)?;
    let mut registers = registers(&data)?;
    if registers.len() < 3 {
        return Err(failed());
    }
    let mut check = registers.remove(0);
    let mut step = 6 * registers.len() as u64;
    for _ in 0..6 {
        for register in registers.iter_mut().rev() {
            check = (u64::from_be_bytes(check) ^ step).to_be_bytes();
            step -= 1;
            let mut block = joined(check, *register);
            cipher.apply(&mut block)?;
            (check, *register) = parted(block);
        }
    }
    constant_time::verify_slices_are_equal(&check, &INITIAL_VALUE).map_err(|_| failed())?;
    Ok(Reply::bytes(registers.concat()))
}

impl Options {
    fn check(&self) -> Result<(), Failure> {
        match self.algorithm.as_str() {
            "AES-KW" => Ok(()),
            other => Err(Failure::not_supported(format!(
                "wrapping with {other} is not supported"
            ))),
        }
    }
}

fn registers(data: &[u8]) -> Result<Vec<[u8; 8]>, Failure> {
    let (registers, rest) = data.as_chunks::<8>();
    if !rest.is_empty() {
        return Err(Failure::operation("Data must be multiple of 8 bytes"));
    }
    if data.len() > WRAPPED_BYTES_MAX {
        return Err(Failure::operation(format!(
            "at most {WRAPPED_BYTES_MAX} bytes can be wrapped"
        )));
    }
    Ok(registers.to_vec())
}

fn joined(left: [u8; 8], right: [u8; 8]) -> Block {
    (u128::from(u64::from_be_bytes(left)) << 64 | u128::from(u64::from_be_bytes(right)))
        .to_be_bytes()
}

fn parted(block: Block) -> ([u8; 8], [u8; 8]) {
    let block = u128::from_be_bytes(block);
    (
        ((block >> 64) as u64).to_be_bytes(),
        (block as u64).to_be_bytes(),
    )
}

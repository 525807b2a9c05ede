//! `Math.random()`. QuickJS seeds its own generator once, which would be in the image: every request would see the same
//! numbers. Ours takes its seed from the host on first use in an instance.

use crate::host;
use crate::life::LIFE;
use crate::single::Single;

/// The next number of [0, 1).
pub fn number() -> f64 {
    let state = match LIFE.borrow().is_loading {
        true => LOADING.borrow(),
        false => seeded(),
    };
    // xorshift64*: fast, and nobody may take Math.random() for secrets.
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1_u64 << 53) as f64
}

/// While a worker is loaded the seed is fixed, so that the same source gives the same image.
static LOADING: Single<u64> = Single::new(0x9e37_79b9_7f4a_7c15);
/// 0 in the image: no seed yet.
static STATE: Single<u64> = Single::new(0);

fn seeded() -> &'static mut u64 {
    let state = STATE.borrow();
    if *state == 0 {
        let mut seed = [0; 8];
        host::random(&mut seed);
        *state = u64::from_le_bytes(seed) | 1;
    }
    state
}

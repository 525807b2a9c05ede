//! Known answers, agreement with Node, and what malformed calls come to.

mod ciphers;
mod curves;
mod hashes;
mod malformed;
mod node;
mod refused;

use ciborium::Value;

use super::Failure;

fn call(op: u32, arguments: &[u8]) -> Result<Vec<u8>, Failure> {
    super::call(op, arguments, &mut || true)
}

/// Calls an operation with CBOR values.
fn run(op: u32, arguments: Vec<Value>) -> Result<Value, Failure> {
    let reply = call(op, &encoded(&Value::Array(arguments)))?;
    Ok(ciborium::from_reader(&*reply).unwrap())
}

fn encoded(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    ciborium::into_writer(value, &mut out).unwrap();
    out
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(
        entries
            .into_iter()
            .map(|(name, value)| (name.into(), value))
            .collect(),
    )
}

fn bytes(bytes: impl Into<Vec<u8>>) -> Value {
    Value::Bytes(bytes.into())
}

fn key(kind: &str, data: impl Into<Vec<u8>>) -> Value {
    map([("type", kind.into()), ("data", bytes(data))])
}

fn name_of(result: Result<Value, Failure>) -> &'static str {
    result.expect_err("the call fails").name
}

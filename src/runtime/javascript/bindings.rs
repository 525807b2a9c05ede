//! Bindings that answer at once, without a request (engine/README.md).

use ciborium::Value;

use super::arguments::Arguments;
use super::host::Host;

/// The numbers of the operations, beside those of [`super::crypto`].
const LIMIT: u32 = 70;

/// Whether an operation is one of these.
pub(super) fn is_ours(operation: u32) -> bool {
    operation == LIMIT
}

/// Does it: its result in CBOR, or the error that the worker gets.
///
/// # Errors
/// When the arguments are none that the engine gives.
pub(super) fn call(
    host: &mut Host,
    _operation: u32,
    arguments: &[u8],
) -> wasmtime::Result<Result<Vec<u8>, String>> {
    let mut arguments = Arguments::read(arguments)?;
    let (binding, key) = (arguments.text()?, arguments.text()?);
    let done = host.outbound.admit(&binding, &key).map(Value::Bool);
    Ok(match done {
        Ok(value) => Ok(encoded(&value)?),
        Err(error) => {
            let (name, message) = error.parts();
            Err(format!("{name}: {message}"))
        }
    })
}

fn encoded(value: &Value) -> wasmtime::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes)?;
    Ok(bytes)
}

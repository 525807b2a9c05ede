//! Bindings that answer at once, without a request (engine/README.md).

use ciborium::Value;

use super::arguments::Arguments;
use super::host::Host;
use super::wire::Malformed;
use crate::model::point::Point;
use crate::runtime::calls::CallError;

/// The numbers of the operations, beside those of [`super::crypto`].
const LIMIT: u32 = 70;
const WRITE: u32 = 71;

/// Whether an operation is one of these.
pub(super) fn is_ours(operation: u32) -> bool {
    matches!(operation, LIMIT | WRITE)
}

/// Does it: its result in CBOR, or the error that the worker gets.
///
/// # Errors
/// When the arguments are none that the engine gives.
pub(super) fn call(
    host: &mut Host,
    operation: u32,
    arguments: &[u8],
) -> wasmtime::Result<Result<Vec<u8>, String>> {
    let mut arguments = Arguments::read(arguments)?;
    let binding = arguments.text()?;
    let done = match operation {
        LIMIT => host
            .outbound
            .admit(&binding, &arguments.text()?)
            .map(Value::Bool),
        _ => match point(&mut arguments)? {
            Ok(point) => host.outbound.write(&binding, &point).map(|()| Value::Null),
            Err(error) => Err(error),
        },
    };
    Ok(match done {
        Ok(value) => Ok(encoded(&value)?),
        Err(error) => {
            let (name, message) = error.parts();
            Err(format!("{name}: {message}"))
        }
    })
}

fn point(arguments: &mut Arguments) -> Result<Result<Point, CallError>, Malformed> {
    let indexes = arguments.list(Arguments::blob)?;
    let blobs = arguments.list(Arguments::blob)?;
    let doubles = arguments.list(|item| item.number()?.ok_or(Malformed))?;
    Ok(Point::new(indexes, blobs, doubles).map_err(|e| CallError::Binding(e.to_string())))
}

fn encoded(value: &Value) -> wasmtime::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes)?;
    Ok(bytes)
}

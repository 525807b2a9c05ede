//! What the engine gives an operation: an array in CBOR, taken one after the other.

use ciborium::Value;

use super::wire::Malformed;

/// The arguments that are left.
pub(super) struct Arguments(std::vec::IntoIter<Value>);

impl Arguments {
    pub(super) fn read(message: &[u8]) -> Result<Self, Malformed> {
        match ciborium::from_reader(message) {
            Ok(Value::Array(values)) => Ok(Self(values.into_iter())),
            _ => Err(Malformed),
        }
    }

    pub(super) fn text(&mut self) -> Result<String, Malformed> {
        self.optional_text()?.ok_or(Malformed)
    }

    pub(super) fn optional_text(&mut self) -> Result<Option<String>, Malformed> {
        match self.0.next() {
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(Value::Null) => Ok(None),
            _ => Err(Malformed),
        }
    }

    pub(super) fn texts(&mut self) -> Result<Vec<String>, Malformed> {
        let Some(Value::Array(values)) = self.0.next() else {
            return Err(Malformed);
        };
        let text = |value: Value| value.into_text().map_err(|_| Malformed);
        values.into_iter().map(text).collect()
    }

    /// A list of what `read` takes, one item at a time.
    pub(super) fn list<T>(
        &mut self,
        read: impl Fn(&mut Self) -> Result<T, Malformed>,
    ) -> Result<Vec<T>, Malformed> {
        let Some(Value::Array(values)) = self.0.next() else {
            return Err(Malformed);
        };
        let mut items = Self(values.into_iter());
        (0..items.0.len()).map(|_| read(&mut items)).collect()
    }

    /// A text or bytes, or nothing.
    pub(super) fn blob(&mut self) -> Result<Option<Vec<u8>>, Malformed> {
        match self.0.next() {
            Some(Value::Text(text)) => Ok(Some(text.into_bytes())),
            Some(Value::Bytes(bytes)) => Ok(Some(bytes)),
            Some(Value::Null) => Ok(None),
            _ => Err(Malformed),
        }
    }

    pub(super) fn bytes(&mut self) -> Result<Vec<u8>, Malformed> {
        match self.0.next() {
            Some(Value::Bytes(bytes)) => Ok(bytes),
            _ => Err(Malformed),
        }
    }

    pub(super) fn number(&mut self) -> Result<Option<f64>, Malformed> {
        match self.0.next() {
            Some(Value::Integer(number)) => Ok(Some(i128::from(number) as f64)),
            Some(Value::Float(number)) => Ok(Some(number)),
            Some(Value::Null) => Ok(None),
            _ => Err(Malformed),
        }
    }
}

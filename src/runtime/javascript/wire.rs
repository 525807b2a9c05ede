//! What goes through the engine's buffer, as engine/README.md lays it down: little-endian, lengths before contents.

use http::{HeaderMap, HeaderName, HeaderValue};

/// Bytes from a guest that do not follow the layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// Writes values one after the other.
#[derive(Default)]
pub(super) struct Writer(pub Vec<u8>);

impl Writer {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    pub(super) fn u8(&mut self, value: u8) -> &mut Self {
        self.0.push(value);
        self
    }

    pub(super) fn u16(&mut self, value: u16) -> &mut Self {
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    pub(super) fn u32(&mut self, value: usize) -> &mut Self {
        // Whatever is longer would not fit into the guest's memory either, and is refused there.
        let value = u32::try_from(value).unwrap_or(u32::MAX);
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    /// A length and its bytes.
    pub(super) fn text(&mut self, bytes: &[u8]) -> &mut Self {
        self.u32(bytes.len());
        self.0.extend_from_slice(bytes);
        self
    }

    /// A length and the bytes of several parts.
    pub(super) fn texts(&mut self, parts: &[&[u8]]) -> &mut Self {
        self.u32(parts.iter().map(|part| part.len()).sum());
        for part in parts {
            self.0.extend_from_slice(part);
        }
        self
    }

    pub(super) fn headers(&mut self, headers: &HeaderMap) -> &mut Self {
        self.u32(headers.len());
        for (name, value) in headers {
            self.text(name.as_str().as_bytes()).text(value.as_bytes());
        }
        self
    }
}

/// Reads what a guest wrote; every length is checked against what is there.
pub(super) struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, bytes: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(bytes).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.take(N)?.try_into().map_err(|_| Malformed)
    }

    pub(super) fn u8(&mut self) -> Result<u8, Malformed> {
        self.array().map(u8::from_le_bytes)
    }

    pub(super) fn u16(&mut self) -> Result<u16, Malformed> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Malformed> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.u32()?;
        self.take(usize::try_from(length).map_err(|_| Malformed)?)
    }

    pub(super) fn text(&mut self) -> Result<&'a str, Malformed> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Malformed)
    }

    /// Header fields; those that only the host writes are dropped.
    pub(super) fn headers(
        &mut self,
        is_forbidden: impl Fn(&HeaderName) -> bool,
    ) -> Result<HeaderMap, Malformed> {
        let count = self.u32()?;
        let mut headers = HeaderMap::new();
        for _ in 0..count {
            let name = HeaderName::from_bytes(self.bytes()?).map_err(|_| Malformed)?;
            let value = HeaderValue::from_bytes(self.bytes()?).map_err(|_| Malformed)?;
            if !is_forbidden(&name) {
                headers.try_append(name, value).map_err(|_| Malformed)?;
            }
        }
        Ok(headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut writer = Writer::default();
        let mut headers = HeaderMap::new();
        headers.append("a", HeaderValue::from_static("1"));
        headers.append("a", HeaderValue::from_static("2"));
        headers.append("connection", HeaderValue::from_static("x"));
        writer
            .u16(404)
            .texts(&[b"http://", b"host"])
            .headers(&headers);
        let mut reader = Reader(&writer.0);
        assert_eq!(reader.u16(), Ok(404));
        assert_eq!(reader.text(), Ok("http://host"));
        let read = reader
            .headers(|name| name == "connection")
            .expect("headers");
        assert_eq!(read.get_all("a").iter().count(), 2);
        assert_eq!(read.len(), 2);
        assert_eq!(reader.0, b"");
    }

    #[test]
    fn lengths_beyond_the_end_are_malformed() {
        let forbidden = |_: &HeaderName| false;
        for bytes in [
            &b""[..],
            &[1],
            &[255, 255, 255, 255],
            &[4, 0, 0, 0, 1, 2, 3],
        ] {
            assert_eq!(Reader(bytes).bytes(), Err(Malformed), "{bytes:?}");
            assert_eq!(
                Reader(bytes).headers(forbidden).err(),
                Some(Malformed),
                "{bytes:?}"
            );
        }
        assert_eq!(Reader(&[1, 0, 0, 0, 255]).text(), Err(Malformed));
        let mut header = Writer::default();
        header.u32(1).text(b"a\n").text(b"");
        assert_eq!(Reader(&header.0).headers(forbidden).err(), Some(Malformed));
    }
}

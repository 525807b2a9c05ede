//! The layouts that go through the exchange buffer (README.md, "What goes through the buffer").

use crate::js::{Answer, Js, Thrown, Value};

/// Reads a layout from its beginning. What is missing reads as empty: the host is trusted, and a wrong length must not trap.
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub fn u8(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    pub fn u16(&mut self) -> u16 {
        self.take(2).try_into().map(u16::from_le_bytes).unwrap_or(0)
    }

    pub fn u32(&mut self) -> u32 {
        self.take(4).try_into().map(u32::from_le_bytes).unwrap_or(0)
    }

    pub fn bytes(&mut self) -> &'a [u8] {
        let len = self.u32() as usize;
        self.take(len)
    }

    pub fn str(&mut self) -> &'a str {
        std::str::from_utf8(self.bytes()).unwrap_or("")
    }

    /// Where a list of pairs lies; it is read later, if anybody asks.
    pub fn pairs(&mut self) -> &'a [u8] {
        let start = self.0;
        for _ in 0..self.u32() {
            self.bytes();
            self.bytes();
        }
        &start[..start.len() - self.0.len()]
    }

    fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        taken
    }
}

/// Walks a list of pairs that `Reader::pairs` has found.
pub fn each_pair(pairs: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut reader = Reader(pairs);
    let count = reader.u32();
    (0..count).map(move |_| (reader.bytes(), reader.bytes()))
}

/// A header list as Deno's classes keep it: an array of [name, value]. Owned.
pub fn header_list(js: Js, pairs: &[u8]) -> Answer {
    let list = js.new_array()?;
    for (index, (name, value)) in each_pair(pairs).enumerate() {
        let pair = js.new_array_of(&[js.isomorphic(name)?, js.isomorphic(value)?])?;
        js.put(list, index as u32, pair)?;
    }
    Ok(list)
}

/// Writes a layout.
#[derive(Default)]
pub struct Writer(pub Vec<u8>);

impl Writer {
    pub fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    pub fn u16(&mut self, value: u16) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.u32(bytes.len() as u32);
        self.0.extend_from_slice(bytes);
    }

    pub fn isomorphic(&mut self, js: Js, text: Value) -> Result<(), Thrown> {
        self.bytes(&js.text(text)?.isomorphic());
        Ok(())
    }

    /// An array of [name, value].
    pub fn header_list(&mut self, js: Js, list: Value) -> Result<(), Thrown> {
        let count = js.length(list)?;
        self.u32(count);
        for index in 0..count {
            let pair = js.at(list, index)?;
            for part in 0..2 {
                let text = js.at(pair, part)?;
                self.isomorphic(js, text)?;
                js.free(text);
            }
            js.free(pair);
        }
        Ok(())
    }
}

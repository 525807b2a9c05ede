//! The operations of Deno's `14_compression.js`.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::{
    DeflateDecoder, DeflateEncoder, GzDecoder, GzEncoder, ZlibDecoder, ZlibEncoder,
};

use super::{Arguments, Table, table};
use crate::js::{Answer, Class, Js, NULL};
use crate::single::Single;
use crate::slab::Slab;

pub const OPS: Table = table![
    op_compression_new,
    op_compression_write,
    op_compression_finish
];

static STREAMS: Single<Slab<Stream>> = Single::new(Slab::new());

/// (format, does it decompress) → stream
fn op_compression_new(js: Js, arguments: Arguments) -> Answer {
    let format = js.text(arguments.at(0))?;
    let stream = match (&*format, js.is_true(arguments.at(1))) {
        ("gzip", false) => Stream::Gzip(GzEncoder::new(Vec::new(), Compression::default())),
        ("gzip", true) => Stream::Gunzip(GzDecoder::new(Vec::new())),
        ("deflate", false) => Stream::Zlib(ZlibEncoder::new(Vec::new(), Compression::default())),
        ("deflate", true) => Stream::Unzlib(ZlibDecoder::new(Vec::new())),
        ("deflate-raw", false) => {
            Stream::Deflate(DeflateEncoder::new(Vec::new(), Compression::default()))
        }
        ("deflate-raw", true) => Stream::Inflate(DeflateDecoder::new(Vec::new())),
        _ => return Err(js.throw(Class::Type, "The compression format is not supported")),
    };
    Ok(js.new_number(STREAMS.borrow().put(stream).into()))
}

/// (stream, bytes) → what has come out so far
fn op_compression_write(js: Js, arguments: Arguments) -> Answer {
    let bytes = js.bytes(arguments.at(1))?;
    let number = arguments.u32(js, 0)?;
    let Some(stream) = STREAMS.borrow().get(number) else {
        return Err(js.throw(Class::Type, "The stream is closed"));
    };
    match stream.write(bytes) {
        Ok(out) => js.new_bytes(&out),
        Err(error) => Err(js.throw(Class::Type, &error.to_string())),
    }
}

/// (stream, does anybody want the rest) → the rest
fn op_compression_finish(js: Js, arguments: Arguments) -> Answer {
    let number = arguments.u32(js, 0)?;
    let is_wanted = js.is_true(arguments.at(1));
    match (STREAMS.borrow().take(number).map(Stream::finish), is_wanted) {
        (Some(Ok(rest)), true) => js.new_bytes(&rest),
        (Some(Err(error)), true) => Err(js.throw(Class::Type, &error.to_string())),
        _ => Ok(NULL),
    }
}

enum Stream {
    Gzip(GzEncoder<Vec<u8>>),
    Gunzip(GzDecoder<Vec<u8>>),
    Zlib(ZlibEncoder<Vec<u8>>),
    Unzlib(ZlibDecoder<Vec<u8>>),
    Deflate(DeflateEncoder<Vec<u8>>),
    Inflate(DeflateDecoder<Vec<u8>>),
}

impl Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip(stream) => pass(stream, bytes, GzEncoder::get_mut),
            Self::Gunzip(stream) => pass_in(stream, bytes, GzDecoder::get_mut),
            Self::Zlib(stream) => pass(stream, bytes, ZlibEncoder::get_mut),
            Self::Unzlib(stream) => pass_in(stream, bytes, ZlibDecoder::get_mut),
            Self::Deflate(stream) => pass(stream, bytes, DeflateEncoder::get_mut),
            Self::Inflate(stream) => pass_in(stream, bytes, DeflateDecoder::get_mut),
        }
    }

    fn finish(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip(stream) => stream.finish(),
            Self::Gunzip(stream) => stream.finish(),
            Self::Zlib(stream) => stream.finish(),
            Self::Unzlib(stream) => stream.finish(),
            Self::Deflate(stream) => stream.finish(),
            Self::Inflate(stream) => stream.finish(),
        }
    }
}

fn pass<S: Write>(
    stream: &mut S,
    bytes: &[u8],
    out: fn(&mut S) -> &mut Vec<u8>,
) -> io::Result<Vec<u8>> {
    stream.write_all(bytes)?;
    Ok(std::mem::take(out(stream)))
}

/// A decompressor gives what it has as soon as it is asked to; a compressor would lose by it.
fn pass_in<S: Write>(
    stream: &mut S,
    bytes: &[u8],
    out: fn(&mut S) -> &mut Vec<u8>,
) -> io::Result<Vec<u8>> {
    stream.write_all(bytes)?;
    stream.flush()?;
    Ok(std::mem::take(out(stream)))
}

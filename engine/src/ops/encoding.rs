//! Text to bytes and back: the operations of Deno's `08_text_encoding.js`, and base64.

use encoding_rs::{CoderResult, Decoder, DecoderResult, Encoding};

use super::{Arguments, Table, table};
use crate::js::{Answer, Class, Js, NULL, UNDEFINED};
use crate::single::Single;
use crate::slab::Slab;

pub const OPS: Table = table![
    encode,
    decode,
    op_encoding_normalize_label,
    op_encoding_decode_utf8_ascii_only,
    op_encoding_new_decoder,
    op_encoding_decode,
    op_encoding_decode_single,
    op_encoding_encode_into_fallback,
    is_byte_string,
    op_base64_encode_from_buffer,
    op_base64_decode,
];

/// (text) → its UTF-8
fn encode(js: Js, arguments: Arguments) -> Answer {
    js.new_bytes(js.text(arguments.at(0))?.as_bytes())
}

/// (bytes, keep the byte order mark) → text, with U+FFFD for what is no UTF-8
fn decode(js: Js, arguments: Arguments) -> Answer {
    let mut bytes = &*js.bytes(arguments.at(0))?;
    if !js.is_true(arguments.at(1)) {
        bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => js.string(text),
        Err(_) => js.string(&String::from_utf8_lossy(bytes)),
    }
}

fn op_encoding_normalize_label(js: Js, arguments: Arguments) -> Answer {
    let label = js.text(arguments.at(0))?;
    match Encoding::for_label_no_replacement(label.as_bytes()) {
        Some(encoding) => js.string(&encoding.name().to_ascii_lowercase()),
        None => Err(js.throw(
            Class::Range,
            &format!("The encoding label provided ('{}') is invalid.", &*label),
        )),
    }
}

/// (bytes) → text when all of it is ASCII, else null
fn op_encoding_decode_utf8_ascii_only(js: Js, arguments: Arguments) -> Answer {
    let bytes = js.bytes(arguments.at(0))?;
    if bytes.is_ascii() {
        js.isomorphic(bytes)
    } else {
        Ok(NULL)
    }
}

/// A decoder between two chunks.
struct Decoding {
    decoder: Decoder,
    is_fatal: bool,
}

static DECODERS: Single<Slab<Decoding>> = Single::new(Slab::new());

/// (encoding, is fatal, keep the byte order mark) → decoder
fn op_encoding_new_decoder(js: Js, arguments: Arguments) -> Answer {
    let decoding = decoding(js, arguments, 0)?;
    Ok(js.new_number(DECODERS.borrow().put(decoding).into()))
}

/// (bytes, decoder, is there more) → text
fn op_encoding_decode(js: Js, arguments: Arguments) -> Answer {
    let bytes = js.bytes(arguments.at(0))?;
    let number = arguments.u32(js, 1)?;
    let is_last = !js.is_true(arguments.at(2));
    let Some(decoding) = DECODERS.borrow().get(number) else {
        return Err(js.throw(Class::Type, "The decoder is gone"));
    };
    let text = run(js, decoding, bytes, is_last);
    if is_last {
        DECODERS.borrow().take(number);
    }
    text
}

/// (bytes, encoding, is fatal, keep the byte order mark) → text
fn op_encoding_decode_single(js: Js, arguments: Arguments) -> Answer {
    let mut decoding = decoding(js, arguments, 1)?;
    run(js, &mut decoding, js.bytes(arguments.at(0))?, true)
}

fn decoding(js: Js, arguments: Arguments, first: usize) -> Result<Decoding, crate::js::Thrown> {
    let label = js.text(arguments.at(first))?;
    let encoding =
        Encoding::for_label_no_replacement(label.as_bytes()).unwrap_or(encoding_rs::UTF_8);
    let decoder = match js.is_true(arguments.at(first + 2)) {
        true => encoding.new_decoder_without_bom_handling(),
        false => encoding.new_decoder_with_bom_removal(),
    };
    Ok(Decoding {
        decoder,
        is_fatal: js.is_true(arguments.at(first + 1)),
    })
}

fn run(js: Js, decoding: &mut Decoding, bytes: &[u8], is_last: bool) -> Answer {
    let decoder = &mut decoding.decoder;
    let capacity = decoder
        .max_utf16_buffer_length(bytes.len())
        .unwrap_or(bytes.len())
        + 1;
    let mut units = vec![0; capacity];
    let (is_complete, written) = if decoding.is_fatal {
        let (result, _, written) =
            decoder.decode_to_utf16_without_replacement(bytes, &mut units, is_last);
        (result == DecoderResult::InputEmpty, written)
    } else {
        let (result, _, written, _) = decoder.decode_to_utf16(bytes, &mut units, is_last);
        (result == CoderResult::InputEmpty, written)
    };
    if !is_complete {
        return Err(js.throw(Class::Type, "The encoded data is not valid"));
    }
    js.utf16(&units[..written])
}

/// (text, bytes, result): result[0] = code units read, result[1] = bytes written
fn op_encoding_encode_into_fallback(js: Js, arguments: Arguments) -> Answer {
    let text = js.text(arguments.at(0))?;
    let bytes = js.bytes(arguments.at(1))?;
    let (mut read, mut written) = (0, 0);
    for character in text.chars() {
        let len = character.len_utf8();
        if written + len > bytes.len() {
            break;
        }
        character.encode_utf8(&mut bytes[written..]);
        written += len;
        read += character.len_utf16();
    }
    let result = js.numbers(arguments.at(2))?;
    if let [units, count, ..] = result {
        (*units, *count) = (read as u32, written as u32);
    }
    Ok(UNDEFINED)
}

/// (text): is each code unit a byte?
fn is_byte_string(js: Js, arguments: Arguments) -> Answer {
    let text = js.text(arguments.at(0))?;
    Ok(js.new_bool(text.is_ascii() || text.chars().all(|unit| unit as u32 <= 0xff)))
}

/// (bytes) → base64
fn op_base64_encode_from_buffer(js: Js, arguments: Arguments) -> Answer {
    let bytes = js.bytes(arguments.at(0))?;
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk
            .iter()
            .fold(0, |group, byte| group << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = (group >> (18 - 6 * place)) & 63;
            text.push(if place <= chunk.len() {
                ALPHABET[digit as usize] as char
            } else {
                '='
            });
        }
    }
    js.string(&text)
}

/// (base64, with white space or without padding) → bytes. The web's "forgiving" rules.
fn op_base64_decode(js: Js, arguments: Arguments) -> Answer {
    let text = js.text(arguments.at(0))?;
    match forgiving(&text) {
        Some(bytes) => js.new_bytes(&bytes),
        None => Err(js.throw(
            Class::Type,
            "The string to be decoded is not correctly encoded",
        )),
    }
}

fn forgiving(text: &str) -> Option<Vec<u8>> {
    let mut digits: Vec<u8> = text
        .bytes()
        .filter(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\x0c' | b'\r'))
        .collect();
    if digits.len().is_multiple_of(4) {
        for _ in 0..2 {
            digits.pop_if(|last| *last == b'=');
        }
    }
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    for chunk in digits.chunks(4) {
        if chunk.len() == 1 {
            return None;
        }
        let mut group = 0;
        for digit in chunk {
            group = group << 6 | ALPHABET.iter().position(|known| known == digit)? as u32;
        }
        group <<= 6 * (4 - chunk.len());
        bytes.extend_from_slice(&group.to_be_bytes()[1..chunk.len()]);
    }
    Some(bytes)
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

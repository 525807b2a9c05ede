//! What leaves the engine: the response, streams, operations of the host, timers, the log.

use super::{Arguments, Table, table};
use crate::codec::{Reader, Writer, header_list};
use crate::js::{Answer, Class, Js, Thrown, UNDEFINED, is_nullish, is_string};
use crate::life::LIFE;
use crate::{cbor, host, random};

pub const OPS: Table = table![
    respond,
    fail,
    write,
    finish,
    read,
    start_fetch,
    start,
    parse_response,
    cancel,
    call,
    fill_random,
    random_number,
    log,
    now_us,
    start_timer,
    cancel_timer,
    count_wait_until,
    listen_to_signal,
    request_headers,
    request_header,
    request_cf,
    is_loading,
];

/// Added to a kind: the body is coded already.
const CODED: u32 = 0x100;

/// (kind, status, status text, header list, body, content type): the body is text, bytes, a source handle, or nothing. Without a
/// list there is only the content type, or no header at all.
fn respond(js: Js, arguments: Arguments) -> Answer {
    let sent = arguments.u32(js, 0)?;
    let kind = sent & !CODED;
    let mut head = Writer(Vec::with_capacity(512));
    head.u16(arguments.u32(js, 1)? as u16);
    head.isomorphic(js, arguments.at(2))?;
    let (list, content_type) = (arguments.at(3), arguments.at(5));
    if !is_nullish(list) {
        head.header_list(js, list)?;
    } else if is_nullish(content_type) {
        head.u32(0);
    } else {
        head.u32(1);
        head.bytes(b"Content-Type");
        head.isomorphic(js, content_type)?;
    }
    let body = arguments.at(4);
    match kind {
        0 if is_string(body) => host::respond(sent, &head.0, js.text(body)?.as_bytes()),
        0 => host::respond(sent, &head.0, js.bytes(body)?),
        2 => host::respond_with_source(&head.0, js.number(body)? as u32),
        _ => host::respond(sent, &head.0, &[]),
    }
    LIFE.borrow().responded(kind != 1);
    Ok(UNDEFINED)
}

/// (kind, text)
fn fail(js: Js, arguments: Arguments) -> Answer {
    let kind = arguments.u32(js, 0)?;
    host::fail(kind, &js.text(arguments.at(1))?);
    LIFE.borrow().responded(true);
    Ok(UNDEFINED)
}

/// (sink, bytes) → 0 taken, 1 wait before the next, 2 nobody reads
fn write(js: Js, arguments: Arguments) -> Answer {
    let sink = arguments.u32(js, 0)?;
    let state = host::write(sink, js.bytes(arguments.at(1))?);
    if state == 1 {
        LIFE.borrow().awaits(sink);
    }
    Ok(js.new_number(state.into()))
}

/// (sink, is_ok, why)
fn finish(js: Js, arguments: Arguments) -> Answer {
    let sink = arguments.u32(js, 0)?;
    host::finish(
        sink,
        js.is_true(arguments.at(1)),
        &js.text(arguments.at(2))?,
    );
    if sink == 0 {
        LIFE.borrow().body_ended();
    }
    Ok(UNDEFINED)
}

fn read(js: Js, arguments: Arguments) -> Answer {
    let source = arguments.u32(js, 0)?;
    host::read(source);
    LIFE.borrow().awaits(source);
    Ok(UNDEFINED)
}

/// (operation, method, url, header list, redirect, what is asked of caches, body kind, body, three texts) → handle; the texts
/// for all operations but the first.
fn start_fetch(js: Js, arguments: Arguments) -> Answer {
    refuse_while_loading(js)?;
    let mut head = Writer::default();
    let operation = arguments.u32(js, 0)?;
    if operation != FETCH {
        for place in 8..11 {
            head.bytes(js.text(arguments.at(place))?.as_bytes());
        }
    }
    head.isomorphic(js, arguments.at(1))?;
    head.bytes(js.text(arguments.at(2))?.as_bytes());
    head.header_list(js, arguments.at(3))?;
    head.u8(arguments.u32(js, 4)? as u8);
    head.bytes(js.text(arguments.at(5))?.as_bytes());
    let kind = arguments.u32(js, 6)? as u8;
    head.u8(kind);
    let body = arguments.at(7);
    match kind {
        1 if is_string(body) => head.bytes(js.text(body)?.as_bytes()),
        1 => head.bytes(js.bytes(body)?),
        3 => head.u32(js.number(body)? as u32),
        _ => {}
    }
    let handle = host::start(operation, &head.0);
    LIFE.borrow().awaits(handle);
    Ok(js.new_number(handle.into()))
}

const FETCH: u32 = 1;

/// (operation, array of arguments) → handle
fn start(js: Js, arguments: Arguments) -> Answer {
    refuse_while_loading(js)?;
    let handle = host::start(arguments.u32(js, 0)?, &cbor::encode(js, arguments.at(1))?);
    LIFE.borrow().awaits(handle);
    Ok(js.new_number(handle.into()))
}

/// (payload of a fetch's DONE) → [status, status text, url, was redirected, has a body, header list]
fn parse_response(js: Js, arguments: Arguments) -> Answer {
    let mut head = Reader(js.bytes(arguments.at(0))?);
    let parts = js.new_array()?;
    js.put(parts, 0, js.new_number(head.u16().into()))?;
    js.put(parts, 1, js.isomorphic(head.bytes())?)?;
    js.put(parts, 2, js.string(head.str())?)?;
    js.put(parts, 3, js.new_bool(head.u8() != 0))?;
    js.put(parts, 4, js.new_bool(head.u8() != 0))?;
    js.put(parts, 5, header_list(js, head.pairs())?)?;
    Ok(parts)
}

fn cancel(js: Js, arguments: Arguments) -> Answer {
    let handle = arguments.u32(js, 0)?;
    host::cancel(handle);
    LIFE.borrow().forgets(handle);
    Ok(UNDEFINED)
}

/// (operation, array of arguments) → the host's result
///
/// While a worker is being loaded the host does what its arguments alone determine, and refuses the others.
fn call(js: Js, arguments: Arguments) -> Answer {
    match host::call(arguments.u32(js, 0)?, &cbor::encode(js, arguments.at(1))?) {
        Ok(result) => cbor::decode(js, &result),
        Err(text) => Err(js.throw(Class::Plain, &text)),
    }
}

/// (bytes): fills them with what cannot be guessed.
fn fill_random(js: Js, arguments: Arguments) -> Answer {
    refuse_while_loading(js)?;
    host::random(js.bytes(arguments.at(0))?);
    Ok(UNDEFINED)
}

fn random_number(js: Js, _: Arguments) -> Answer {
    Ok(js.new_number(random::number()))
}

/// (level, line)
fn log(js: Js, arguments: Arguments) -> Answer {
    host::log(arguments.u32(js, 0)?, &js.text(arguments.at(1))?);
    Ok(UNDEFINED)
}

fn now_us(js: Js, _: Arguments) -> Answer {
    Ok(js.new_number(host::now_us()))
}

/// (delay in ms) → id
fn start_timer(js: Js, arguments: Arguments) -> Answer {
    refuse_while_loading(js)?;
    let delay_ms = js.number(arguments.at(0))?;
    Ok(js.new_number(LIFE.borrow().timers.start(delay_ms).into()))
}

fn cancel_timer(js: Js, arguments: Arguments) -> Answer {
    let id = js.number(arguments.at(0))?;
    LIFE.borrow().timers.cancel(id as u32);
    Ok(UNDEFINED)
}

/// (1 or -1): a promise given to waitUntil is open, or is no longer.
fn count_wait_until(js: Js, arguments: Arguments) -> Answer {
    let change = js.number(arguments.at(0))? as i32;
    LIFE.borrow().change_wait_until(change);
    Ok(UNDEFINED)
}

fn listen_to_signal(_: Js, _: Arguments) -> Answer {
    LIFE.borrow().is_signal_heard = true;
    Ok(UNDEFINED)
}

fn request_headers(js: Js, _: Arguments) -> Answer {
    header_list(js, LIFE.borrow().request.headers)
}

/// (name in lower case) → the header's value, those of several headers joined, or null
fn request_header(js: Js, arguments: Arguments) -> Answer {
    let name = js.text(arguments.at(0))?;
    let mut found: Option<Vec<u8>> = None;
    for (other, value) in crate::codec::each_pair(LIFE.borrow().request.headers) {
        if other.eq_ignore_ascii_case(name.as_bytes()) {
            match &mut found {
                None => found = Some(value.to_vec()),
                Some(values) => {
                    values.extend_from_slice(b", ");
                    values.extend_from_slice(value);
                }
            }
        }
    }
    found.map_or(Ok(crate::js::NULL), |value| js.isomorphic(&value))
}

fn request_cf(js: Js, _: Arguments) -> Answer {
    js.string(LIFE.borrow().request.cf)
}

fn is_loading(js: Js, _: Arguments) -> Answer {
    Ok(js.new_bool(LIFE.borrow().is_loading))
}

fn refuse_while_loading(js: Js) -> Result<(), Thrown> {
    if !LIFE.borrow().is_loading {
        return Ok(());
    }
    Err(js.throw(
        Class::Plain,
        "Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), setting a timeout, and \
         generating random values are not allowed within global scope. Perform it within a handler instead.",
    ))
}

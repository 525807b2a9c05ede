//! The operations of Deno's `00_url.js`: the text of a URL and where its parts begin.

use ::url::{Url, form_urlencoded, quirks};

use super::{Arguments, Table, table};
use crate::js::{Answer, Js, is_nullish};
use crate::single::Single;

pub const OPS: Table = table![
    op_url_parse,
    op_url_parse_with_base,
    op_url_get_serialization,
    op_url_parts,
    op_url_reparse,
    op_url_parse_search_params,
    op_url_stringify_search_params,
];

/// (text) → 0 when the text is the URL as it stands, 1 when the URL is fetched by the next call, 2 when it is none
fn op_url_parse(js: Js, arguments: Arguments) -> Answer {
    let text = js.text(arguments.at(0))?;
    answer(js, Url::parse(&text), &text)
}

fn op_url_parse_with_base(js: Js, arguments: Arguments) -> Answer {
    let (text, base) = (js.text(arguments.at(0))?, js.text(arguments.at(1))?);
    let url = Url::parse(&base).and_then(|base| base.join(&text));
    answer(js, url, &text)
}

fn op_url_get_serialization(js: Js, _: Arguments) -> Answer {
    js.string(&std::mem::take(LAST.borrow()))
}

/// The URL that the last operation has made, when its text was not that of the caller.
static LAST: Single<String> = Single::new(String::new());

/// Where the parts of the URL begin that was last made, as an array.
fn op_url_parts(js: Js, _: Arguments) -> Answer {
    js.new_array_of(&PARTS.borrow().map(|part| js.new_number(part.into())))
}

static PARTS: Single<[u32; 8]> = Single::new([0; 8]);

/// (text, which part, its new value): the numbers of the parts are those of `00_url.js`
fn op_url_reparse(js: Js, arguments: Arguments) -> Answer {
    let (text, value) = (js.text(arguments.at(0))?, js.text(arguments.at(2))?);
    let Ok(mut url) = Url::parse(&text) else {
        return Ok(js.new_number(2.0));
    };
    let set = match arguments.u32(js, 1)? {
        0 => Ok(quirks::set_hash(&mut url, &value)),
        1 => quirks::set_host(&mut url, &value),
        2 => quirks::set_hostname(&mut url, &value),
        3 => quirks::set_password(&mut url, &value),
        4 => Ok(quirks::set_pathname(&mut url, &value)),
        5 => quirks::set_port(&mut url, &value),
        6 => quirks::set_protocol(&mut url, &value),
        7 => Ok(quirks::set_search(&mut url, &value)),
        _ => quirks::set_username(&mut url, &value),
    };
    match set {
        Ok(()) => answer(js, Ok(url), &text),
        Err(()) => Ok(js.new_number(2.0)),
    }
}

/// (text) or (null, bytes) → array of [name, value]
fn op_url_parse_search_params(js: Js, arguments: Arguments) -> Answer {
    if is_nullish(arguments.at(0)) {
        return params(js, js.bytes(arguments.at(1))?);
    }
    params(js, js.text(arguments.at(0))?.as_bytes())
}

fn params(js: Js, encoded: &[u8]) -> Answer {
    let list = js.new_array()?;
    for (index, (name, value)) in form_urlencoded::parse(encoded).enumerate() {
        let pair = js.new_array_of(&[js.string(&name)?, js.string(&value)?])?;
        js.put(list, index as u32, pair)?;
    }
    Ok(list)
}

fn op_url_stringify_search_params(js: Js, arguments: Arguments) -> Answer {
    let list = arguments.at(0);
    let mut encoded = form_urlencoded::Serializer::new(String::new());
    for index in 0..js.length(list)? {
        let pair = js.at(list, index)?;
        let (name, value) = (js.at(pair, 0)?, js.at(pair, 1)?);
        encoded.append_pair(&js.text(name)?, &js.text(value)?);
        js.free(name);
        js.free(value);
        js.free(pair);
    }
    js.string(&encoded.finish())
}

fn answer(js: Js, url: Result<Url, ::url::ParseError>, text: &str) -> Answer {
    let Ok(url) = url else {
        return Ok(js.new_number(2.0));
    };
    fill(&url);
    if url.as_str() == text {
        return Ok(js.new_number(0.0));
    }
    *LAST.borrow() = url.into();
    Ok(js.new_number(1.0))
}

/// Notes where the parts begin; 0 for what is not there: no part can begin at the start of a URL.
fn fill(url: &Url) {
    let found = quirks::internal_components(url);
    *PARTS.borrow() = [
        found.scheme_end,
        found.username_end,
        found.host_start,
        found.host_end,
        found.port.map_or(NO_PORT, u32::from),
        found.path_start,
        found.query_start.unwrap_or(0),
        found.fragment_start.unwrap_or(0),
    ];
}

/// `00_url.js` knows a URL without a port by a number that is none.
const NO_PORT: u32 = 65536;

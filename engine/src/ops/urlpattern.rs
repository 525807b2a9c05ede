//! The operations of Deno's `01_urlpattern.js`. Their arguments and results are JSON: patterns are made once, and matching
//! goes through regular expressions in JavaScript.

use serde_json::{Value as Json, json};
use urlpattern::UrlPatternOptions;
use urlpattern::quirks::{self, StringOrInit, UrlPattern};

use super::{Arguments, Table, table};
use crate::js::{Answer, Class, Js, NULL, Thrown, is_nullish};

pub const OPS: Table = table![urlpattern_parse, urlpattern_match];

/// (input as JSON, base or null, does case not matter) → the pattern's parts as JSON
fn urlpattern_parse(js: Js, arguments: Arguments) -> Answer {
    let (input, base) = input(js, arguments)?;
    let options = UrlPatternOptions {
        ignore_case: js.is_true(arguments.at(2)),
        ..Default::default()
    };
    let pattern = quirks::process_construct_pattern_input(input, base.as_deref())
        .and_then(|init| quirks::parse_pattern::<quirks::EcmaRegexp>(init, options));
    match pattern {
        Ok(pattern) => js.string(&parts(pattern).to_string()),
        Err(error) => Err(js.throw(Class::Type, &error.to_string())),
    }
}

fn parts(pattern: UrlPattern) -> Json {
    let part = |part: quirks::UrlPatternComponent| {
        json!({
            "patternString": part.pattern_string,
            "regexpString": part.regexp_string,
            "groupNameList": part.group_name_list,
        })
    };
    json!({
        "protocol": part(pattern.protocol),
        "username": part(pattern.username),
        "password": part(pattern.password),
        "hostname": part(pattern.hostname),
        "port": part(pattern.port),
        "pathname": part(pattern.pathname),
        "search": part(pattern.search),
        "hash": part(pattern.hash),
        "hasRegexpGroups": pattern.has_regexp_groups,
    })
}

/// (input as JSON, base or null) → the eight parts of the URL as a JSON array, or null when it is none
fn urlpattern_match(js: Js, arguments: Arguments) -> Answer {
    let (input, base) = input(js, arguments)?;
    let found = match quirks::process_match_input(input, base.as_deref()) {
        Ok(found) => found,
        Err(error) => return Err(js.throw(Class::Type, &error.to_string())),
    };
    let Some(url) = found.and_then(|(input, _)| quirks::parse_match_input(input)) else {
        return Ok(NULL);
    };
    let parts = json!([
        url.protocol,
        url.username,
        url.password,
        url.hostname,
        url.port,
        url.pathname,
        url.search,
        url.hash
    ]);
    js.string(&parts.to_string())
}

fn input(js: Js, arguments: Arguments) -> Result<(StringOrInit, Option<String>), Thrown> {
    let input = js.text(arguments.at(0))?;
    let input =
        serde_json::from_str(&input).map_err(|error| js.throw(Class::Type, &error.to_string()))?;
    let base = match is_nullish(arguments.at(1)) {
        true => None,
        false => Some(js.text(arguments.at(1))?.to_string()),
    };
    Ok((input, base))
}

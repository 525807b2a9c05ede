//! Finds where in the sources an upload went wrong, for the errors that QuickJS gives no place for.

use crate::errors::Place;
use crate::modules::{Bundle, Kind};

/// Where `importer` wrote the specifier that means no module.
pub fn of_missing_module(bundle: &Bundle, importer: &str, specifier: &str) -> Option<Place> {
    let source = source(bundle, importer)?;
    let at = specifiers(source).find(|found| found.text == specifier)?.at;
    Some(place(importer, source, at))
}

/// Where some module names an export that another does not have. QuickJS's message: Could not find export 'x' in module 'y'.
pub fn of_missing_export(bundle: &Bundle, message: &str) -> Option<Place> {
    let mut quoted = message.strip_prefix("Could not find export")?.split('\'');
    let (export, module) = (quoted.nth(1)?, quoted.nth(1)?);
    for part in bundle
        .parts
        .iter()
        .filter(|part| part.kind == Kind::EsModule)
    {
        let source = std::str::from_utf8(&part.content).ok()?;
        for specifier in specifiers(source) {
            if bundle.resolve(&part.name, specifier.text).as_deref() != Some(module) {
                continue;
            }
            let statement = source[..specifier.at]
                .rfind("import")
                .max(source[..specifier.at].rfind("export"))?;
            if let Some(at) = word(&source[statement..specifier.at], export) {
                return Some(place(&part.name, source, statement + at));
            }
        }
    }
    None
}

/// Where a regular expression is that does not compile; `is_good` tries one.
pub fn of_bad_regex(bundle: &Bundle, is_good: impl Fn(&str, &str) -> bool) -> Option<Place> {
    for part in bundle
        .parts
        .iter()
        .filter(|part| matches!(part.kind, Kind::EsModule | Kind::CommonJs))
    {
        let Ok(source) = std::str::from_utf8(&part.content) else {
            continue;
        };
        if let Some(regex) = regexes(source)
            .into_iter()
            .find(|regex| !is_good(regex.pattern, regex.flags))
        {
            return Some(place(&part.name, source, regex.at));
        }
    }
    None
}

fn source<'a>(bundle: &'a Bundle, name: &str) -> Option<&'a str> {
    std::str::from_utf8(&bundle.part(name)?.content).ok()
}

fn place(file: &str, source: &str, at: usize) -> Place {
    let before = &source[..at];
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    Place {
        file: file.to_owned(),
        line: before.matches('\n').count() as u32 + 1,
        column: before[line_start..].chars().count() as u32 + 1,
    }
}

struct Specifier<'a> {
    text: &'a str,
    /// Of its opening quote.
    at: usize,
}

/// The strings after `from`, `import` and `import(`, `require(`. A rough look is enough: the place is only shown.
fn specifiers(source: &str) -> impl Iterator<Item = Specifier<'_>> {
    source.match_indices(['"', '\'']).filter_map(|(at, quote)| {
        let before = source[..at].trim_end();
        let opens = ["from", "import", "import(", "require("]
            .iter()
            .any(|word| before.ends_with(word));
        let text = &source[at + 1..];
        let end = text.find(quote)?;
        opens.then_some(Specifier {
            text: &text[..end],
            at,
        })
    })
}

/// Where an identifier stands as a whole word.
fn word(text: &str, name: &str) -> Option<usize> {
    let is_part = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_$".contains(byte))
    };
    let bytes = text.as_bytes();
    text.match_indices(name).map(|(at, _)| at).find(|at| {
        !is_part(at.checked_sub(1).and_then(|before| bytes.get(before)))
            && !is_part(bytes.get(at + name.len()))
    })
}

struct Regex<'a> {
    pattern: &'a str,
    flags: &'a str,
    at: usize,
}

/// What looks like a regular expression: a slash where an operand may begin. Strings, templates and comments are stepped over.
fn regexes(source: &str) -> Vec<Regex<'_>> {
    let bytes = source.as_bytes();
    let (mut found, mut at, mut last) = (Vec::new(), 0, b'(');
    while at < bytes.len() {
        let byte = bytes[at];
        match byte {
            b'/' if bytes.get(at + 1) == Some(&b'/') => at = end_of(source, at, "\n"),
            b'/' if bytes.get(at + 1) == Some(&b'*') => at = end_of(source, at + 2, "*/"),
            b'/' if may_begin_operand(source, at, last) => {
                let Some(end) = end_of_regex(bytes, at + 1) else {
                    break;
                };
                let flags = bytes[end + 1..]
                    .iter()
                    .take_while(|byte| byte.is_ascii_alphabetic())
                    .count();
                found.push(Regex {
                    pattern: &source[at + 1..end],
                    flags: &source[end + 1..end + 1 + flags],
                    at,
                });
                at = end + flags;
                last = b'0';
            }
            b'"' | b'\'' | b'`' => {
                at = end_of_string(bytes, at + 1, byte);
                last = b'0';
            }
            byte if byte.is_ascii_whitespace() => {}
            byte => last = byte,
        }
        at += 1;
    }
    found
}

/// After an operator, an opening bracket or a keyword a slash opens an expression; after a value it divides.
fn may_begin_operand(source: &str, at: usize, last: u8) -> bool {
    let before = source[..at].trim_end();
    b"(,=:[!&|?{};+-*%~^<>".contains(&last)
        || [
            "return", "typeof", "case", "in", "of", "do", "else", "void", "delete",
        ]
        .iter()
        .any(|word| before.ends_with(word))
}

fn end_of(source: &str, at: usize, mark: &str) -> usize {
    source[at..]
        .find(mark)
        .map_or(source.len(), |found| at + found + mark.len() - 1)
}

fn end_of_string(bytes: &[u8], mut at: usize, quote: u8) -> usize {
    while at < bytes.len() && bytes[at] != quote {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at
}

fn end_of_regex(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut is_in_class = false;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'[' => is_in_class = true,
            b']' => is_in_class = false,
            b'/' if !is_in_class => return Some(at),
            b'\n' => return None,
            _ => {}
        }
        at += 1;
    }
    None
}

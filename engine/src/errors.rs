//! What an exception says: to the tenant's log, to the host, and in the report of an upload.

use serde_json::{Map, Value as Json};

use crate::js::{Js, Value, is_string};

/// Where in the tenant's sources; lines and columns count from 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    pub file: String,
    pub line: u32,
    pub column: u32,
}

/// An exception's parts. What is thrown need not be an Error, and its properties may be anything.
pub struct Described {
    pub name: String,
    pub message: String,
    pub stack: String,
}

impl Described {
    pub fn of(js: Js, exception: Value) -> Self {
        // SAFETY: looks at the tag.
        if !unsafe { rquickjs::qjs::JS_IsObject(exception) } {
            return Self {
                name: String::new(),
                message: text(js, exception),
                stack: String::new(),
            };
        }
        let part = |name| match js.get(exception, name) {
            Ok(value) => {
                let found = if is_string(value) {
                    text(js, value)
                } else {
                    String::new()
                };
                js.free(value);
                found
            }
            Err(_) => {
                js.free(js.catch());
                String::new()
            }
        };
        Self {
            name: part(c"name"),
            message: part(c"message"),
            stack: part(c"stack").trim_end().to_owned(),
        }
    }

    /// As it stands in a log: what was thrown, and below it where.
    pub fn text(&self) -> String {
        let title = match (self.name.as_str(), self.message.as_str()) {
            ("", message) => message.to_owned(),
            (name, "") => name.to_owned(),
            (name, message) => format!("{name}: {message}"),
        };
        if self.stack.starts_with(&title) {
            return self.stack.clone();
        }
        // The stack's first line says what was thrown as it was when the stack was made.
        match self.stack.find(FRAME).map(|at| &self.stack[at..]) {
            Some(frames) => title + frames,
            None if self.stack.is_empty() => title,
            None => format!("{title}\n{}", self.stack),
        }
    }

    /// The first place on the stack that lies in a file of the tenant.
    pub fn place(&self) -> Option<Place> {
        self.stack
            .lines()
            .filter_map(place_of)
            .find(|place| place.file != API)
    }

    pub fn report(&self, kind: &str, place: Option<Place>) -> String {
        let mut error = Map::new();
        error.insert("kind".into(), kind.into());
        let message = if self.name.is_empty() {
            self.message.clone()
        } else {
            format!("{}: {}", self.name, self.message)
        };
        error.insert("message".into(), message.into());
        error.insert("stack".into(), self.stack.clone().into());
        if let Some(place) = place {
            error.insert("file".into(), place.file.into());
            error.insert("line".into(), place.line.into());
            error.insert("column".into(), place.column.into());
        }
        Json::Object(Map::from_iter([("error".to_owned(), Json::Object(error))])).to_string()
    }
}

/// How a frame begins.
const FRAME: &str = "\n    at ";

/// The name of our own script in stacks.
pub const API: &str = "cirque:api";

/// `    at handler (shop/main.js:12:5)` or `    at main.js:3:1`
fn place_of(line: &str) -> Option<Place> {
    let line = line.trim().strip_prefix("at ")?;
    let inside = match line.rfind('(') {
        Some(open) => line[open + 1..].strip_suffix(')')?,
        None => line,
    };
    let mut parts = inside.rsplitn(3, ':');
    let column = parts.next()?.parse().ok()?;
    let line = parts.next()?.parse().ok()?;
    Some(Place {
        file: parts.next()?.to_owned(),
        line,
        column,
    })
}

fn text(js: Js, value: Value) -> String {
    match js.text(value) {
        Ok(text) => text.to_string(),
        // A symbol, or an object whose toString throws.
        Err(_) => {
            js.free(js.catch());
            "what was thrown cannot be shown as text".to_owned()
        }
    }
}

//! What is wrong with a JavaScript worker, told so that its author finds the place.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::Bundle;
use crate::model::bundle::Content;

/// The longest source line that is shown whole.
const LINE_CHARS_MAX: usize = 160;

/// An error at a worker's top level.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fault {
    /// `syntax`, `exception`, `missing_module`, `missing_export`, `no_handler` or `never_settled`.
    pub kind: String,
    /// The exception's name and message.
    pub message: String,
    /// Where it was thrown, a line each.
    pub stack: Option<String>,
    /// The module.
    pub file: Option<String>,
    /// From 1.
    pub line: Option<u32>,
    /// From 1.
    pub column: Option<u32>,
    /// The line itself.
    pub source: Option<String>,
}

impl Fault {
    /// The same with the line of the source that it points at.
    pub(in crate::runtime) fn with_source(mut self, bundle: &Bundle) -> Self {
        let module = self.file.as_ref().and_then(|file| {
            let named = bundle.modules.iter().find(|module| module.name == *file);
            named.and_then(|module| match &module.content {
                Content::Module(text) | Content::CommonJs(text) | Content::Json(text) => Some(text),
                Content::Text(_) | Content::Data(_) | Content::SourceMap(_) | Content::Wasm(_) => {
                    None
                }
            })
        });
        let line = self.line.and_then(|line| usize::try_from(line).ok());
        self.source = module
            .zip(line)
            .and_then(|(text, line)| text.lines().nth(line.checked_sub(1)?))
            .map(str::to_owned);
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        let Some(file) = &self.file else {
            return Ok(());
        };
        write!(f, "\n    at {file}")?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
        }
        if let Some(source) = &self.source {
            let (shown, column) = window(source, self.column);
            write!(f, "\n      {shown}")?;
            if let Some(column) = column {
                write!(f, "\n      {:>column$}", "^")?;
            }
        }
        Ok(())
    }
}

/// The part of a line around a column, and the column within it: a bundle's line may have a megabyte.
fn window(line: &str, column: Option<u32>) -> (String, Option<usize>) {
    let at = column
        .and_then(|column| usize::try_from(column).ok())
        .unwrap_or(1)
        .max(1);
    let from = match line.chars().count() > LINE_CHARS_MAX {
        true => (at - 1).saturating_sub(LINE_CHARS_MAX / 2),
        false => 0,
    };
    // A tab is as wide as the space that marks its place.
    let shown: String = line
        .chars()
        .skip(from)
        .take(LINE_CHARS_MAX)
        .map(|c| if c == '\t' { ' ' } else { c })
        .collect();
    (shown, column.map(|_| at - from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::bundle::Syntax;

    #[test]
    fn a_fault_shows_the_line_it_points_at() {
        let code = "const a = 1;\n\tconst b = ;\n";
        let bundle = Bundle::single(Syntax::Modules, "worker.js", code.into()).expect("a bundle");
        let fault = Fault {
            message: "SyntaxError: unexpected token".into(),
            file: Some("worker.js".into()),
            line: Some(2),
            column: Some(12),
            ..Fault::default()
        };
        assert_eq!(
            fault.with_source(&bundle).to_string(),
            "SyntaxError: unexpected token\n    at worker.js:2:12\n       const b = ;\n                 ^"
        );
    }

    #[test]
    fn only_a_part_of_a_long_line_is_shown() {
        let line = format!("{}HERE{}", "x".repeat(1_000), "y".repeat(1_000));
        let (shown, column) = window(&line, Some(1_001));
        assert_eq!(shown.chars().count(), LINE_CHARS_MAX);
        let at = column.expect("a column") - 1;
        assert_eq!(shown.chars().skip(at).take(4).collect::<String>(), "HERE");
    }
}

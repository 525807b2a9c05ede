//! `cirque check`.

use super::{CliError, Global, say};

pub(super) fn check(global: &Global) -> Result<(), CliError> {
    global.conf()?;
    match &global.config {
        Some(path) => say(&format!("{}: the settings can be used", path.display())),
        None => say("the built-in settings can be used"),
    }
    Ok(())
}

//! Where a list goes on: the last key of the page before, in a form that nobody takes for a key.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::model::kv::InvalidKv;

/// The cursor behind a key.
pub fn cursor(key: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("1{key}"))
}

/// The key that a cursor stands behind; empty for none.
///
/// # Errors
/// [`InvalidKv::Cursor`] when no list gave it out.
pub fn after(cursor: &str) -> Result<String, InvalidKv> {
    if cursor.is_empty() {
        return Ok(String::new());
    }
    let bytes = URL_SAFE_NO_PAD
        .decode(cursor)
        .map_err(|_| InvalidKv::Cursor)?;
    let text = String::from_utf8(bytes).map_err(|_| InvalidKv::Cursor)?;
    let key = text.strip_prefix('1').ok_or(InvalidKv::Cursor)?;
    Ok(key.to_owned())
}

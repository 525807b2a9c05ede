//! Whether workers run.

use serde::{Deserialize, Deserializer, Serialize};

/// Whether a script's, or a namespace's, workers run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// They do.
    #[default]
    Active,
    /// They do not, and what ran has been ended.
    Suspended,
}

impl Status {
    /// Whether it is [`Status::Active`].
    pub fn is_active(&self) -> bool {
        *self == Self::Active
    }
}

/// Whatever else somebody wrote, it was not that workers should run.
impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(match text.as_str() {
            "active" => Self::Active,
            _ => Self::Suspended,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_active_is_active() {
        let read = |text| serde_json::from_str::<Status>(text).map_err(drop);
        assert_eq!(read(r#""active""#), Ok(Status::Active));
        assert_eq!(read(r#""suspended""#), Ok(Status::Suspended));
        assert_eq!(read(r#""Active""#), Ok(Status::Suspended));
        assert_eq!(read("1"), Err(()));
    }
}

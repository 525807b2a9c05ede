//! The times that a worker runs at.

use chrono::DateTime;
use croner::Cron as Pattern;
use croner::parser::{CronParser, Seconds, Year};
use thiserror::Error;

/// Times that one worker may have.
pub const CRONS_MAX: usize = 100;

/// A cron expression of five fields, in UTC. Sunday is day 1 of the week.
///
/// Source: Cloudflare docs, "Cron Triggers: supported cron expressions".
#[derive(Clone, Debug)]
pub struct Cron(Pattern);

/// A text that is no such expression; says why.
#[derive(Debug, Error)]
#[error("{text:?} is no cron expression of five fields, as in \"*/5 * * * *\": {why}")]
pub struct InvalidCron {
    text: String,
    why: String,
}

impl Cron {
    /// Reads an expression.
    ///
    /// # Errors
    /// [`InvalidCron`] for anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidCron> {
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .alternative_weekdays(true)
            .build();
        let invalid = |why: String| InvalidCron {
            text: text.chars().take(64).collect(),
            why,
        };
        match text.split_whitespace().count() {
            5 => parser
                .parse(text)
                .map(Self)
                .map_err(|e| invalid(e.to_string())),
            fields => Err(invalid(format!("it has {fields} fields"))),
        }
    }

    /// Whether a minute, counted from 1970, is one of its times.
    pub fn has(&self, minute: u64) -> bool {
        let seconds = i64::try_from(minute.saturating_mul(60)).unwrap_or(i64::MAX);
        DateTime::from_timestamp(seconds, 0)
            .is_some_and(|time| self.0.is_time_matching(&time).unwrap_or(false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_that_cloudflare_documents() {
        // 2026-11-22 is a Sunday.
        let minute = |text: &str| {
            let time = DateTime::parse_from_rfc3339(text).expect("a time");
            u64::try_from(time.timestamp()).expect("after 1970") / 60
        };
        let sunday = minute("2026-11-22T17:30:00Z");
        for (cron, is_due) in [
            ("* * * * *", true),
            ("*/30 * * * *", true),
            ("*/45 * * * *", false),
            ("30 17 * * sun", true),
            ("30 17 * * 1", true),
            ("30 17 * * 7", false),
            ("30 17 * * mon-fri", false),
            ("30 17 LW * *", false),
            ("30 17 22 11 *", true),
        ] {
            assert_eq!(Cron::parse(cron).expect(cron).has(sunday), is_due, "{cron}");
        }
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for text in [
            "",
            "* * * *",
            "* * * * * *",
            "60 * * * *",
            "@daily",
            "a b c d e",
        ] {
            assert!(Cron::parse(text).is_err(), "{text}");
        }
    }
}

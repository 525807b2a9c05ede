//! What a tail asks for of the invocations that it watches.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use super::trace::{Ended, Outcome};

/// Filters of one tail.
const FILTERS_MAX: usize = 20;
/// Values of one filter, and characters of one value.
const VALUES_MAX: usize = 20;
const TEXT_CHARS_MAX: usize = 1_000;

/// What an event has to be to be shown: all of this.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Filters(Vec<Filter>);

/// One filter, as clients send it.
///
/// Source: wrangler, which makes these of its options.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Filter {
    /// The share of events, above 0 and up to 1.
    SamplingRate(f64),
    /// Any of these outcomes.
    Outcome(Vec<Outcome>),
    /// Any of these methods.
    Method(OneOrMany),
    /// A header that is there, and contains the text.
    Header(Header),
    /// Any of these addresses; `self` is that of whoever opens the tail.
    ClientIp(OneOrMany),
    /// A text in what it logged.
    Query(String),
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Header {
    key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    query: Option<String>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn has(&self, is_it: impl Fn(&str) -> bool) -> bool {
        self.values().iter().any(|value| is_it(value))
    }

    fn values(&self) -> &[String] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

/// Filters that mean nothing.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum InvalidFilter {
    /// They are no list.
    #[error("`filters` is an array of objects, as in [{{\"method\": [\"GET\"]}}]")]
    Shape,
    /// There are too many.
    #[error("a tail has at most {FILTERS_MAX} filters")]
    TooMany,
    /// One is none.
    #[error("`filters[{0}]` is no filter: {1}")]
    Filter(usize, String),
}

impl Filters {
    /// Reads what a client at the address `own` sends: the request's body, null when there was none.
    ///
    /// # Errors
    /// [`InvalidFilter`] that names the one which means nothing.
    pub fn read(body: &Value, own: &str) -> Result<Self, InvalidFilter> {
        let list = match body {
            Value::Null => return Ok(Self::default()),
            Value::Object(fields) => match fields.get("filters") {
                None | Some(Value::Null) => return Ok(Self::default()),
                Some(list) => list,
            },
            _ => return Err(InvalidFilter::Shape),
        };
        let list = list.as_array().ok_or(InvalidFilter::Shape)?;
        if list.len() > FILTERS_MAX {
            return Err(InvalidFilter::TooMany);
        }
        let each = list.iter().enumerate();
        let filters = each.map(|(index, value)| {
            let filter = one(value, own);
            filter.map_err(|why| InvalidFilter::Filter(index, why))
        });
        Ok(Self(filters.collect::<Result<_, _>>()?))
    }

    /// Whether everything is shown.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The share of events that is shown.
    pub(super) fn sampling_rate(&self) -> Option<f64> {
        self.0.iter().find_map(|filter| match filter {
            Filter::SamplingRate(rate) => Some(*rate),
            _ => None,
        })
    }

    /// Whether an event is one of those that were asked for.
    pub(super) fn pass(&self, event: &Ended<'_>) -> bool {
        self.0.iter().all(|filter| match filter {
            Filter::SamplingRate(_) => true,
            Filter::Outcome(outcomes) => outcomes.contains(&event.outcome),
            Filter::Method(methods) => {
                methods.has(|method| event.method().eq_ignore_ascii_case(method))
            }
            // What is shown is compared, never what was redacted: a filter must not find that out letter by letter.
            Filter::Header(Header { key, query }) => event.header(key).is_some_and(|value| {
                let query = query.as_deref().unwrap_or_default();
                value.contains(query)
            }),
            Filter::ClientIp(addresses) => {
                let from = event.header("x-forwarded-for");
                addresses.has(|address| from == Some(address))
            }
            Filter::Query(text) => event.has_logged(text),
        })
    }
}

fn one(value: &Value, own: &str) -> Result<Filter, String> {
    let mut filter: Filter =
        serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
    let is_long = |text: &String| text.chars().count() > TEXT_CHARS_MAX;
    let (count, has_long) = match &mut filter {
        Filter::SamplingRate(rate) => {
            if !(*rate > 0.0 && *rate <= 1.0) {
                return Err("`sampling_rate` is above 0 and at most 1".into());
            }
            (1, false)
        }
        Filter::Outcome(outcomes) => (outcomes.len(), false),
        Filter::Method(methods) => {
            let methods = methods.values();
            (methods.len(), methods.iter().any(is_long))
        }
        Filter::ClientIp(addresses) => {
            let values = match addresses {
                OneOrMany::One(value) => std::slice::from_mut(value),
                OneOrMany::Many(values) => values,
            };
            for value in values.iter_mut().filter(|value| *value == "self") {
                *value = own.to_owned();
            }
            (values.len(), values.iter().any(is_long))
        }
        Filter::Header(Header { key, query }) => {
            (1, is_long(key) || query.as_ref().is_some_and(is_long))
        }
        Filter::Query(text) => (1, is_long(text)),
    };
    if count == 0 || count > VALUES_MAX {
        return Err(format!("it has 1 to {VALUES_MAX} values"));
    }
    match has_long {
        true => Err(format!("a value has at most {TEXT_CHARS_MAX} characters")),
        false => Ok(filter),
    }
}

//! What tenants used up, for whoever bills them: by day or in total, tenant after tenant.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;

use super::ControlError;
use crate::model::TenantId;
use crate::model::usage::{Amounts, Day};
use crate::store::KeyValue;
use crate::usage::sums::{self, Reports, UsageError};

/// The most days that one question may be about.
pub const DAYS_MAX: u64 = 366;
/// Tenants of a page.
pub const TENANTS_MAX: usize = 1_000;
/// Tenants times days that are read for a page: a page of many days has fewer tenants.
const READ_MAX: usize = 20_000;
/// Questions to the store under way at a time.
const AT_A_TIME: usize = 32;
/// What the columns are called that follow tenant and day, in the order in which [`columns`] gives them.
pub const COLUMNS: [&str; 9] = [
    "requests",
    "cpu_ms",
    "gb_s",
    "bytes_in",
    "bytes_out",
    "subrequests",
    "cache_bytes",
    "exceptions",
    "limited",
];

/// Whose usage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Everybody's.
    All,
    /// That of a namespace's workers; `_`: of the regular workers.
    Namespace(String),
    /// One worker's.
    Worker(TenantId),
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// Each day by itself, or all together.
    pub is_by_day: bool,
    /// Whose.
    pub whose: Whose,
}

/// What one tenant used up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Which tenant.
    pub tenant: TenantId,
    /// Which day; without one all of them.
    pub day: Option<Day>,
    /// How much.
    pub amounts: Amounts,
}

/// Rows in the order of tenants, and of days; a tenant's stand on one page.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The rows.
    pub rows: Vec<Row>,
    /// What the next page goes on after, when there is one.
    pub next: Option<String>,
}

impl Question {
    /// A question as people write it.
    ///
    /// # Errors
    /// [`ControlError::Invalid`], [`ControlError::Name`]: what cannot be meant.
    pub fn new(
        from: Option<&str>,
        to: Option<&str>,
        by: Option<&str>,
        whose: Whose,
    ) -> Result<Self, ControlError> {
        let day = |name: &str, text: Option<&str>| {
            let parsed = text.map(str::parse::<Day>).transpose();
            parsed.map_err(|error| ControlError::Invalid(format!("`{name}`: {error}")))
        };
        let to = day("to", to)?.unwrap_or_else(Day::today);
        let from = day("from", from)?.unwrap_or_else(|| to.first_of_month());
        let is_by_day = match by {
            Some("day") => true,
            Some("total") | None => false,
            Some(other) => {
                let message = format!("`by` is `day` or `total`, not {other:?}");
                return Err(ControlError::Invalid(message));
            }
        };
        let days = from.until(to);
        if days < 0 {
            let message = format!("`from` ({from}) is after `to` ({to})");
            return Err(ControlError::Invalid(message));
        }
        if days.unsigned_abs() >= DAYS_MAX {
            let message = format!(
                "{from} to {to} are {} days; ask for at most {DAYS_MAX}",
                days + 1
            );
            return Err(ControlError::Invalid(message));
        }
        if let Whose::Namespace(namespace) = &whose
            && namespace != crate::model::REGULAR
        {
            TenantId::new(namespace, "x")?;
        }
        Ok(Self {
            from,
            to,
            is_by_day,
            whose,
        })
    }

    fn prefix(&self) -> String {
        match &self.whose {
            Whose::All => String::new(),
            Whose::Namespace(namespace) => format!("{namespace}/"),
            Whose::Worker(tenant) => format!("{}/{} ", tenant.namespace(), tenant.worker()),
        }
    }

    fn days(&self) -> impl Iterator<Item = Day> {
        let count = self.from.until(self.to).unsigned_abs();
        let from = self.from;
        (0..=count).map(move |n| from.after(n))
    }
}

/// A page of at most `limit` tenants, after the one that the page before ended with.
///
/// # Errors
/// [`ControlError`] when the store cannot be asked, or what lies there cannot be read.
pub async fn page(
    store: &dyn KeyValue,
    question: &Question,
    after: &str,
    limit: usize,
) -> Result<Page, ControlError> {
    let prefix = question.prefix();
    let days: Vec<Day> = question.days().collect();
    let limit = limit.min(READ_MAX / days.len()).max(1);
    let listed = futures::stream::iter(days.into_iter().map(|day| {
        let prefix = &prefix;
        async move {
            let found = sums::tenants(store, day, prefix, after, limit).await?;
            Ok::<_, ControlError>((day, found))
        }
    }));
    let mut listed = listed.buffered(AT_A_TIME);
    let mut found: BTreeMap<String, Vec<(Day, Reports)>> = BTreeMap::new();
    // A day's list that goes on says nothing of tenants behind its last one.
    let mut known_to: Option<String> = None;
    while let Some(day) = listed.next().await {
        let (day, (tenants, has_more)) = day?;
        if let Some(last) = tenants.last().filter(|_| has_more) {
            let last = sums::behind(&last.tenant);
            known_to = Some(known_to.map_or(last.clone(), |known| known.min(last)));
        }
        for reports in tenants {
            let place = sums::behind(&reports.tenant);
            found.entry(place).or_default().push((day, reports));
        }
    }
    drop(listed);
    let places: BTreeSet<String> = found
        .keys()
        .filter(|place| known_to.as_ref().is_none_or(|known| *place <= known))
        .take(limit)
        .cloned()
        .collect();
    let has_more = places.len() < found.len() || known_to.is_some();
    let next = places.last().filter(|_| has_more).cloned();
    let asked = found
        .into_iter()
        .filter(|(place, _)| places.contains(place))
        .flat_map(|(_, days)| days)
        .map(async |(day, reports)| {
            let amounts = sums::read(store, day, &reports).await?;
            Ok::<_, UsageError>((day, reports.tenant, amounts))
        });
    let mut read = futures::stream::iter(asked).buffered(AT_A_TIME);
    let mut rows: Vec<Row> = Vec::new();
    while let Some(read) = read.next().await {
        let (day, tenant, amounts) = read?;
        let same = rows
            .last_mut()
            .filter(|row| !question.is_by_day && row.tenant == tenant);
        match same {
            Some(row) => row.amounts = row.amounts.plus(amounts),
            None => rows.push(Row {
                tenant,
                day: question.is_by_day.then_some(day),
                amounts,
            }),
        }
    }
    Ok(Page { rows, next })
}

/// A row's amounts as text, in the order of [`COLUMNS`].
pub fn columns(amounts: &Amounts) -> [String; COLUMNS.len()] {
    [
        amounts.requests.to_string(),
        format!("{}.{:03}", amounts.cpu_us / 1_000, amounts.cpu_us % 1_000),
        format!("{:.9}", amounts.gb_s()),
        amounts.bytes_in.to_string(),
        amounts.bytes_out.to_string(),
        amounts.subrequests.to_string(),
        amounts.cache_bytes.to_string(),
        amounts.exceptions.to_string(),
        amounts.limited.to_string(),
    ]
}

/// The first line of a table, and then each row, as texts.
pub fn heading(is_by_day: bool) -> Vec<&'static str> {
    let mut names = vec!["namespace", "script"];
    names.extend(is_by_day.then_some("day"));
    names.extend(COLUMNS);
    names
}

/// A row as texts, in the order of [`heading`].
pub fn texts(row: &Row) -> Vec<String> {
    let tenant = &row.tenant;
    let mut texts = vec![tenant.namespace().to_owned(), tenant.worker().to_owned()];
    texts.extend(row.day.map(|day| day.to_string()));
    texts.extend(columns(&row.amounts));
    texts
}

/// Rows as CSV (RFC 4180). No text in them has a comma, a quotation mark or a line's end.
pub fn csv(is_by_day: bool, rows: &[Row]) -> String {
    let mut text = heading(is_by_day).join(",");
    text.push_str("\r\n");
    for row in rows {
        text.push_str(&texts(row).join(","));
        text.push_str("\r\n");
    }
    text
}

impl From<UsageError> for ControlError {
    fn from(error: UsageError) -> Self {
        match error {
            UsageError::Store(error) => Self::Store(error),
            UsageError::Unreadable { key, reason } => Self::Record { key, reason },
            UsageError::Busy(_) => Self::Busy,
        }
    }
}

//! `cirque usage`.

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::remote::{Remote, RemoteArguments};
use super::{CliError, Global, say};
use crate::control::usage::{self, Question, TENANTS_MAX, Whose};
use crate::model::{REGULAR, TenantId};

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  cirque usage                                                     all workers, this month
  cirque usage production --from 2026-11-01 --to 2026-11-30 --csv
  cirque usage production/shop --by day
  cirque usage _/dispatcher                                        a regular worker

Days are in UTC, and both are included; README names the columns.")]
pub(super) struct Arguments {
    /// <namespace>[/<name>]; `_` is the namespace of regular workers; without it all
    target: Option<String>,
    /// The first day, as 2026-11-01; without it the first of the last day's month
    #[arg(long, value_name = "DAY")]
    from: Option<String>,
    /// The last day; without it today
    #[arg(long, value_name = "DAY")]
    to: Option<String>,
    /// One row for each day, or one in all
    #[arg(long, default_value = "total")]
    by: By,
    /// Write CSV instead of a table
    #[arg(long)]
    csv: bool,
    #[command(flatten)]
    remote: RemoteArguments,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum By {
    Day,
    Total,
}

pub(super) fn usage(global: &Global, arguments: &Arguments) -> Result<(), CliError> {
    let whose = match arguments.target.as_deref() {
        None => Whose::All,
        Some(target) if target.contains('/') => {
            let tenant = TenantId::parse(target);
            Whose::Worker(tenant.map_err(|error| CliError::Other(error.to_string()))?)
        }
        Some(namespace) => Whose::Namespace(namespace.to_owned()),
    };
    let by = match arguments.by {
        By::Day => "day",
        By::Total => "total",
    };
    let (from, to) = (arguments.from.as_deref(), arguments.to.as_deref());
    let question = Question::new(from, to, Some(by), whose)?;
    let rows = match Remote::from(&arguments.remote)? {
        Some(remote) => asked(&remote, &question, by)?,
        None => global.with_store(async |_, store| {
            let (mut rows, mut after) = (Vec::new(), String::new());
            loop {
                let page = usage::page(&*store, &question, &after, TENANTS_MAX).await?;
                rows.extend(page.rows.iter().map(usage::texts));
                match page.next {
                    Some(next) => after = next,
                    None => return Ok(rows),
                }
            }
        })?,
    };
    let heading = usage::heading(question.is_by_day);
    if arguments.csv {
        say(&heading.join(","));
        rows.iter().for_each(|row| say(&row.join(",")));
        return Ok(());
    }
    let mut table = vec![heading.iter().map(|name| (*name).to_owned()).collect()];
    table.extend(rows);
    show(&table, heading.len() - usage::COLUMNS.len());
    Ok(())
}

/// The rows that the API gives, as texts.
fn asked(remote: &Remote, question: &Question, by: &str) -> Result<Vec<Vec<String>>, CliError> {
    let mut parameters = format!("from={}&to={}&by={by}", question.from, question.to);
    // Names have no character that a URL could mean something else by.
    match &question.whose {
        Whose::All => {}
        Whose::Namespace(namespace) => parameters += &format!("&namespace={namespace}"),
        Whose::Worker(tenant) if tenant.namespace() == REGULAR => {
            parameters += &format!("&script={}", tenant.worker());
        }
        Whose::Worker(tenant) => {
            let (namespace, name) = (tenant.namespace(), tenant.worker());
            parameters += &format!("&namespace={namespace}&script={name}");
        }
    }
    let (mut rows, mut cursor) = (Vec::new(), String::new());
    loop {
        let (page, next) = remote.usage(&format!("{parameters}&cursor={cursor}"))?;
        for row in page {
            let heading = usage::heading(question.is_by_day);
            rows.push(heading.iter().map(|name| text(name, &row[*name])).collect());
        }
        match next.is_empty() {
            true => return Ok(rows),
            false => cursor = next,
        }
    }
}

fn text(name: &str, value: &Value) -> String {
    match (name, value) {
        ("cpu_ms", Value::Number(number)) => format!("{:.3}", number.as_f64().unwrap_or(0.0)),
        ("gb_s", Value::Number(number)) => format!("{:.9}", number.as_f64().unwrap_or(0.0)),
        (_, Value::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    }
}

/// Shows rows in columns: names to the left, numbers to the right.
fn show(table: &[Vec<String>], names: usize) {
    let count = table.first().map_or(0, Vec::len);
    let width = |column: usize| table.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count).map(width).collect();
    for row in table {
        let cells = row.iter().zip(&widths).enumerate();
        let cells = cells.map(|(column, (text, width))| match column < names {
            true => format!("{text:<width$}"),
            false => format!("{text:>width$}"),
        });
        say(cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}

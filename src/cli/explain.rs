//! `cirque explain`.

use clap::Args;
use serde_json::Value;

use super::remote::{Remote, RemoteArguments};
use super::{CliError, Global, say};
use crate::control::explain::Question;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  cirque explain app.customer.com
  cirque explain https://app.customer.com/cart --method POST --header 'accept: text/html'
  cirque explain app.customer.com --json
  cirque explain app.customer.com --api URL --token TOKEN   also what that node has seen of the worker

Nothing is sent and nothing changes: it is told from the records in the store and from the settings, each line with
the record or setting that it comes from. Lines with ! keep the request from being answered, or soon will.")]
pub(super) struct Arguments {
    /// A hostname, or a URL
    target: String,
    /// The method
    #[arg(long, default_value = "GET")]
    method: String,
    /// A header field, as in 'accept: text/html'; may be given several times
    #[arg(long, value_name = "NAME: VALUE")]
    header: Vec<String>,
    /// Write JSON instead of text
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    remote: RemoteArguments,
}

pub(super) fn explain(global: &Global, arguments: &Arguments) -> Result<(), CliError> {
    let Arguments {
        target,
        method,
        header,
        ..
    } = arguments;
    let question = Question::new(target, Some(method), header)?;
    let told = match Remote::from(&arguments.remote)? {
        Some(remote) => remote.explain(target, method, header)?,
        None => global.with_control(async |control| {
            let told = control.explain(&question).await?;
            serde_json::to_value(told).map_err(|e| CliError::Other(e.to_string()))
        })?,
    };
    if arguments.json {
        say(&told.to_string());
        return Ok(());
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let status = told["status"].as_u64();
    let status = status.map_or(String::new(), |status| format!(" ({status})"));
    say(&format!(
        "{} {}\n{}{status}\n",
        text(&told["method"]),
        text(&told["url"]),
        text(&told["answer"])
    ));
    let mut before = String::new();
    for fact in told["facts"].as_array().into_iter().flatten() {
        let about = text(&fact["about"]);
        let shown = if about == before { "" } else { about.as_str() };
        let mark = if fact["is_problem"] == true { '!' } else { ' ' };
        let indent = format!("\n{:18}", "");
        let said = text(&fact["text"]).replace('\n', &indent);
        say(&format!(
            "{mark} {shown:15} {said}  [{}]",
            text(&fact["from"])
        ));
        before = about;
    }
    Ok(())
}

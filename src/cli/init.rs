//! `cirque init`.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use clap::Args;

use super::{CliError, Global, cli_user, say};
use crate::control::tokens::TokenRequest;
use crate::model::token::Access;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  cirque init                                  writes .env: wrangler reads it by itself
  cirque init --url https://api.example.com    for an API behind TLS
  cirque init --file -                         prints the lines instead

Afterwards, in the same directory: npx wrangler deploy --dispatch-namespace production")]
pub(super) struct Arguments {
    /// The API's address as clients see it; without it the one that the edge listens on
    #[arg(long)]
    url: Option<String>,
    /// The file to write; `-` prints instead
    #[arg(long, default_value = ".env")]
    file: PathBuf,
}

pub(super) fn init(global: &Global, arguments: &Arguments) -> Result<(), CliError> {
    let is_printed = arguments.file.as_os_str() == "-";
    let failed = |e: std::io::Error| CliError::Other(format!("{}: {e}", arguments.file.display()));
    if !is_printed && arguments.file.exists() {
        return Err(CliError::Other(format!(
            "{} is there already; name another with --file, or print the lines with --file -",
            arguments.file.display()
        )));
    }
    global.with_control(async |control| {
        let conf = &control.conf;
        let url = match (
            &arguments.url,
            conf.api.public_url.as_str(),
            conf.listen.api.as_str(),
        ) {
            (Some(url), _, _) => url.clone(),
            (None, "", "") => {
                return Err(CliError::Other(
                    "the API is off: set `listen.api`, or say where it is with --url".into(),
                ));
            }
            (None, "", listen) => format!("http://{listen}"),
            (None, public, _) => public.to_owned(),
        };
        let account = control.account().await?;
        let name = format!("init {}", crate::control::now());
        let (_, token) = control
            .create_token(TokenRequest {
                name: name.clone(),
                access: Access::Write,
                namespace: None,
                email: None,
                expires_on: None,
            })
            .await?;
        control
            .note(&cli_user(), "create", "token", &name, "ok")
            .await;
        let base = format!("{}/client/v4", url.trim_end_matches('/'));
        let lines = format!(
            "# wrangler and the cloudflare SDK, pointed at Cirque\n\
             CLOUDFLARE_API_BASE_URL={base}\nCLOUDFLARE_BASE_URL={base}\n\
             CLOUDFLARE_ACCOUNT_ID={}\nCLOUDFLARE_API_TOKEN={token}\nWRANGLER_SEND_METRICS=false\n",
            account.id
        );
        if is_printed {
            say(lines.trim_end());
            return Ok(());
        }
        let mut options = std::fs::OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&arguments.file)
            .map_err(failed)?;
        file.write_all(lines.as_bytes()).map_err(failed)?;
        say(&format!(
            "wrote {}; it holds a token that may do everything, so keep it out of version control",
            arguments.file.display()
        ));
        Ok(())
    })
}

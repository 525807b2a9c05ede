//! `cirque token`.

use clap::{Args, Subcommand, ValueEnum};
use time::{Duration, OffsetDateTime};

use super::{CliError, Global, cli_user, say};
use crate::control::tokens::TokenRequest;
use crate::model::TenantId;
use crate::model::token::Access;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  cirque token create ci                                       may do everything
  cirque token create shop --namespace production --days 90    one dispatch namespace, for 90 days
  cirque token create dashboard --access read
  cirque token list
  cirque token revoke ci

A token is shown this once, alone on the last line; the store keeps only a keyed hash of it.")]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make a token; it is printed alone on the last line
    Create {
        /// What to call it
        name: String,
        /// What it may do
        #[arg(long, default_value = "write")]
        access: Allowed,
        /// The dispatch namespace it is bound to; without it the whole account
        #[arg(long)]
        namespace: Option<String>,
        /// How many days it lasts; without it until it is revoked
        #[arg(long)]
        days: Option<u32>,
        /// The address that `X-Auth-Email` has to name beside `X-Auth-Key`
        #[arg(long)]
        email: Option<String>,
    },
    /// List tokens
    List,
    /// Revoke a token: it opens nothing from now on, on no node
    Revoke {
        /// Its id or its name
        token: String,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Allowed {
    Read,
    Write,
}

pub(super) fn token(global: &Global, arguments: &Arguments) -> Result<(), CliError> {
    global.with_control(async |control| {
        // Tokens are hashed with the key of the account's secrets: another node's key would make one that opens nothing.
        control.account().await?;
        match &arguments.what {
            What::Create {
                name,
                access,
                namespace,
                days,
                email,
            } => {
                if let Some(namespace) = namespace {
                    TenantId::new(namespace, "x").map_err(|e| CliError::Other(e.to_string()))?;
                }
                let end = days.map(|days| OffsetDateTime::now_utc() + Duration::days(days.into()));
                let request = TokenRequest {
                    name: name.clone(),
                    access: match access {
                        Allowed::Read => Access::Read,
                        Allowed::Write => Access::Write,
                    },
                    namespace: namespace.clone(),
                    email: email.clone(),
                    expires_on: end,
                };
                let (token, text) = control.create_token(request).await?;
                control
                    .note(&cli_user(), "create", "token", name, "ok")
                    .await;
                say(&format!(
                    "token {} ({name}); it is not shown again:",
                    token.id
                ));
                say(&text);
            }
            What::List => {
                for (_, token) in control.tokens().await? {
                    let scope = token.namespace.as_deref().unwrap_or("(account)");
                    let end = token.expires_on.as_deref().unwrap_or("never ends");
                    let access = match token.access {
                        Access::Read => "read",
                        Access::Write => "write",
                    };
                    let line = [
                        &*token.id,
                        access,
                        scope,
                        &*token.created_on,
                        end,
                        &*token.name,
                    ];
                    say(&line.join("  "));
                }
            }
            What::Revoke { token } => {
                let revoked = control.revoke_token(token).await?;
                control
                    .note(&cli_user(), "revoke", "token", &revoked.name, "ok")
                    .await;
                say(&format!("revoked {} ({})", revoked.id, revoked.name));
            }
        }
        Ok(())
    })
}

//! `cirque secrets`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{CliError, Global, cli_user, say};
use crate::control::ControlError;
use crate::secrets;

#[derive(Args, Debug)]
#[command(after_help = "Example:
  cirque secrets rotate    a new key in front of the file's others, and every secret sealed with it

With several nodes: put a new key (`openssl rand -base64 32`) in front of the others in every node's file, then run
`cirque secrets rotate --keep-keys` once. Tokens stay good as long as
the key they were made under is in the file.")]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Seal every secret anew
    Rotate {
        /// With the first key that is there, instead of a new one
        #[arg(long)]
        keep_keys: bool,
    },
}

pub(super) fn secrets(global: &Global, arguments: &Arguments) -> Result<(), CliError> {
    let What::Rotate { keep_keys } = arguments.what;
    let conf = global.conf()?;
    if !keep_keys {
        if !conf.secrets.key.is_empty() {
            return Err(CliError::Other(
                "the keys come from `secrets.key`: put a new one before them there, then run this with --keep-keys".into(),
            ));
        }
        // Made, when there is none yet.
        secrets::Keyring::open(&conf).map_err(ControlError::Keys)?;
        let path = match conf.secrets.key_file.as_str() {
            "" => conf.store.data_dir.join("secrets.key"),
            path => PathBuf::from(path),
        };
        secrets::add_key(&path).map_err(ControlError::Keys)?;
    }
    global.with_control(async |control| {
        control.account().await?;
        let changed = control.rotate_secrets().await?;
        let key = control.keyring.sealing_key();
        control.note(&cli_user(), "rotate", "secrets", &key, "ok").await;
        say(&format!(
            "{changed} workers' secrets are sealed with the key {key} now; running edges read the file again by themselves"
        ));
        Ok(())
    })
}

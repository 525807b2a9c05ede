//! Tokens: what clients of the API show. Only a keyed hash of one is kept, and each request asks the store for it, so that
//! a token that was revoked opens nothing any more, anywhere.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Control, ControlError, json, now, random_id};
use crate::model::Token;
use crate::model::token::Access;
use crate::store::{Write, keys};

/// What a hash of a token is for.
const PURPOSE: &str = "cirque 2026-11 token lookup";
/// Tokens begin so, that people and scanners know one when they see it.
const PREFIX: &str = "cirque_";
/// Random characters of a token: 40 of 62, 238 bits.
const CHARACTERS: usize = 40;
/// The longest text that is looked up.
const TOKEN_BYTES_MAX: usize = 512;

/// What a new token may do.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    /// What its owner calls it.
    pub name: String,
    /// What it may do.
    pub access: Access,
    /// The dispatch namespace it is bound to.
    pub namespace: Option<String>,
    /// The address that `X-Auth-Email` has to name.
    pub email: Option<String>,
    /// When it ends.
    pub expires_on: Option<OffsetDateTime>,
}

impl Control {
    /// Makes a token; the text is shown this once.
    ///
    /// # Errors
    /// [`ControlError`] when the store cannot be asked.
    pub async fn create_token(
        &self,
        request: TokenRequest,
    ) -> Result<(Token, String), ControlError> {
        if request.name.is_empty() || request.name.len() > 255 {
            return Err(ControlError::Invalid(
                "a token's name has 1 to 255 bytes".into(),
            ));
        }
        let text = random_text()?;
        let token = Token {
            id: random_id()?,
            name: request.name,
            access: request.access,
            namespace: request.namespace,
            email: request.email,
            created_on: now(),
            expires_on: request
                .expires_on
                .map(|end| end.format(&Rfc3339).unwrap_or_default()),
        };
        let hash = self.keyring.hashes(PURPOSE, &text).swap_remove(0);
        let put = Write::Put(keys::token(&hash), json(&token));
        self.store
            .write(&[put, Write::Add(keys::TOKENS.to_owned(), hash)])
            .await?;
        self.change_account(|account| account.has_tokens = true)
            .await?;
        Ok((token, text))
    }

    /// Makes the first token there ever is, which may do everything; `None` when there was one before.
    ///
    /// # Errors
    /// [`ControlError`] when the store cannot be asked.
    pub async fn first_token(&self) -> Result<Option<String>, ControlError> {
        loop {
            if self.account().await?.has_tokens {
                return Ok(None);
            }
            // Of several nodes that start together one makes it.
            if self
                .change_account(|account| account.has_tokens = true)
                .await?
            {
                let request = TokenRequest {
                    name: "first".into(),
                    access: Access::Write,
                    namespace: None,
                    email: None,
                    expires_on: None,
                };
                let (_, text) = self.create_token(request).await?;
                return Ok(Some(text));
            }
        }
    }

    /// The token that a client shows, if it is one; expired ones too.
    ///
    /// It is looked up by its keyed hash, so how long that takes says nothing of how much of it was right.
    ///
    /// # Errors
    /// [`ControlError`] when the store cannot be asked: then nobody knows whether it was revoked.
    pub async fn token(&self, text: &str) -> Result<Option<Token>, ControlError> {
        if text.len() > TOKEN_BYTES_MAX {
            return Ok(None);
        }
        loop {
            let hashes = self.keyring.hashes(PURPOSE, text);
            let records: Vec<String> = hashes.iter().map(|hash| keys::token(hash)).collect();
            let found = self.store.get(&records).await?;
            if let Some(bytes) = found.into_iter().flatten().next() {
                return Ok(serde_json::from_slice(&bytes).ok());
            }
            // It may have been made with a key that came since.
            if !self.keyring.reload() {
                return Ok(None);
            }
        }
    }

    /// All tokens with their hashes, in the order they were made.
    ///
    /// # Errors
    /// [`ControlError`] when the store cannot be asked.
    pub async fn tokens(&self) -> Result<Vec<(String, Token)>, ControlError> {
        let hashes = self
            .store
            .members(keys::TOKENS, "", usize::MAX >> 1)
            .await?;
        let records: Vec<String> = hashes.iter().map(|hash| keys::token(hash)).collect();
        let found = self.store.get(&records).await?;
        let read = |bytes: Option<bytes::Bytes>| serde_json::from_slice::<Token>(&bytes?).ok();
        let mut tokens: Vec<(String, Token)> = hashes
            .into_iter()
            .zip(found.into_iter().map(read))
            .filter_map(|(hash, token)| Some((hash, token?)))
            .collect();
        tokens.sort_by(|(_, a), (_, b)| a.created_on.cmp(&b.created_on));
        Ok(tokens)
    }

    /// Revokes the token of this id or name: it opens nothing from now on.
    ///
    /// # Errors
    /// [`ControlError::Nothing`] when there is none, [`ControlError::Invalid`] when several have the name.
    pub async fn revoke_token(&self, id_or_name: &str) -> Result<Token, ControlError> {
        let tokens = self.tokens().await?;
        let is_it = |token: &Token| token.id == id_or_name || token.name == id_or_name;
        let mut found = tokens.into_iter().filter(|(_, token)| is_it(token));
        match (found.next(), found.next()) {
            (Some((hash, token)), None) => {
                let gone = Write::Delete(keys::token(&hash));
                let forget = Write::Remove(keys::TOKENS.to_owned(), hash);
                self.store.write(&[gone, forget]).await?;
                Ok(token)
            }
            (Some(_), Some(_)) => Err(ControlError::Invalid(format!(
                "several tokens are named {id_or_name:?}; name one by its id, which `cirque token list` shows"
            ))),
            (None, _) => Err(ControlError::Nothing {
                what: "token",
                name: id_or_name.to_owned(),
            }),
        }
    }
}

/// A token's text; every character is drawn evenly.
fn random_text() -> Result<String, ControlError> {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut text = PREFIX.to_owned();
    while text.len() < PREFIX.len() + CHARACTERS {
        let mut bytes = [0; 64];
        aws_lc_rs::rand::fill(&mut bytes).map_err(|_| ControlError::Random)?;
        let even = bytes.iter().map(|byte| usize::from(byte & 63));
        let letters = even
            .filter_map(|at| LETTERS.get(at))
            .map(|&letter| char::from(letter));
        let missing = PREFIX.len() + CHARACTERS - text.len();
        text.extend(letters.take(missing));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_are_plain_text() {
        let (one, other) = (
            random_text().expect("random"),
            random_text().expect("random"),
        );
        assert_ne!(one, other);
        assert_eq!(one.len(), PREFIX.len() + CHARACTERS);
        assert!(one.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
    }
}

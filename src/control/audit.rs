//! One record of every change, in the log and in a bounded list in the store.

use time::OffsetDateTime;

use super::{Actor, Control, ControlError, now, random_id};
use crate::model::AuditRecord;
use crate::store::{Write, keys};

/// Records of changes that are kept.
const RECORDS_MAX: usize = 10_000;
/// Sorts the newest first: the members of a set are in the order of their bytes.
const YEAR_5138_MS: i128 = 99_999_999_999_999;

impl Control {
    /// Notes what somebody did, or tried to do. It is noted after the change, and a change whose note fails is not
    /// taken back: the log has it then.
    pub async fn note(
        &self,
        actor: &Actor,
        action: &str,
        resource: &str,
        name: &str,
        result: &str,
    ) {
        tracing::info!(
            action,
            resource,
            resource_id = name,
            result,
            actor = actor.id,
            actor_name = actor.name,
            ip = actor.ip,
            request_id = actor.request_id,
            "audit"
        );
        let record = AuditRecord {
            id: random_id().unwrap_or_default(),
            when: now(),
            action: action.to_owned(),
            result: result.to_owned(),
            actor: actor.id.clone(),
            actor_name: actor.name.clone(),
            ip: actor.ip.clone(),
            resource: resource.to_owned(),
            resource_id: name.to_owned(),
            request_id: actor.request_id.clone(),
        };
        let ms = OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000;
        let text = serde_json::to_string(&record).expect("a record of texts");
        let member = format!("{:014}{}{text}", YEAR_5138_MS - ms, record.id);
        let set = keys::AUDIT.to_owned();
        let changes = [
            Write::Add(set.clone(), member),
            Write::Trim(set, RECORDS_MAX),
        ];
        if let Err(error) = self.store.write(&changes).await {
            tracing::warn!(%error, "a change could not be noted in the store's audit");
        }
    }

    /// What was done, the newest first, after a cursor; and the cursor to go on with.
    ///
    /// # Errors
    /// [`ControlError`] when the store cannot be asked.
    pub async fn audit(
        &self,
        after: &str,
        limit: usize,
    ) -> Result<(Vec<AuditRecord>, String), ControlError> {
        let members = self.store.members(keys::AUDIT, after, limit).await?;
        let next = match members.len() == limit {
            true => members.last().cloned().unwrap_or_default(),
            false => String::new(),
        };
        let read = |member: &String| serde_json::from_str(&member[member.find('{')?..]).ok();
        Ok((members.iter().filter_map(read).collect(), next))
    }
}

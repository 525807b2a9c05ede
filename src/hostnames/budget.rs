//! How many orders may begin: authorities turn those away who ask too much, and for hours.

use crate::store::{KeyValue, StoreError, Write, keys};

const HOUR: i64 = 3_600;
const WEEK: i64 = 7 * 86_400;

/// A place for one more order of this registered domain; the seconds to wait where there is none.
pub(super) async fn take(
    store: &dyn KeyValue,
    domain: &str,
    id: &str,
    now: i64,
    per_hour: u32,
    per_week: u32,
) -> Result<Result<(), i64>, StoreError> {
    let all = keys::ACME_ORDERS.to_owned();
    let of_domain = keys::acme_orders(domain);
    for (set, window, most) in [(&all, HOUR, per_hour), (&of_domain, WEEK, per_week)] {
        let members = store.members(set, "", usize::MAX >> 1).await?;
        let begun = |member: &String| member.split(' ').next()?.parse::<i64>().ok();
        let (old, fresh): (Vec<_>, Vec<_>) = members
            .into_iter()
            .partition(|member| begun(member).is_none_or(|at| at <= now - window));
        if !old.is_empty() {
            let old = old.into_iter().map(|m| Write::Remove(set.clone(), m));
            store.write(&old.collect::<Vec<_>>()).await?;
        }
        if fresh.len() >= most as usize {
            let first = fresh.first().and_then(begun).unwrap_or(now);
            return Ok(Err((first + window - now).max(60)));
        }
    }
    let member = format!("{now:010} {id}");
    store
        .write(&[
            Write::Add(all, member.clone()),
            Write::Add(of_domain, member),
        ])
        .await?;
    Ok(Ok(()))
}

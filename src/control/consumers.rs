//! Tail consumers: that those which an upload names are there, and can be told.

use serde_json::{Map, Value};

use super::{Control, ControlError};
use crate::model::TenantId;
use crate::model::script::{TAIL_CONSUMERS_MAX, tail_consumer};

impl Control {
    /// Whether every tail consumer that these settings name can be told of the ends of `producer`.
    ///
    /// # Errors
    /// [`ControlError::TailConsumer`] for the first that cannot.
    pub async fn check_consumers(
        &self,
        producer: &TenantId,
        settings: &Map<String, Value>,
    ) -> Result<(), ControlError> {
        let refused = |index, why: String| ControlError::TailConsumer { index, why };
        let consumers = match settings.get("tail_consumers") {
            None | Some(Value::Null) => return Ok(()),
            Some(Value::Array(consumers)) => consumers,
            Some(_) => {
                let message =
                    "`tail_consumers` is an array of objects, as in [{\"service\": \"watcher\"}]";
                return Err(ControlError::Invalid(message.into()));
            }
        };
        if consumers.len() > TAIL_CONSUMERS_MAX {
            let message = format!("a worker has at most {TAIL_CONSUMERS_MAX} tail consumers");
            return Err(ControlError::Invalid(message));
        }
        for (index, consumer) in consumers.iter().enumerate() {
            let consumer = tail_consumer(consumer).map_err(|why| refused(index, why))?;
            if consumer == *producer {
                let why = "a worker is not told of itself".to_owned();
                return Err(refused(index, why));
            }
            let script = match self.script(&consumer).await {
                Ok(script) => script,
                Err(error @ (ControlError::NoScript(_) | ControlError::NoNamespace(_))) => {
                    return Err(refused(index, format!("{error}; upload it first")));
                }
                Err(error) => return Err(error),
            };
            if !script.handlers.iter().any(|handler| handler == "tail") {
                let why = format!("the worker {consumer} has no handler named `tail`");
                return Err(refused(index, why));
            }
        }
        Ok(())
    }
}

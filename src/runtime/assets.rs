//! A worker's static assets, which answer before it.

use http::{Request, Response};

use super::{Body, LoadError, RequestBody, Runtime, Worker, WorkerError};
use crate::assets::{Head, Otherwise};

/// What assets look at of a request.
pub(super) fn head(request: &Request<RequestBody>) -> Head<'_> {
    Head::of(request)
}

impl Runtime {
    /// The answer of a worker's static assets, if the request is for them; no sandbox stands behind it.
    pub(super) async fn asset(
        &self,
        worker: &Worker,
        request: Head<'_>,
    ) -> Result<Option<Response<Body>>, WorkerError> {
        let script = &worker.script;
        let Some(assets) = &script.assets else {
            return Ok(None);
        };
        let otherwise = match script.kind.has_code() {
            true => Otherwise::Worker {
                navigates: script.navigation_prefers_assets(),
            },
            false => Otherwise::Nobody,
        };
        let answer = self
            .assets
            .answer(assets, &worker.share, request, otherwise);
        let answer = answer.await.map_err(LoadError::from)?;
        let body = |bytes| Body::whole(worker.tenant.clone(), &worker.limits, bytes);
        Ok(answer.map(|response| response.map(body)))
    }
}

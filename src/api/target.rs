//! Which script a path means.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::Shared;
use super::body::Path;
use super::errors::ApiError;
use crate::control::ControlError;
use crate::model::TenantId;

/// The script of a path: in a dispatch namespace, or a regular worker.
pub(super) struct Target {
    /// Which one.
    pub tenant: TenantId,
    /// The path's other parts.
    pub path: Path,
}

impl FromRequestParts<Shared> for Target {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Shared) -> Result<Self, ApiError> {
        let path = Path::from_request_parts(parts, api).await?;
        let script = path.part("script");
        let tenant = match path.part("namespace") {
            "" => TenantId::regular(script),
            namespace => TenantId::new(namespace, script),
        };
        let tenant = tenant.map_err(ControlError::Name)?;
        Ok(Self { tenant, path })
    }
}

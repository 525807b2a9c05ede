//! The description of the API, made of the handlers themselves; and the names that the audit gives to what they change.

use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ContactBuilder, InfoBuilder, ObjectBuilder, OpenApi, RefOr, Required, ServerBuilder, Type,
};

use super::BASE;

/// Adds what no single handler knows: where the API is, what opens it, and the parts of paths that handlers share.
pub(super) fn complete(mut description: OpenApi) -> OpenApi {
    description.info = InfoBuilder::new()
        .title("Cirque")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "The control API, in the shape of Cloudflare's: dispatch namespaces, scripts, tags, secrets, domains, custom hostnames, key-value namespaces.",
        ))
        .contact(Some(ContactBuilder::new().build()))
        .build();
    description.servers = Some(vec![ServerBuilder::new().url(BASE).build()]);
    let bearer = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
    description
        .components
        .get_or_insert_default()
        .add_security_scheme("token", bearer);
    description.security = Some(vec![SecurityRequirement::new(
        "token",
        Vec::<String>::new(),
    )]);
    // A part that takes the rest of a path is written like any other.
    let paths = std::mem::take(&mut description.paths.paths);
    let plain = |(path, item): (String, PathItem)| (path.replace("{*", "{"), item);
    description.paths.paths = paths.into_iter().map(plain).collect();
    for (path, item) in &mut description.paths.paths {
        complete_path(path, item);
    }
    description
}

fn complete_path(path: &str, item: &mut PathItem) {
    let operations: [(&str, &mut Option<Operation>); 5] = [
        ("get", &mut item.get),
        ("put", &mut item.put),
        ("post", &mut item.post),
        ("patch", &mut item.patch),
        ("delete", &mut item.delete),
    ];
    for (method, operation) in operations {
        let Some(operation) = operation else { continue };
        // One handler serves several paths.
        let words = path
            .split(['/', '{', '}', '-'])
            .filter(|word| !word.is_empty());
        operation.operation_id = Some(format!("{method}_{}", words.collect::<Vec<_>>().join("_")));
        let parameters = operation.parameters.get_or_insert_default();
        for name in path
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split('}').next())
        {
            if !parameters.iter().any(|parameter| is_named(parameter, name)) {
                let text = ObjectBuilder::new().schema_type(Type::String);
                let parameter = ParameterBuilder::new()
                    .name(name)
                    .parameter_in(ParameterIn::Path)
                    .required(Required::True)
                    .schema(Some(text));
                parameters.push(RefOr::T(parameter.build()));
            }
        }
    }
}

fn is_named(parameter: &RefOr<Parameter>, name: &str) -> bool {
    matches!(parameter, RefOr::T(parameter) if parameter.name == name)
}

/// What a path changes, as kind and name.
pub(super) fn resource(path: &str) -> (&'static str, String) {
    let decode = |text: &str| {
        percent_encoding::percent_decode_str(text)
            .decode_utf8_lossy()
            .into_owned()
    };
    let segments: Vec<String> = path.split('/').skip(1).map(decode).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let (owner, rest) = match segments[..] {
        [
            "accounts",
            _,
            "workers",
            "dispatch",
            "namespaces",
            namespace,
            "scripts",
            script,
            ref rest @ ..,
        ] => (format!("{namespace}/{script}"), rest),
        [
            "accounts",
            _,
            "workers",
            "dispatch",
            "namespaces",
            namespace,
            "scripts",
        ] => {
            return ("scripts", namespace.to_owned());
        }
        [
            "accounts",
            _,
            "workers",
            "dispatch",
            "namespaces",
            namespace,
        ] => {
            return ("namespace", namespace.to_owned());
        }
        [
            "accounts",
            _,
            "workers",
            "dispatch",
            "namespaces",
            namespace,
            "tails",
            ..,
        ] => {
            return ("tail", namespace.to_owned());
        }
        ["accounts", _, "workers", "dispatch", "namespaces"] => {
            return ("namespace", String::new());
        }
        [
            "accounts",
            _,
            "workers",
            "scripts" | "services" | "workers",
            script,
            ref rest @ ..,
        ] => (script.to_owned(), rest),
        ["accounts", _, "storage", "kv", "namespaces", ref rest @ ..] => {
            return match rest {
                [] => ("kv_namespace", String::new()),
                [id] => ("kv_namespace", (*id).to_owned()),
                [id, "values", key @ ..] => ("kv_value", format!("{id}:{}", key.join("/"))),
                [id, ..] => ("kv_values", (*id).to_owned()),
            };
        }
        ["accounts", _, "workers", "assets", ..] => return ("assets", String::new()),
        ["accounts", _, "workers", "domains", ref rest @ ..] => {
            return ("domain", rest.join("/"));
        }
        ["zones", zone, "workers", "routes", ref rest @ ..] => {
            return ("route", format!("{zone}/{}", rest.join("/")));
        }
        ["zones", zone, "custom_hostnames", ref rest @ ..] => {
            return match rest {
                ["fallback_origin"] => ("fallback_origin", zone.to_owned()),
                [id, "certificate_pack", ..] => ("certificate", format!("{zone}/{id}")),
                rest => ("custom_hostname", format!("{zone}/{}", rest.join("/"))),
            };
        }
        ["zones" | "accounts", owner, "custom_csrs", ref rest @ ..] => {
            return ("custom_csr", format!("{owner}/{}", rest.join("/")));
        }
        _ => return ("account", path.chars().take(256).collect()),
    };
    match rest {
        [] => ("script", owner),
        ["secrets", name, ..] => ("secret", format!("{owner}:{name}")),
        ["secrets" | "secrets-bulk", ..] => ("secret", owner),
        ["tags", tag, ..] => ("tag", format!("{owner}:{tag}")),
        ["tags"] => ("tag", owner),
        ["settings" | "script-settings", ..] => ("settings", owner),
        ["content", ..] => ("script", owner),
        ["assets-upload-session", ..] => ("assets", owner),
        ["versions", ..] => ("version", owner),
        ["tails", ..] => ("tail", owner),
        ["deployments", ..] => ("deployment", owner),
        ["routes", ..] => ("route", owner),
        ["domains", ..] => ("domain", owner),
        _ => ("script", owner),
    }
}

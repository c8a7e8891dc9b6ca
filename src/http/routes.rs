//! Which operation a path and a method mean.

use axum::http::{HeaderValue, Method};
use matchit::Router;

use super::refused::{Refused, Step};
use crate::{error::Code, ops::Op};

/// What has no operation behind it and needs no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    /// The process lives.
    Health,
    /// The database answers.
    Ready,
    /// The OpenAPI document.
    OpenApi,
    /// The page for people, and what it loads.
    Docs,
    /// What hosted pages load.
    Asset,
}

/// One path.
pub(super) struct Route {
    /// As declared, for logs and metrics.
    pub(super) template: &'static str,
    target: Target,
    /// The methods that it has, as `Allow` lists them.
    pub(super) allow: HeaderValue,
}

enum Target {
    Page(Page),
    Checkout,
    Ops(Vec<(Method, Op)>),
}

/// What is behind a method of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Page(Page),
    Op(Op),
    /// A payer's page, which answers every method itself: people see it.
    Checkout,
    /// `OPTIONS`, which every path has.
    Options,
}

impl Route {
    /// What the method means here; `HEAD` is `GET`.
    pub(super) fn method(&self, method: &Method) -> Step<Found> {
        if matches!(self.target, Target::Checkout) {
            return Ok(Found::Checkout);
        }
        if method == Method::OPTIONS {
            return Ok(Found::Options);
        }
        let wanted = if method == Method::HEAD { &Method::GET } else { method };
        let found = match &self.target {
            Target::Page(page) => (wanted == Method::GET).then_some(Found::Page(*page)),
            Target::Checkout => Some(Found::Checkout),
            Target::Ops(ops) => ops
                .iter()
                .find(|(method, _)| method == wanted)
                .map(|(_, op)| Found::Op(*op)),
        };
        found.ok_or_else(|| {
            let allowed = self.allow.to_str().unwrap_or_default();
            Refused::new(
                Code::MethodNotAllowed,
                format!("{} does not have this method: use {allowed}", self.template),
            )
            .allow(self.allow.clone())
        })
    }
}

/// All paths.
pub(super) struct Routes {
    base_path: String,
    paths: Router<Route>,
}

impl Routes {
    /// The paths of every operation and page, below `base_path`; of pages alone
    /// with `only_pages`.
    #[expect(
        clippy::expect_used,
        reason = "the declarations are ours, and a test walks through them"
    )]
    pub(super) fn new(base_path: &str, only_pages: bool) -> Self {
        let trimmed = base_path.trim_matches('/');
        let base_path = if trimmed.is_empty() {
            String::new()
        } else {
            format!("/{trimmed}")
        };
        let mut routes: Vec<(&'static str, Target)> = vec![
            ("/checkout/{token}", Target::Checkout),
            ("/checkout/assets/{asset}", Target::Page(Page::Asset)),
        ];
        let operations = if only_pages { &[] } else { Op::ALL };
        if !only_pages {
            routes.extend([
                ("/healthz", Target::Page(Page::Health)),
                ("/readyz", Target::Page(Page::Ready)),
                ("/openapi.json", Target::Page(Page::OpenApi)),
                ("/docs", Target::Page(Page::Docs)),
                ("/docs/", Target::Page(Page::Docs)),
                ("/docs/{*asset}", Target::Page(Page::Docs)),
            ]);
        }
        for op in operations {
            let declared = op.declaration();
            let method = Method::from_bytes(declared.method.as_bytes()).expect("a declared method is one");
            for path in std::iter::once(declared.path).chain(declared.alias) {
                match routes.iter_mut().find(|(known, _)| *known == path) {
                    Some((_, Target::Ops(ops))) => ops.push((method.clone(), *op)),
                    _ => routes.push((path, Target::Ops(vec![(method.clone(), *op)]))),
                }
            }
        }
        let mut paths = Router::new();
        for (template, target) in routes {
            let allow = allow(&target);
            paths
                .insert(
                    template,
                    Route {
                        template,
                        target,
                        allow,
                    },
                )
                .expect("declared paths do not collide");
        }
        Self { base_path, paths }
    }

    /// What stands before every path.
    pub(super) fn base_path(&self) -> &str {
        &self.base_path
    }

    /// The path's route, and what stands at its `{…}`, still encoded.
    pub(super) fn find<'p>(&self, path: &'p str) -> Step<(&Route, Option<&'p str>)> {
        let inside = path
            .strip_prefix(self.base_path.as_str())
            .filter(|rest| rest.starts_with('/'));
        inside
            .and_then(|path| self.paths.at(path).ok())
            .map(|found| (found.value, found.params.iter().next().map(|(_, value)| value)))
            .ok_or_else(|| {
                Refused::new(
                    Code::RouteNotFound,
                    "no route has this path: /openapi.json lists them all",
                )
            })
    }
}

fn allow(target: &Target) -> HeaderValue {
    let mut methods = vec!["OPTIONS".to_owned()];
    match target {
        Target::Page(_) | Target::Checkout => methods.push("GET".to_owned()),
        Target::Ops(ops) => methods.extend(ops.iter().map(|(method, _)| method.to_string())),
    }
    if methods.iter().any(|method| method == "GET") {
        methods.push("HEAD".to_owned());
    }
    methods.sort_unstable();
    HeaderValue::try_from(methods.join(", ")).unwrap_or(HeaderValue::from_static("OPTIONS"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_found_at_its_declared_place() {
        for base_path in ["", "/api/billing", "/api/billing/"] {
            let routes = Routes::new(base_path, false);
            let prefix = base_path.trim_end_matches('/');
            for op in Op::ALL {
                let declared = op.declaration();
                for template in std::iter::once(declared.path).chain(declared.alias) {
                    let path = match template.split_once('{') {
                        Some((before, rest)) => format!("{before}plan%2Fx{}", rest.split_once('}').unwrap().1),
                        None => template.to_owned(),
                    };
                    let path = format!("{prefix}{path}");
                    let (route, id) = routes.find(&path).unwrap();
                    assert_eq!((route.template, id.is_some()), (template, declared.id_param.is_some()));
                    let method = Method::from_bytes(declared.method.as_bytes()).unwrap();
                    assert_eq!(route.method(&method).unwrap(), Found::Op(*op));
                    if method == Method::GET {
                        assert_eq!(route.method(&Method::HEAD).unwrap(), Found::Op(*op));
                    }
                }
            }
            assert!(routes.find(&format!("{prefix}/v1/customers/")).is_err());
            assert!(routes.find(&format!("{prefix}/v1/customers/../store")).is_err());
            assert!(routes.find(&format!("{prefix}v1/customers")).is_err());
        }
    }

    #[test]
    fn pages_can_be_all_there_is() {
        let routes = Routes::new("/x", true);
        let (page, token) = routes.find("/x/checkout/abc").unwrap();
        assert_eq!(
            (page.method(&Method::PUT).unwrap(), token),
            (Found::Checkout, Some("abc"))
        );
        let (asset, name) = routes.find("/x/checkout/assets/checkout.css").unwrap();
        assert_eq!(
            (asset.method(&Method::GET).unwrap(), name),
            (Found::Page(Page::Asset), Some("checkout.css"))
        );
        assert!(asset.method(&Method::POST).is_err());
        for other in [
            "/x/v1/store",
            "/x/healthz",
            "/x/docs",
            "/checkout/abc",
            "/x/checkout/a/b",
        ] {
            assert!(routes.find(other).is_err(), "{other}");
        }
    }
}

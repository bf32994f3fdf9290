//! Which role may call which route: every route stands here once, and what does
//! not stand here cannot be called.

use http::Method;

use crate::store::tokens::Role::{self, Auditor, Author, Founder, Operator};

const ALL: &[Role] = &Role::ALL;
const AUTHORS: &[Role] = &[Founder, Operator, Author];
const AUDITORS: &[Role] = &[Founder, Operator, Auditor];
const OPERATORS: &[Role] = &[Founder, Operator];
const FOUNDERS: &[Role] = &[Founder];

/// Who may open a gate; closing it takes less.
pub(in crate::admin) const OPENS_GATES: &[Role] = FOUNDERS;

/// Who may send what founders signed; the signatures are the authority.
pub(in crate::admin) const SIGNS: &[Role] = FOUNDERS;

/// The routes under `/admin/v1/` that the same roles may call.
const TABLE: &[(&[Role], &[&str])] = &[
    (
        ALL,
        &[
            "GET openapi.json",
            "GET policy",
            "GET policy/generations",
            "GET plugins",
            "GET plugins/{digest}",
            "GET changes",
            "GET changes/{id}",
            "GET changes/{id}/report",
            "GET founders",
            "GET gates",
        ],
    ),
    (
        AUTHORS,
        &[
            "POST plugins",
            "POST changes",
            "POST sandbox/check",
            "POST sandbox/diff",
            "POST sandbox/replay",
            "POST sandbox/evaluate",
            // What one began oneself.
            "GET work/{id}",
        ],
    ),
    (
        AUDITORS,
        &[
            "GET decisions",
            "GET decisions/{id}",
            "GET audit",
            "GET audit/chains",
        ],
    ),
    (
        OPERATORS,
        &[
            "POST policy/rollback",
            "GET shadow",
            "POST shadow",
            "DELETE shadow",
            "POST policy/generations/{generation}/revocation",
            // Closing; see `OPENS_GATES`.
            "PUT gates/{name}",
            // The first; see `SIGNS`.
            "POST founders",
            "GET tokens",
            // What one's own role holds; see `grantable`.
            "POST tokens",
            "DELETE tokens/{id}",
            "GET tenants",
            "POST tenants",
            "GET tenants/{id}",
            "PATCH tenants/{id}",
            "GET tenants/{id}/account",
            "GET tenants/{id}/ledger",
            "POST tenants/{id}/top-ups",
            "GET agents",
            "POST agents",
            "GET agents/{id}",
            "PATCH agents/{id}",
            "GET agents/{id}/keys",
            "POST agents/{id}/keys",
            "PATCH keys/{id}",
            "DELETE keys/{id}",
            "POST keys/{id}/rotate",
            "GET catalog",
            "PUT catalog",
            "PATCH models/{*slug}",
            "PATCH offers/{*id}",
        ],
    ),
    (SIGNS, &["POST authorizations"]),
    (
        FOUNDERS,
        &["DELETE policy/generations/{generation}/revocation"],
    ),
];

/// Every route with its roles: method, path, roles.
pub(in crate::admin) fn roles()
-> impl Iterator<Item = (&'static str, &'static str, &'static [Role])> {
    TABLE.iter().flat_map(|(roles, routes)| {
        let routes = routes.iter().filter_map(|route| route.split_once(' '));
        routes.map(|(method, path)| (method, path, *roles))
    })
}

/// Who may call `method` on the route of this template; none where there is no
/// such method.
pub(in crate::admin) fn may(method: &Method, path: &str) -> Option<&'static [Role]> {
    let method = match *method {
        Method::HEAD => "GET",
        ref other => other.as_str(),
    };
    of(path)
        .find(|(listed, _)| *listed == method)
        .map(|(_, roles)| roles)
}

/// The methods of the route of this template, as the header `allow` has them.
pub(super) fn methods(path: &str) -> String {
    let methods: Vec<_> = of(path).map(|(method, _)| method).collect();
    methods.join(",")
}

fn of(path: &str) -> impl Iterator<Item = (&'static str, &'static [Role])> {
    let path = path.strip_prefix("/admin/v1/").unwrap_or_default();
    roles()
        .filter(move |(_, listed, _)| *listed == path)
        .map(|(method, _, roles)| (method, roles))
}

/// The roles of tokens that one of this role may make and revoke: none has
/// rights beyond its maker's.
pub(in crate::admin) fn grantable(role: Role) -> &'static [Role] {
    match role {
        Founder => ALL,
        Operator => &[Operator, Author, Auditor],
        Author | Auditor => &[],
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn every_route_stands_here_once() {
        let described = crate::admin::described().into_openapi();
        let described = serde_json::to_value(described).unwrap();
        let paths = described["paths"].as_object().unwrap().iter();
        let mut there: Vec<_> = paths
            .flat_map(|(path, methods)| {
                let path = path.strip_prefix("/admin/v1/").unwrap();
                let methods = methods.as_object().unwrap().keys();
                methods.map(move |method| format!("{} {path}", method.to_uppercase()))
            })
            .collect();
        let mut here: Vec<_> = roles()
            .map(|(method, path, _)| format!("{method} {path}"))
            .collect();
        there.sort();
        here.sort();
        assert_eq!(here, there);
    }

    #[test]
    fn nobody_grants_more_than_they_have() {
        for role in Role::ALL {
            for granted in grantable(role) {
                for (method, path, allowed) in roles() {
                    let more = allowed.contains(granted) && !allowed.contains(&role);
                    assert!(!more, "{role} grants {granted}: {method} {path}");
                }
                let grants = grantable(*granted).iter();
                assert!(grants.clone().all(|g| grantable(role).contains(g)));
            }
        }
    }

    #[test]
    fn a_method_that_is_not_listed_is_none() {
        let path = "/admin/v1/policy";
        assert_eq!(may(&Method::GET, path), Some(ALL));
        assert_eq!(may(&Method::HEAD, path), Some(ALL));
        assert_eq!(may(&Method::DELETE, path), None);
        assert_eq!(may(&Method::GET, "/v1/policy"), None);
        assert_eq!(methods("/admin/v1/keys/{id}"), "PATCH,DELETE");
    }
}

//! The filters' world in Rust types.
//!
//! A filter is a composition of one component. This module has what `compose!` generates
//! from the world: [`Filter`], and the types of the WIT in `filter`.
#![allow(missing_docs, unreachable_pub)] // the WIT documents what needs it

composer::compose!({
    path: "../../wit/http-filter",
    composition: Filter,
    components: { filter: "composer:http-filter/http-filter" },
    exports: ["composer:http-filter/filter", "composer:http-filter/lifecycle"],
});

pub use filter::composer::http_filter::filter::{
    Allowance, Decision, Exchange, Exports, Header, HeaderOp, Onward, Phases, RedirectKind,
    Redirection, Reply, RequestBody, RequestBodyEnd, RequestHead, ResponseBody, ResponseBodyEnd,
    ResponseDecision, ResponseHead,
};

//! An HTTP gateway whose filters are WebAssembly components.
//!
//! A TOML file says which path goes to which upstream, and through which filters. A
//! filter is a component of the world `composer:http-filter/http-filter`
//! (`wit/http-filter`): it sees a request's head, and on demand the body, the response's
//! head and its body, and allows, changes, blocks or redirects. Each instance of a filter
//! has a store of its own, with limits, and fails alone. When the file or a component
//! changes, new requests go through new filters, and those in flight finish with the old
//! ones.
//!
//! | module | content |
//! |---|---|
//! | [`config`] | the configuration file |
//! | [`error`] | errors before the first request |
//! | [`wit`] | the filters' world in Rust types |
//! | [`pool`] | the instances of one filter |
//! | [`fault`] | the reasons why a filter has no usable answer |
//! | [`verdict`] | a filter's answers, checked and translated to HTTP |
//! | [`chain`] | the filters of a route, one after the other |
//! | [`site`] | the routes and running filters of one version of the file |
//! | [`stamps`] | detection of changed files |
//! | [`reload`] | the gateway: one site after the other |
//! | [`headers`] | changes that every proxy makes to heads |
//! | [`body`] | bodies of requests and responses |
//! | [`filtered`] | bodies on their way through filters |
//! | [`proxy`] | the path of a request |
//! | [`server`] | connections |
//! | [`upstream`] | a small upstream to try all this with |
//! | [`demo`] | a few requests that show it at work |

pub mod body;
pub mod chain;
pub mod config;
pub mod demo;
pub mod error;
pub mod fault;
pub mod filtered;
pub mod headers;
pub mod pool;
pub mod proxy;
pub mod reload;
pub mod server;
pub mod site;
pub mod stamps;
pub mod upstream;
pub mod verdict;
pub mod wit;
